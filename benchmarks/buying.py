"""Carts and whole orders under load: every buyer is a guest who types an address and pays in the sandbox."""

from __future__ import annotations

import json
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from reads import Rate
from running import House

SCRIPT = Path(__file__).with_name("buyers.lua")
MOST_SECONDS = 600
ADDRESS = {
    "name": "林小满",
    "phone": "+8613800138000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "line": "文三路 100 号",
    "postcode": "310012",
}
QUOTE = {"address": ADDRESS, "contact": {"name": "林小满", "phone": "+8613800138000"}}


@dataclass
class Tally:
    """What came of the attempts: seconds of each success, refusals by code."""

    seconds: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0
    last: float = 0.0
    """When the last success came."""

    @property
    def rate(self) -> float:
        return len(self.seconds) / max(self.ended - self.began, 1e-9)

    def percentile(self, share: float) -> float:
        """Milliseconds; 0 when nothing succeeded."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def run_for(house: House, skus: list[str], *, buyers: int, seconds: float, whole: bool, seed: int) -> Tally:
    """Let `buyers` buy two different SKUs each, again and again, until the time is over."""
    return _drive(house, skus, buyers=buyers, whole=whole, seed=seed, seconds=seconds, lines=2)


def rush(house: House, sku: str, *, buyers: int, attempts: int) -> Tally:
    """Let `buyers` at a time try for one SKU, one piece each, `attempts` in all."""
    return _drive(
        house, [sku], buyers=buyers, whole=True, seed=1, seconds=MOST_SECONDS, lines=1, attempts=attempts
    )


def _drive(
    house: House,
    skus: list[str],
    *,
    buyers: int,
    whole: bool,
    seed: int,
    seconds: float,
    lines: int,
    attempts: int = -1,
) -> Tally:
    """Let wrk be the buyers; what they tell. Raises RuntimeError without wrk, or when it says nothing."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not on PATH (Debian and Ubuntu: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "skus").write_text("\n".join(skus) + "\n")
        (folder / "quote").write_text(json.dumps(QUOTE, ensure_ascii=False) + "\n", encoding="utf-8")
        command = [wrk, f"-t{buyers}", f"-c{buyers}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
        command += ["-s", str(SCRIPT), house.url, "--", "whole" if whole else "cart"]
        command += [str(lines), str(seed), str(attempts), str(folder), str(buyers)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            while attempts >= 0 and process.poll() is None:
                if len(list(folder.glob("done-*"))) == buyers:
                    # wrk would sleep for as long as it was told to.
                    process.send_signal(signal.SIGINT)
                    break
                time.sleep(0.1)
            said = process.communicate()[0]
    line = re.search(r"^\{.*\}$", said, re.MULTILINE)
    if line is None:
        raise RuntimeError(f"wrk said:\n{said}")
    found = json.loads(line[0])
    return Tally(
        seconds=found["seconds"],
        refused=Counter(found["refused"]),
        began=found["began"],
        ended=found["ended"],
        last=found["last"],
    )


def rate_of(tallies: list[Tally]) -> Rate:
    rates = sorted(tally.rate for tally in tallies)
    return Rate(
        low=rates[0],
        median=statistics.median(rates),
        high=rates[-1],
        p50=statistics.median(tally.percentile(0.5) for tally in tallies),
        p99=statistics.median(tally.percentile(0.99) for tally in tallies),
        errors=sum(tally.refused.total() for tally in tallies),
        count=sum(len(tally.seconds) for tally in tallies),
    )
