"""Five times more than can be answered: how much is still answered, how quickly the rest is sent away, and what it costs.

Usage: ``python benchmarks/overload.py [--seconds 6] [--times 5] [--kind pages|data] [--soak MINUTES] [--json FILE]``

Opens a shop in production mode with the answers kept for visitors switched off, so that every request works on the
database: product pages, or with `--kind data` their JSON, an answer so cheap that four refusals cost as much as it does. First the peak: closed loops at 8, 16 and 32 connections. Then the flood: hundreds of connections that together ask
`times` as often as the peak, whatever is answered: short ones, each between two calm spells, since machines are not the
same from one minute to the next. Goodput is what was answered with 200, beside the spells around it; of all floods the median counts. `--soak` goes on at two thirds of the
peak for that long and watches the memory. Each request carries an id with its time, which every answer repeats: so the
answers of those who were turned away are timed apart. Exit code 1 when a bar is missed: less than 80 % of the peak is answered
in the flood, a 503 has no Retry-After or 1 in 100 of them comes late, anything else is answered, or memory stays more than
5 % higher.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import running
from reads import drive

from daji.faces.cli.rehearsing import bars

LEAST_GOODPUT = 80.0
"""Percent of the peak."""
LEAST_ASKED = 0.9
"""Of what was to be asked: a flood that was none proves nothing."""
MOST_AWAY_MS = 1000.0
"""For 99 in 100 of those who are turned away: who is told to come again must be told at once."""
MOST_GROWTH = 5.0
"""Percent."""
CONNECTIONS = (8, 16, 32)
ROUNDS = 15
FLOOD_CONNECTIONS = 400
"""Three times what the processes take in; of thousands, the generator's own book-keeping would take a tenth of the machine."""
TRIALS = 3
SETTLING_SECONDS = 2
"""After a flood, until those whom it left waiting are served: the spell that follows is to be calm."""
SAMPLE_SECONDS = 15
SETTLED = 4
"""The part of a soak's samples before which nothing counts is one in so many: caches fill."""

