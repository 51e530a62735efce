"""How a shop grows: what its pages, lists, searches, its import and its memory cost at 10 k, 100 k and 1 M SKUs and orders.

Usage: ``python benchmarks/growth.py [--steps 10000 100000 1000000] [--seconds 2] [--only NAME …] [--json FILE] [--hold]``

Opens a shop in production mode (embedded PostgreSQL, its demo data). At each step there are as many SKUs and as many
orders. Goods come in through `daji import table` up to 100,000 SKUs; beyond that they are copied by set-based SQL
(`multiply.py` says exactly what), and the last 10,000 rows of each step go through the import again, which gives its
speed into a shop of that size. Orders are those of the demo shop, which went through all flows, multiplied likewise.

Every question is asked over one connection of a web face with one process and `DAJI_KEPT=off`, so that each answer is
made; milliseconds are the median of the medians of three rounds, "quick" is what one request in ten is quicker than, and
CPU is the processor time of one request in the web process and in the database. A factor is the last step beside the
first: the two are measured minutes apart, so that those of quick and CPU say more than that of the median where others
use the machine. `--hold` keeps the shop open at the end, for EXPLAIN.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import buying
import goods
import questions
import running
from load import Client
from multiply import Multiplier

STEPS = (10_000, 100_000, 1_000_000)
LAST = 10_000
IMPORTED = 100_000
ROUNDS = 3
MOST = 300
PRICE_LIST, SITE = "retail", "HZ"
_BUILT = re.compile(r'"products":(\d+),"seconds":([\d.]+),"event":"search_index_built"')
PLACING = "order, paid"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Milliseconds and processor milliseconds of one request; statements of the web process for it."""

    ms: float
    quick: float
    slowest: float
    cpu_web: float
    cpu_db: float
    statements: float
    count: int

    @property
    def cpu(self) -> float:
        return self.cpu_web + self.cpu_db


@dataclass(kw_only=True)
class Step:
    """A shop of one size. Memory and database in MB; `products` are those in the index, built in `index_s`."""

    skus: int
    orders: int
    products: int = 0
    import_rows_s: float = 0.0
    index_s: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)
    database: float = 0.0
    asked: dict[str, Asked] = field(default_factory=dict)


class Grower:
    """Brings one shop from step to step."""

    def __init__(self, house: running.House) -> None:
        self.house = house
        self._copies = Multiplier(house.env["DAJI_DATABASE_URL"])
        self._products = 0

    def grow(self, size: int) -> Step:
        skus = asyncio.run(_count(self.house, "SELECT count(*) FROM catalog.sku"))
        if size - LAST > skus and size <= IMPORTED:
            self._import(size - LAST - skus, size)
        elif size - LAST > skus:
            began = time.perf_counter()
            skus = asyncio.run(self._copies.goods(size - LAST))
            print(f"{skus} SKUs by copying in {time.perf_counter() - began:.0f} s", flush=True)
        rate = self._import(LAST, size)
        began = time.perf_counter()
        orders = asyncio.run(self._copies.orders(size))
        print(f"{orders} orders by copying in {time.perf_counter() - began:.0f} s", flush=True)
        skus = asyncio.run(_count(self.house, "SELECT count(*) FROM catalog.sku"))
        return Step(skus=skus, orders=orders, import_rows_s=rate)

    def _import(self, skus: int, size: int) -> float:
        table = self.house.home / "goods.jsonl"
        products = skus // 2
        rows = goods.write(table, products, categories=200, first=self._products)
        self._products += products
        began = time.perf_counter()
        self.house.daji("import", "table", str(table), "--price-list", PRICE_LIST, "--site", SITE)
        rate = rows / (time.perf_counter() - began)
        print(f"{rows} rows imported on the way to {size} SKUs, {rate:.0f} rows/s", flush=True)
        return rate


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure growth.")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="SKUs and orders, rising")
    parser.add_argument("--seconds", type=float, default=2.0, help="at most so long a round of each kind")
    parser.add_argument("--only", nargs="+", default=(), help="parts of names of the kinds to measure")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hold", action="store_true", help="keep the shop open at the end")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python benchmarks/growth.py --steps {' '.join(map(str, options.steps))}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load before": os.getloadavg()[0],
    }
    print(f"{result['date']}  {result['machine']}, load {result['load before']:.1f}", flush=True)
    steps: list[Step] = []
    aims: dict[str, float | None] = {}
    with running.open_house(1) as house:
        grower = Grower(house)
        for size in options.steps:
            step = grower.grow(size)
            aims = asyncio.run(measure(house, step, options))
            steps.append(step)
            print(f"{step.skus} SKUs, {step.orders} orders measured", flush=True)
        show(steps, aims)
        result["steps"] = [asdict(step) for step in steps]
        result["growth"] = {name: factor(steps, name) for name in steps[0].asked}
        result["growth of CPU"] = {
            name: steps[-1].asked[name].cpu / max(one.cpu, 0.01) for name, one in steps[0].asked.items()
        }
        if options.json:
            options.json.write_text(json.dumps(result, indent=2) + "\n")
        if options.hold:
            print(f"open until interrupted: {house.url} {house.env['DAJI_DATABASE_URL']}", flush=True)
            time.sleep(86_400)
    return 0


