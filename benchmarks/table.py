"""What was measured, as a row of the table and as JSON, beside the peers and the bars."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from reads import Rate

# Requests per second of the best peer at 16 connections, and this project's first bar and aim.
PEERS: dict[str, tuple[str, float | None, float, float]] = {
    "list of 20": ("Saleor", 17, 2000, 7000),
    "category of 20": ("Vendure", 96, 3000, 9600),
    "product (JSON)": ("Vendure", 129, 3000, 9600),
    "product (HTML)": ("none", None, 1000, 3000),
    "search": ("Saleor", 17, 1000, 3000),
    "cart of 2 lines": ("Vendure", 20, 400, 2000),
    "order, paid": ("Vendure", 9, 150, 600),
    # By a means that the shop settles by itself, as the peers' dummy and manual payments are: no gateway, no signatures.
    "order, at till": ("Vendure", 9, 150, 600),
}
ORDER, AT_TILL = "order, paid", "order, at till"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One kind of work at one number of connections; `kept` False: with `DAJI_KEPT=off`.

    `statements` and `cpu_ms` (by part of the shop, the load generator left out) are for one request.
    """

    name: str
    connections: int
    kept: bool
    rate: Rate
    statements: float
    cpu_ms: dict[str, float]

    @staticmethod
    def head() -> str:
        return (
            f"{'':16}{'':6}{'conn':>4}  {'min':>7}{'median':>8}{'max':>8}  {'p50 ms':>8}{'p99 ms':>8} {'errors':>6}"
            f" {'stmts':>6}  {'CPU ms web+db':>14}"
        )

    def row(self) -> str:
        peer, theirs, bar, aim = PEERS[self.name]
        beside = f"{peer} {theirs:.0f}/s, {self.rate.median / theirs:.0f}×" if theirs else "-"
        one = self.rate
        cpu = f"{self.cpu_ms.get('web', 0.0):.2f}+{self.cpu_ms.get('postgres', 0.0):.2f}"
        how = "" if self.kept else "new"
        return (
            f"{self.name:16}{how:6}{self.connections:4}  {one.low:7.0f}{one.median:8.0f}{one.high:8.0f}"
            f"  {one.p50:8.1f}{one.p99:8.1f} {one.errors:6} {self.statements:6.2f}  {cpu:>14}"
            f"  {beside:22} bar {bar:.0f}, aim {aim:.0f}"
        )

    def as_json(self) -> dict[str, Any]:
        peer, theirs, bar, aim = PEERS[self.name]
        return asdict(self) | {"peer": peer, "peer rate": theirs, "bar": bar, "aim": aim}