_SCRIPT = """
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long n; } moment; int clock_gettime(int, moment *);")
local moment = ffi.new("moment")
local function milliseconds()
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.s) * 1000 + math.floor(tonumber(moment.n) / 1000000)
end
local paths, threads = {}, {}
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
local n = math.random(#paths)
ok, busy, other, hinted = 0, 0, 0, 0
okms, busyms = {}, {}
setup = function(thread) table.insert(threads, thread) end
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n], {["X-Request-Id"] = string.format("at-%%012d", milliseconds())})
end
if %(delay)d > 0 then delay = function() return math.random(0, 2 * %(delay)d) end end
local function note(times, headers)
  local at = string.match(headers["x-request-id"] or "", "^at%%-(%%d+)$")
  if at then
    local took = milliseconds() - tonumber(at)
    times[took] = (times[took] or 0) + 1
  end
end
response = function(status, headers)
  if status == 200 then
    ok = ok + 1
    note(okms, headers)
  elseif status == 503 then
    busy = busy + 1
    note(busyms, headers)
    if headers["retry-after"] then hinted = hinted + 1 end
  else other = other + 1 end
end
local function percentiles(name)
  local times, sum, all = {}, 0, {}
  for _, thread in ipairs(threads) do
    for took, count in pairs(thread:get(name)) do times[took] = (times[took] or 0) + count end
  end
  for took, count in pairs(times) do
    all[#all + 1] = took
    sum = sum + count
  end
  table.sort(all)
  local half, most, seen = -1, -1, 0
  for _, took in ipairs(all) do
    seen = seen + times[took]
    if half < 0 and seen >= sum * 0.5 then half = took end
    if most < 0 and seen >= sum * 0.99 then most = took end
  end
  return half, most, sum
end
done = function(summary, latency)
  local sums = {ok = 0, busy = 0, other = 0, hinted = 0}
  for _, thread in ipairs(threads) do
    for name, sum in pairs(sums) do sums[name] = sum + thread:get(name) end
  end
  local p50, p99, timed = percentiles("okms")
  local away50, away99, awaytimed = percentiles("busyms")
  io.write(string.format('{"us":%%d,"ok":%%d,"busy":%%d,"hinted":%%d,"other":%%d,"p50":%%d,"p99":%%d,"timed":%%d,',
    summary.duration, sums.ok, sums.busy, sums.hinted, sums.other, p50, p99, timed))
  io.write(string.format('"away_p50":%%d,"away_p99":%%d,"away_timed":%%d,"mean_us":%%d,"socket":%%d}\\n',
    away50, away99, awaytimed, latency.mean,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


def load(
    url: str, paths: list[str], *, connections: int, seconds: float, delay_ms: int = 0
) -> dict[str, float]:
    """Counts of a run, rates a second and milliseconds (-1 where nothing was timed); raises as `reads.drive`."""
    found = drive(url, _SCRIPT, paths, connections=connections, seconds=seconds, delay=delay_ms)
    lasted = found["us"] / 1e6
    return {
        **found,
        "goodput": found["ok"] / lasted,
        "asked": (found["ok"] + found["busy"] + found["other"]) / lasted,
    }


class Flood:
    """Asks so and so often a second. What an answer takes comes off each pause, as the last flood found it."""

    def __init__(self, url: str, paths: list[str]) -> None:
        self._url, self._paths = url, paths
        self._taken = 0.0

    def ask(self, *, wanted: float, seconds: float) -> dict[str, float]:
        each = 1000 * FLOOD_CONNECTIONS / wanted
        pause = max(1, round(each - self._taken))
        found = load(self._url, self._paths, connections=FLOOD_CONNECTIONS, seconds=seconds, delay_ms=pause)
        self._taken = 1000 * FLOOD_CONNECTIONS / found["asked"] - pause
        return found


def paths_of(url: str, kind: str) -> list[str]:
    """Products as a reader asks for them, or as an app does."""
    listed: Any = running.get(f"{url}/store/v1/products?limit=50")
    before = "/zh/p/" if kind == "pages" else "/store/v1/products/"
    return [before + one["slug"] for one in listed["items"]]


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


@dataclass(frozen=True, kw_only=True)
class Round:
    """A flood, and what was answered a second in the spells before and after it."""

    flood: dict[str, float]
    peak: float

    @property
    def goodput(self) -> float:
        """Percent of the peak."""
        return 100 * self.flood["goodput"] / self.peak

    @property
    def asked(self) -> float:
        return self.flood["asked"] / self.peak


def judge(
    rounds: Sequence[Round], *, times: float, memory: list[float], samples: list[float]
) -> list[bars.Bar]:
    """What must hold; `memory` in megabytes before the floods and after them, `samples` those of the soak."""
    floods = [one.flood for one in rounds]
    away = sum(one["busy"] for one in floods)
    untimed = away - sum(one["away_timed"] for one in floods)
    late = max(one["away_p99"] for one in floods) if away and not untimed else None
    found = [
        bars.at_least(
            "asked, of what the peak was",
            statistics.median(one.asked for one in rounds),
            LEAST_ASKED * times,
            "x",
        ),
        bars.at_least(
            "goodput, of the peak", statistics.median(one.goodput for one in rounds), LEAST_GOODPUT, "%"
        ),
        bars.exactly("turned away without Retry-After", away - sum(one["hinted"] for one in floods)),
        bars.at_most("turned away within (p99)", late, MOST_AWAY_MS, "ms"),
        bars.exactly("answered otherwise", sum(one["other"] for one in floods)),
        bars.exactly("connections that broke", sum(one["socket"] for one in floods)),
        bars.at_most("memory that stays after the flood", grown(*memory), MOST_GROWTH, "%"),
    ]
    if samples:
        settled = samples[len(samples) // SETTLED :]
        soaked = grown(settled[0], settled[-1])
        found.append(bars.at_most("memory that a soak adds", soaked, MOST_GROWTH, "%"))
    return found


def told(one: Round) -> str:
    flood = one.flood
    return (
        f"flood       {flood['goodput']:7.0f} answered/s ({one.goodput:.0f} %) of {flood['asked']:.0f} asked/s"
        f" ({one.asked:.1f} x), p50 {flood['p50']:.0f} ms, p99 {flood['p99']:.0f} ms; {flood['busy']:.0f} turned away,"
        f" p50 {flood['away_p50']:.0f} ms, p99 {flood['away_p99']:.0f} ms; {one.peak:.0f} answered/s around it"
    )


def grown(before: float, after: float) -> float:
    """Percent."""
    return 100 * (after / before - 1)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Ask for more than can be answered.")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--times", type=float, default=5)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES")
    parser.add_argument("--kind", choices=("pages", "data"), default="pages")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with running.open_house(options.workers, DAJI_KEPT="off") as house:
        paths = paths_of(house.url, options.kind)
        load(house.url, paths, connections=8, seconds=5)
        runs = {n: load(house.url, paths, connections=n, seconds=options.seconds) for n in CONNECTIONS}
        best = max(runs, key=lambda n: runs[n]["goodput"])
        peak = runs[best]["goodput"]
        print(
            f"peak        {peak:7.0f} answered/s with {best} connections, p99 {runs[best]['p99']:.0f} ms",
            flush=True,
        )
        flood = Flood(house.url, paths)
        # The first ones fill what every process keeps for its connections, and find the pause.
        for _ in range(TRIALS):
            flood.ask(wanted=peak * options.times, seconds=options.seconds)
            time.sleep(SETTLING_SECONDS)
        calm = load(house.url, paths, connections=best, seconds=options.seconds)
        before = house.usage().memory / 1e6
        rounds = []
        for _ in range(ROUNDS):
            found = flood.ask(wanted=calm["goodput"] * options.times, seconds=options.seconds)
            time.sleep(SETTLING_SECONDS)
            spell, calm = calm, load(house.url, paths, connections=best, seconds=options.seconds)
            rounds.append(Round(flood=found, peak=(spell["goodput"] + calm["goodput"]) / 2))
            print(told(rounds[-1]), flush=True)
        after = house.usage().memory / 1e6
        print(f"afterwards  memory {before:.0f} -> {after:.0f} MB", flush=True)
        lasting = statistics.median(one.peak for one in rounds)
        samples = soak(house, paths, peak=lasting, minutes=options.soak) if options.soak else []
    verdict = judge(rounds, times=options.times, memory=[before, after], samples=samples)
    figures = {
        "peak": runs,
        "floods": [one.flood | {"peak": one.peak} for one in rounds],
        "memory": [before, after],
        "soak": samples,
    }
    return bars.finish(bars.judge("overload", verdict, figures), json_file=options.json)


if __name__ == "__main__":
    sys.exit(main())
