"""How many machines a day of so many orders takes: the arithmetic on what `make bench` measured here.

    make bench ARGS="--json bench.json"
    python tools/scale.py bench.json [--orders 10000000] [--peak 10] [--looks 100] [--busy 0.6] [--cores 4]

Everything in the first table was measured; everything in the second is multiplied, and says from what. What
multiplication cannot know stands below: the one database that writes, and what else has a limit of its own.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DAY_SECONDS = 86_400
LOOKS = ("category of 20", "product (HTML)", "search")
"""What a visitor asks before an order, in equal parts."""
CART, ORDER = "cart of 2 lines", "order, paid"


@dataclass(frozen=True)
class Measured:
    """One kind of work: requests a second on the measuring machine, milliseconds of processor by part, statements."""

    name: str
    rate: float
    cpu_ms: dict[str, float]
    statements: float


@dataclass(frozen=True)
class Load:
    """What is asked: orders a day, the busiest second over the average one, looks for each order."""

    orders: int
    peak: float
    looks: float

    @property
    def orders_a_second(self) -> float:
        return self.orders / DAY_SECONDS * self.peak


@dataclass(frozen=True)
class Need:
    """Cores by part of the shop, and statements a second, in the busiest second."""

    requests: float
    cores: dict[str, float]
    statements: float


def read(figures: list[dict[str, Any]], *, connections: int = 16) -> dict[str, Measured]:
    """The figures at one number of connections, as a shop answers them (kept answers counted in)."""
    found = {
        one["name"]: Measured(
            name=one["name"],
            rate=one["rate"]["median"],
            cpu_ms=one["cpu_ms"],
            statements=one["statements"],
        )
        for one in figures
        if one["connections"] == connections and one["kept"]
    }
    missing = [name for name in (*LOOKS, CART, ORDER) if name not in found]
    if missing:
        raise ValueError(f"not measured at {connections} connections: {', '.join(missing)}")
    return found


def need(measured: dict[str, Measured], load: Load) -> Need:
    """Multiply: each order is one order and one cart, and its share of looks."""
    second = load.orders_a_second
    asked = {name: second * load.looks / len(LOOKS) for name in LOOKS} | {CART: second, ORDER: second}
    cores: dict[str, float] = {}
    for name, rate in asked.items():
        for part, milliseconds in measured[name].cpu_ms.items():
            cores[part] = cores.get(part, 0.0) + rate * milliseconds / 1000
    return Need(
        requests=sum(asked.values()),
        cores=cores,
        statements=sum(rate * measured[name].statements for name, rate in asked.items()),
    )


def report(result: dict[str, Any], load: Load, *, busy: float, cores: int) -> list[str]:
    """Lines to print."""
    measured = read(result["figures"])
    wanted = need(measured, load)
    lines = ["measured here (16 connections)            a second   CPU ms by part"]
    for name in (*LOOKS, CART, ORDER):
        one = measured[name]
        parts = " ".join(f"{part} {spent:.2f}" for part, spent in sorted(one.cpu_ms.items()))
        lines.append(f"  {name:38}{one.rate:10,.0f}   {parts}")
    lines += [
        "",
        (
            f"multiplied: {load.orders:,} orders a day, busiest second {load.peak:g} times the average, "
            f"{load.looks:g} looks an order, processors {busy:.0%} busy"
        ),
        f"  orders in the busiest second          {load.orders_a_second:10,.0f}",
        f"  requests in the busiest second        {wanted.requests:10,.0f}",
        f"  statements in the busiest second      {wanted.statements:10,.0f}",
    ]
    for part, needed in sorted(wanted.cores.items()):
        machines = math.ceil(needed / busy / cores)
        lines.append(f"  cores for {part:28}{needed / busy:10,.0f}   {machines} machines of {cores}")
    lines += [
        "",
        "not multiplied: one primary writes. Its cores above are those of one server; when they are more than one",
        "server has, reads go to replicas first (DAJI_DATABASE_REPLICA_URL), and then this arithmetic has ended.",
    ]
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("file", type=Path, help='what `make bench ARGS="--json FILE"` wrote')
    parser.add_argument("--orders", type=int, default=10_000_000)
    parser.add_argument("--peak", type=float, default=10.0)
    parser.add_argument("--looks", type=float, default=100.0)
    parser.add_argument("--busy", type=float, default=0.6)
    parser.add_argument("--cores", type=int, default=4)
    given = parser.parse_args()
    try:
        result = json.loads(given.file.read_text())
        lines = report(
            result, Load(given.orders, given.peak, given.looks), busy=given.busy, cores=given.cores
        )
    except (OSError, ValueError, KeyError) as error:
        print(f"{given.file}: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
