"""A rehearsal's bars: reached, missed, and never reached by a figure that is not there."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from daji.faces.cli.rehearsing import bars


@pytest.mark.parametrize(
    ("bar", "passed"),
    [
        (bars.exactly("lost", 0), True),
        (bars.exactly("lost", 1), False),
        (bars.exactly("sold", 500, 500), True),
        (bars.at_most("back", 10.0, 10, "s"), True),
        (bars.at_most("back", 10.1, 10, "s"), False),
        (bars.at_most("back", None, 10, "s"), False),
        (bars.at_least("goodput", 0.8, 0.8), True),
        (bars.at_least("goodput", 0.79, 0.8), False),
        (bars.at_least("goodput", None, 0.8), False),
    ],
)
def test_a_bar_is_reached_or_missed(bar: bars.Bar, passed: bool) -> None:
    assert bar.passed is passed


def test_one_missed_bar_misses_all_and_none_at_all_is_no_pass(tmp_path: Path) -> None:
    kept = tmp_path / "verdict.json"
    missed = bars.judge("play", (bars.exactly("lost", 0), bars.at_most("back", 11, 10, "s")), {"orders": 7})
    assert bars.finish(missed, json_file=kept) == 1
    assert msgspec.json.decode(kept.read_bytes(), type=bars.Verdict) == missed
    assert bars.finish(bars.judge("play", (bars.exactly("lost", 0),), {}), json_file=None) == 0
    assert bars.finish(bars.judge("play", (), {}), json_file=None) == 1
