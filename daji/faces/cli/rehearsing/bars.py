"""What a rehearsal must reach: each bar beside the figure that was seen, as a table for people and as JSON for programs.

Every rehearsal writes the same form: `name`, `passed`, `bars` and, under `figures`, whatever else it saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """One bar: what was measured, what it must be in words, what it was; `figure` None when it could not be measured."""

    what: str
    must: str
    figure: float | None
    passed: bool
    unit: str = ""

    @property
    def shown(self) -> str:
        if self.figure is None:
            return "not measured"
        number = f"{self.figure:,.0f}" if float(self.figure).is_integer() else f"{self.figure:,.2f}"
        return f"{number} {self.unit}".rstrip()


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal hands on: its bars, and all figures that it saw beside them."""

    name: str
    passed: bool
    bars: tuple[Bar, ...]
    figures: dict[str, Any] = {}


def exactly(what: str, figure: float, wanted: float = 0) -> Bar:
    """A count that has one right value."""
    return Bar(what=what, must=f"{wanted:,}", figure=figure, passed=figure == wanted)


def at_most(what: str, figure: float | None, most: float, unit: str = "") -> Bar:
    """A figure with an upper bound; unmeasured is missed."""
    passed = figure is not None and figure <= most
    return Bar(what=what, must=f"≤ {most:g} {unit}".rstrip(), figure=_short(figure), passed=passed, unit=unit)


def at_least(what: str, figure: float | None, least: float, unit: str = "") -> Bar:
    """A figure with a lower bound; unmeasured is missed."""
    passed = figure is not None and figure >= least
    return Bar(
        what=what, must=f"≥ {least:g} {unit}".rstrip(), figure=_short(figure), passed=passed, unit=unit
    )


def judge(name: str, bars: Sequence[Bar], figures: Mapping[str, Any]) -> Verdict:
    """All bars together; no bar at all is no pass."""
    passed = bool(bars) and all(bar.passed for bar in bars)
    return Verdict(name=name, passed=passed, bars=tuple(bars), figures=dict(figures))


def show(verdicts: Sequence[Verdict], *, console: Console | None = None, title: str | None = None) -> None:
    """One table: what, bar, figure, passed."""
    several = len(verdicts) > 1
    table = Table(*(("rehearsal",) if several else ()), "what", "must be", "is", "", title=title)
    table.columns[-2].justify = "right"
    for verdict in verdicts:
        for number, bar in enumerate(verdict.bars):
            name = (verdict.name if number == 0 else "",) if several else ()
            mark = "[green]✓[/]" if bar.passed else "[red]✗[/]"
            table.add_row(*name, bar.what, bar.must, bar.shown, mark, end_section=bar is verdict.bars[-1])
    (console or Console(width=110)).print(table)


def finish(verdict: Verdict, *, json_file: Path | None) -> int:
    """Show it, keep it where it was asked for, and give the exit code: 0 when every bar was reached."""
    show([verdict], title=verdict.name)
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return 0 if verdict.passed else 1


def _short(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)
