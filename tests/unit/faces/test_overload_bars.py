"""The flood fails when whoever is turned away is not told when to come again, or waits long to be told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))
import overload

FLOOD = {
    "asked": 4_800.0,
    "goodput": 900.0,
    "busy": 1_000,
    "hinted": 1_000,
    "away_timed": 1_000,
    "away_p99": 170,
    "other": 0,
    "socket": 0,
}


def missed(
    memory: tuple[float, float] = (600, 610), samples: tuple[float, ...] = (), **other: float
) -> set[str]:
    rounds = [overload.Round(flood={**FLOOD, **other}, peak=1000.0)]
    found = overload.judge(rounds, times=5, memory=list(memory), samples=list(samples))
    return {bar.what for bar in found if not bar.passed}


def test_a_shop_that_turns_away_at_once_passes() -> None:
    assert missed() == set()
    assert missed(samples=(400, 600, 601, 602)) == set()


def test_what_counts_is_the_median_of_all_floods_and_every_answer_of_each() -> None:
    def of(**other: float) -> overload.Round:
        return overload.Round(flood={**FLOOD, **other}, peak=1000.0)

    floods = [of(), of(), of(goodput=300.0, asked=2_000.0)]
    assert all(bar.passed for bar in overload.judge(floods, times=5, memory=[600, 600], samples=[]))
    floods[2] = of(hinted=999)
    found = overload.judge(floods, times=5, memory=[600, 600], samples=[])
    assert [bar.what for bar in found if not bar.passed] == ["turned away without Retry-After"]


@pytest.mark.parametrize(
    ("seen", "what"),
    [
        ({"goodput": 799.0}, "goodput, of the peak"),
        ({"asked": 4_000.0}, "asked, of what the peak was"),
        ({"hinted": 999}, "turned away without Retry-After"),
        ({"away_p99": 1_001}, "turned away within (p99)"),
        # Answers that bear no time tell nothing of how late they are.
        ({"away_timed": 10}, "turned away within (p99)"),
        # Nobody turned away at five times the peak: no flood was there, or nobody was told to wait.
        ({"busy": 0, "hinted": 0, "away_timed": 0, "away_p99": -1}, "turned away within (p99)"),
        ({"other": 1}, "answered otherwise"),
        ({"socket": 1}, "connections that broke"),
        ({"memory": (600, 631)}, "memory that stays after the flood"),
        ({"samples": (600, 600, 600, 631)}, "memory that a soak adds"),
    ],
)
def test_each_bar_is_missed_by_itself(seen: dict[str, float], what: str) -> None:
    assert missed(**seen) == {what}
