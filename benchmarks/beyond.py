"""The rows of the table that wrk cannot ask: an order's statements, one hot SKU, a replayed history, memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import rush
from running import ROOT, House
from table import ORDER, Figure

ATTEMPTS = 2_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """A figure beside its bar and aim; `more` is whether more is better."""

    name: str
    value: float
    unit: str
    bar: float
    aim: float
    peer: str
    said: str = ""
    more: bool = True

    @property
    def reached(self) -> bool:
        return self.value >= self.bar if self.more else self.value <= self.bar

    def row(self) -> str:
        word = "reached" if self.reached else "MISSED"
        return (
            f"{self.name:30}{self.value:10.1f} {self.unit:10} bar {self.bar:g}, aim {self.aim:g}: {word};"
            f" {self.peer}{'; ' if self.said else ''}{self.said}"
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"reached": self.reached}


def statements(figures: Sequence[Figure]) -> list[Line]:
    """Of one paid order, BEGIN, COMMIT, the gateway's notice and what the processes ask beside it included."""
    counted = [one.statements for one in figures if one.name == ORDER]
    if not counted:
        return []
    return [
        Line(
            name="SQL statements for that order",
            value=statistics.median(counted),
            unit="statements",
            bar=40,
            aim=25,
            peer="Vendure 442",
            more=False,
        )
    ]


def hot_orders(house: House, runs: int, *, by: str) -> Line:
    """Raises RuntimeError when a stock was not sold exactly once."""
    first = sum(map(ord, by))
    found = [rush.run(house, ATTEMPTS, number=first + number) for number in range(runs)]
    wrong = [one for one in found if one.paid != one.stock]
    if wrong:
        raise RuntimeError(f"not sold exactly once: {wrong}")
    return Line(
        name=f"one hot SKU, paid by {by}",
        value=statistics.median(one.rate for one in found),
        unit="orders/s",
        bar=150,
        aim=600,
        peer="Vendure 10 with 1,500 oversold",
        said=f"stock {found[0].stock}, {ATTEMPTS} attempts, {rush.BUYERS} buyers, oversold "
        f"{sum(one.oversold for one in found)}",
    )


def hot_holds(runs: int) -> Line:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hot.json"
        _run("benchmarks/hot.py", "--runs", str(runs), "--only-batches", "--json", str(file))
        said: dict[str, Any] = json.loads(file.read_text())
    best = said["in batches, no buyer keys"]
    return Line(
        name="one hot SKU, durable holds",
        value=best["median"],
        unit="holds/s",
        bar=10_000,
        aim=50_000,
        peer="-",
        said=f"{said['rivals']} rivals, p99 {best['p99']:.0f} ms",
    )


def replay(folder: Path, orders: int) -> Line:
    with tempfile.TemporaryDirectory(prefix="daji-replay-") as home:
        file = Path(home) / "replay.json"
        limit = ("--limit", str(orders)) if orders else ()
        Path(home).chmod(0o755)
        _run(
            "-m",
            "daji",
            "replay",
            "olist",
            str(folder),
            *limit,
            "--json",
            str(file),
            home=Path(home) / "shop",
        )
        said: dict[str, Any] = json.loads(file.read_text())
    return Line(
        name="Olist replay through the flows",
        value=said["orders_per_second"],
        unit="orders/s",
        bar=150,
        aim=600,
        peer="-",
        said=f"{said['orders']} orders, reconciled: {said['clean']}",
    )


def memory(parts: dict[str, int]) -> Line:
    shares = ", ".join(f"{part} {size / 1e6:.0f}" for part, size in sorted(parts.items()))
    return Line(
        name="memory of all processes",
        value=sum(parts.values()) / 1e6,
        unit="MB",
        bar=600,
        aim=400,
        peer="Vendure 730, Saleor 900, Medusa 1,750",
        said=shares,
        more=False,
    )


def _run(*command: str, home: Path | None = None) -> None:
    env = {**os.environ, **({"DAJI_HOME": str(home)} if home else {})}
    subprocess.run([sys.executable, *command], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
