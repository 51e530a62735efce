"""Reads under load: wrk drives, each request another product, category or word."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from running import House

_SCRIPT = """
local paths = {}
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
local n = math.random(#paths)
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n])
end
done = function(summary, latency)
  io.write(string.format('{"requests":%%d,"us":%%d,"p50":%%d,"p99":%%d,"status":%%d,"socket":%%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Rate:
    """Requests per second over the runs, and the median run's latencies in ms; `errors` and `count` are sums."""

    low: float
    median: float
    high: float
    p50: float
    p99: float
    errors: int
    count: int


def measure(house: House, paths: list[str], *, connections: int, seconds: int, runs: int) -> Rate:
    """Ask for the paths in turn over kept connections; raises as `drive`."""
    found = [drive(house.url, _SCRIPT, paths, connections=connections, seconds=seconds) for _ in range(runs)]
    rates = sorted(one["requests"] / one["us"] * 1e6 for one in found)
    return Rate(
        low=rates[0],
        median=statistics.median(rates),
        high=rates[-1],
        p50=statistics.median(one["p50"] / 1000 for one in found),
        p99=statistics.median(one["p99"] / 1000 for one in found),
        errors=sum(one["status"] + one["socket"] for one in found),
        count=sum(one["requests"] for one in found),
    )


def drive(
    url: str, script: str, paths: list[str], *, connections: int, seconds: float, **more: int
) -> dict[str, int]:
    """Let wrk run a script, in which `%(paths)s` is the file of the paths and `more` what else it names; what it printed.

    Raises
    ------
    RuntimeError
        When wrk is missing, or its script printed no line of JSON.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not on PATH (Debian and Ubuntu: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as folder:
        listed, written = Path(folder) / "paths", Path(folder) / "load.lua"
        listed.write_text("\n".join(paths) + "\n")
        written.write_text(script % {"paths": listed, **more})
        command = [
            wrk,
            "-t1",
            f"-c{connections}",
            f"-d{seconds:.0f}s",
            "--timeout",
            "30s",
            "-s",
            str(written),
        ]
        said = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    line = re.search(r"^\{.*\}$", said, re.MULTILINE)
    if line is None:
        raise RuntimeError(f"wrk said:\n{said}")
    found: dict[str, int] = json.loads(line[0])
    return found
