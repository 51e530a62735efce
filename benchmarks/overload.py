"""Five times more than can be answered: how much is still answered, how quickly the rest is sent away, and what it costs.

Usage: ``python benchmarks/overload.py [--seconds 15] [--times 5] [--soak MINUTES] [--json FILE]``

Opens a shop in production mode with the answers kept for visitors switched off, so that every request works on the
database. First the peak: closed loops at 8, 16 and 32 connections. Then the flood: a thousand connections that together ask
`times` as often as the peak, whatever is answered. Goodput is what was answered with 200. `--soak` goes on at two thirds of the
peak for that long and watches the memory. Exit code 1 when less than 80 % of the peak is answered in the flood, or when memory
grew by more than 5 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import running
from reads import drive

LEAST_GOODPUT = 0.8
MOST_GROWTH = 0.05
CONNECTIONS = (8, 16, 32)
FLOOD_CONNECTIONS = 1000
SAMPLE_SECONDS = 15

_SCRIPT = """
local paths, threads = {}, {}
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
local n = math.random(#paths)
ok, busy, other, hinted = 0, 0, 0, 0
setup = function(thread) table.insert(threads, thread) end
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n])
end
if %(delay)d > 0 then delay = function() return math.random(0, 2 * %(delay)d) end end
response = function(status, headers)
  if status == 200 then ok = ok + 1
  elseif status == 503 then
    busy = busy + 1
    if headers["retry-after"] then hinted = hinted + 1 end
  else other = other + 1 end
end
done = function(summary, latency)
  local sums = {ok = 0, busy = 0, other = 0, hinted = 0}
  for _, thread in ipairs(threads) do
    for name, sum in pairs(sums) do sums[name] = sum + thread:get(name) end
  end
  io.write(string.format('{"us":%%d,"ok":%%d,"busy":%%d,"hinted":%%d,"other":%%d,"p50":%%d,"p99":%%d,"socket":%%d}\\n',
    summary.duration, sums.ok, sums.busy, sums.hinted, sums.other, latency:percentile(50), latency:percentile(99),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


def load(
    url: str, paths: list[str], *, connections: int, seconds: float, delay_ms: int = 0
) -> dict[str, float]:
    """Counts of a run, rates a second and milliseconds; raises as `reads.drive`."""
    found = drive(url, _SCRIPT, paths, connections=connections, seconds=seconds, delay=delay_ms)
    lasted = found["us"] / 1e6
    return {
        **found,
        "goodput": found["ok"] / lasted,
        "asked": (found["ok"] + found["busy"] + found["other"]) / lasted,
        "p50": found["p50"] / 1000,
        "p99": found["p99"] / 1000,
    }


def paths_of(url: str) -> list[str]:
    listed: Any = running.get(f"{url}/store/v1/products?limit=50")
    return [f"/store/v1/products/{one['slug']}" for one in listed["items"]]


def soak(house: running.House, paths: list[str], *, peak: float, minutes: float) -> list[float]:
    """Megabytes of all processes, sampled while two thirds of the peak are asked for."""
    connections = 32
    delay = round(1000 * connections / (peak * 2 / 3))
    samples = []
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        load(house.url, paths, connections=connections, seconds=SAMPLE_SECONDS, delay_ms=delay)
        samples.append(house.usage().memory / 1e6)
        print(f"  {samples[-1]:7.0f} MB", flush=True)
    return samples


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Ask for more than can be answered.")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--times", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with running.open_house(options.workers, DAJI_KEPT="off") as house:
        paths = paths_of(house.url)
        load(house.url, paths, connections=8, seconds=5)
        runs = {n: load(house.url, paths, connections=n, seconds=options.seconds) for n in CONNECTIONS}
        best = max(runs, key=lambda n: runs[n]["goodput"])
        peak = runs[best]["goodput"]
        print(
            f"peak        {peak:7.0f} answered/s with {best} connections, p99 {runs[best]['p99']:.0f} ms",
            flush=True,
        )
        before = house.usage().memory / 1e6
        delay = round(1000 * FLOOD_CONNECTIONS / (peak * options.times))
        flood = load(
            house.url, paths, connections=FLOOD_CONNECTIONS, seconds=2 * options.seconds, delay_ms=delay
        )
        after = house.usage().memory / 1e6
        share = flood["goodput"] / peak
        print(
            f"flood       {flood['goodput']:7.0f} answered/s ({share:.0%} of the peak) of {flood['asked']:.0f} asked/s;"
            f" {flood['busy']:.0f} sent away, {flood['hinted']:.0f} with Retry-After, {flood['other']:.0f} otherwise;"
            f" p50 {flood['p50']:.0f} ms, p99 {flood['p99']:.0f} ms, {flood['socket']:.0f} socket errors"
        )
        calm = load(house.url, paths, connections=best, seconds=options.seconds)
        print(f"afterwards  {calm['goodput']:7.0f} answered/s; memory {before:.0f} -> {after:.0f} MB")
        samples = soak(house, paths, peak=peak, minutes=options.soak) if options.soak else []
    growth = samples[-1] / samples[len(samples) // 4] - 1 if samples else 0.0
    if samples:
        print(f"soak        {options.soak:g} minutes: memory grew by {growth:.1%} since its first quarter")
    if options.json:
        found = {"peak": runs, "flood": flood, "afterwards": calm, "memory": [before, after], "soak": samples}
        options.json.write_text(json.dumps(found, indent=2))
    return 0 if share >= LEAST_GOODPUT and growth <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