async def measure(house: running.House, step: Step, options: argparse.Namespace) -> dict[str, float | None]:
    """Fill in a step; the most that each kind may grow by."""
    step.database = await _count(house, "SELECT pg_database_size(current_database())") / 1e6
    found = await questions.kinds(house)
    aims = {one.name: one.aim for one in found} | {PLACING: None}
    wanted = [one for one in found if not options.only or any(part in one.name for part in options.only)]
    with house.beside(1, patience=running.READY_SECONDS + step.skus / 1000, DAJI_KEPT="off") as face:
        built = _BUILT.search(face.log_beside.read_text())
        if built is not None:
            step.products, step.index_s = int(built[1]), float(built[2])
        clients = {"visitor": Client(face.host, face.port)}
        clients["shopper"] = Client(face.host, face.port)
        await clients["shopper"].call("POST", "/store/v1/session", questions.SHOPPER)
        clients["staff"] = Client(face.host, face.port)
        await clients["staff"].call("POST", "/console/v1/session", questions.STAFF)
        for kind in wanted:
            step.asked[kind.name] = await ask(face, clients[kind.who], kind, options.seconds)
            print(_line(kind.name, step.asked[kind.name]), flush=True)
        if not options.only:
            step.asked[PLACING] = await place(face, options.seconds)
            print(_line(PLACING, step.asked[PLACING]), flush=True)
        step.memory = {part: size / 1e6 for part, size in face.usage().parts.items()}
        # The worker and the gateway belong to the shop beside which this face stands.
        step.memory |= {
            part: size / 1e6 for part, size in house.usage().parts.items() if part in {"worker", "sandbox"}
        }
        for client in clients.values():
            await client.close()
    return aims


async def ask(face: running.House, client: Client, kind: questions.Kind, seconds: float) -> Asked:
    """Ask for the paths in turn, in rounds that go on where the last one stopped."""
    # An idle connection may have been closed meanwhile.
    await client.close()
    for path in kind.paths[-5:]:
        await client.ask("GET", path)
    took: list[list[float]] = []
    place = 0
    before = face.usage()
    for _ in range(ROUNDS):
        took.append([])
        until = time.perf_counter() + seconds
        while len(took[-1]) < MOST // ROUNDS and (not took[-1] or time.perf_counter() < until):
            began = time.perf_counter()
            await client.ask("GET", kind.paths[place % len(kind.paths)])
            took[-1].append(1000 * (time.perf_counter() - began))
            place += 1
    return _asked(face, before, took)


async def place(face: running.House, seconds: float) -> Asked:
    """Buy two different SKUs, again and again, each time as a new guest."""
    skus = goods.plenty(face, 40)
    took: list[list[float]] = []
    before = face.usage()
    for number in range(ROUNDS):
        tally = await buying.run_for(face, skus, buyers=1, seconds=2 * seconds, whole=True, seed=number)
        if tally.refused:
            raise RuntimeError(f"orders were refused: {dict(tally.refused)}")
        took.append([1000 * one for one in tally.seconds])
    return _asked(face, before, took)


def _asked(face: running.House, before: running.Usage, took: list[list[float]]) -> Asked:
    after = face.usage()
    count = sum(map(len, took))
    cpu = after.since(before)
    return Asked(
        ms=statistics.median(statistics.median(one) for one in took),
        quick=sorted(one for some in took for one in some)[count // 10],
        slowest=max(map(max, took)),
        cpu_web=1000 * cpu.get("web", 0.0) / count,
        cpu_db=1000 * cpu.get("postgres", 0.0) / count,
        statements=(after.statements - before.statements) / count,
        count=count,
    )


async def _count(house: running.House, sql: str) -> int:
    connection = await asyncpg.connect(house.env["DAJI_DATABASE_URL"])
    try:
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


def factor(steps: Sequence[Step], name: str) -> float:
    return steps[-1].asked[name].ms / steps[0].asked[name].ms


def _line(name: str, one: Asked) -> str:
    return (
        f"  {name:31}{one.ms:9.2f} ms  quick {one.quick:9.2f}  slowest {one.slowest:9.1f}  CPU {one.cpu_web:7.2f}+{one.cpu_db:7.2f} ms"
        f"  {one.statements:5.1f} statements  {one.count:4} asked"
    )


def show(steps: Sequence[Step], aims: dict[str, float | None]) -> None:
    sizes = "".join(f"{step.skus:>11,}" for step in steps)
    print(f"\n{'median ms, CPU ms':28}{sizes}{'factor':>9}{'CPU':>18}{'factor':>9}{'aim':>7}")
    for name in steps[0].asked:
        aim = aims[name]
        cells = "".join(f"{step.asked[name].ms:11.2f}" for step in steps)
        first, last = steps[0].asked[name].cpu, steps[-1].asked[name].cpu
        print(
            f"{name:28}{cells}{factor(steps, name):8.2f}×{first:9.2f}{last:9.2f}{last / max(first, 0.01):8.2f}×"
            f"{'' if aim is None else f'{aim:6.1f}×'}"
        )
    rows = {
        "products in the index": [step.products for step in steps],
        "import, rows/s": [step.import_rows_s for step in steps],
        "index build, s": [step.index_s for step in steps],
        "database, MB": [step.database for step in steps],
        **{
            f"memory of {part}, MB": [step.memory[part] for step in steps] for part in sorted(steps[0].memory)
        },
        "memory of all, MB": [sum(step.memory.values()) for step in steps],
    }
    for name, values in rows.items():
        print(
            f"{name:28}"
            + "".join(f"{one:11,.0f}" for one in values)
            + f"{values[-1] / max(values[0], 0.01):8.2f}×"
        )


if __name__ == "__main__":
    sys.exit(main())
