"""The figures as a picture for the README: bars on a logarithmic scale, readable on light and on dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from table import PEERS, Figure

CONNECTIONS = 16
LEAST, MOST = 1.0, 30_000.0
LEFT, WIDE, ROW, TOP = 150, 520, 62, 74
_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
.t { font-size: 16px; font-weight: 600 } .s { font-size: 12px; fill: #57606a } .n { font-weight: 600 }
.kept { fill: #0a7d5c } .new { fill: #79b8a3 } .peer { fill: #afb8c1 }
.grid { stroke: #d0d7de } .bar { stroke: #c2410c; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .s { fill: #9198a1 } .kept { fill: #3fb68b } .new { fill: #2b6f5a } .peer { fill: #59636e }
  .grid { stroke: #30363d } .bar { stroke: #fb923c }
}
"""


def draw(figures: Sequence[Figure], result: dict[str, Any]) -> str:
    """An SVG of the medians at 16 connections, or at the most there are."""
    most = max((one.connections for one in figures), default=CONNECTIONS)
    at = CONNECTIONS if any(one.connections == CONNECTIONS for one in figures) else most
    chosen = [one for one in figures if one.connections == at]
    names = [name for name in PEERS if any(one.name == name for one in chosen)]
    high = TOP + ROW * len(names) + 64
    said = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + 130} {high}" role="img">',
        f'<title id="t">Requests a second at {at} connections</title>',
        f'<desc id="d">{escape("; ".join(_said(name, chosen) for name in names))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text class="t" x="16" y="26">Requests a second, {at} connections</text>',
        *_legend(cold=any(not one.kept for one in chosen)),
        *_grid(high - 56),
    ]
    for n, name in enumerate(names):
        said += _row(name, chosen, TOP + ROW * n)
    said += [
        f'<text class="s" x="16" y="{high - 22}">{escape(_conditions(result))}</text>',
        f'<text class="s" x="16" y="{high - 6}">{escape(result["command"])}</text>',
        "</svg>",
    ]
    return "\n".join(said) + "\n"


def _conditions(result: dict[str, Any]) -> str:
    return (
        f"{result['date'][:10]} · {result['machine']}; shop, database and load on it · {result['products']} products · "
        "logarithmic"
    )


def _said(name: str, chosen: Sequence[Figure]) -> str:
    rates = [f"{one.rate.median:.0f}{'' if one.kept else ' new'}" for one in chosen if one.name == name]
    peer, theirs, _, _ = PEERS[name]
    return f"{name}: {', '.join(rates)}" + (f", {peer} {theirs:.0f}" if theirs else "")


def _x(rate: float) -> float:
    share = math.log(max(rate, LEAST) / LEAST) / math.log(MOST / LEAST)
    return LEFT + WIDE * min(share, 1.0)


def _legend(*, cold: bool) -> list[str]:
    shown = [("kept", "Daji"), *([("new", "Daji, nothing kept")] if cold else []), ("peer", "best peer")]
    said, x = [], 16
    for kind, words in shown:
        said.append(f'<rect class="{kind}" x="{x}" y="40" width="12" height="12" rx="2"/>')
        said.append(f'<text class="s" x="{x + 18}" y="50">{words}</text>')
        x += 40 + 7 * len(words)
    said.append(f'<line class="bar" x1="{x + 6}" y1="38" x2="{x + 6}" y2="54"/>')
    said.append(f'<text class="s" x="{x + 16}" y="50">first bar</text>')
    return said


def _grid(bottom: int) -> list[str]:
    said = []
    for power in range(5):
        x = _x(10**power)
        said.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}"/>')
        said.append(f'<text class="s" x="{x + 3:.1f}" y="{bottom + 4}">{10**power:,}</text>')
    return said


def _row(name: str, chosen: Sequence[Figure], y: int) -> list[str]:
    peer, theirs, bar, _ = PEERS[name]
    bars = [("kept" if one.kept else "new", one.rate.median, "") for one in chosen if one.name == name]
    if theirs:
        bars.append(("peer", theirs, f" {peer}"))
    said = [f'<text class="n" x="16" y="{y + 19}">{escape(name)}</text>']
    for n, (kind, rate, who) in enumerate(bars):
        top, end = y + 4 + 16 * n, _x(rate)
        said.append(
            f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="13" rx="2"/>'
            f'<text class="s" x="{end + 6:.1f}" y="{top + 11}">{rate:,.0f}{who}</text>'
        )
    said.append(f'<line class="bar" x1="{_x(bar):.1f}" y1="{y + 1}" x2="{_x(bar):.1f}" y2="{y + 21}"/>')
    return said
