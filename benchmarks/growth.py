"""How a shop grows: what its pages, lists, searches, its import and its memory cost at 10 k, 100 k and 1 M SKUs and orders.

Usage: ``python benchmarks/growth.py [--steps 10000 1000000] [--seconds 2] [--only NAME …] [--json FILE] [--hold]``

Opens a shop of its own for each step, in production mode (embedded PostgreSQL, its demo data), with as many SKUs as
orders. Goods come in through `daji import table` up to 100,000 SKUs; beyond that 10,000 come so and are copied by
set-based SQL (`multiply.py` says exactly what), and the database is started anew, which sizes its buffers by its data. The last 10,000 rows of each step go through the import, which gives its
speed into a shop of that size. Orders are those of the demo shop, which went through all flows, multiplied likewise.

Every question is asked over one connection of a web face with one process and `DAJI_KEPT=off`, so that each answer is
made; the shops are asked in turn, round by round, so that what else the machine does hits all of them. Milliseconds are
the median of the medians of five rounds, "quick" is what one request in ten is quicker than, and CPU is the processor
time of one request in the web process and in the database. Fewer than sixty different questions (pages of a list) are
asked twice before, as a shop's visitors do; others are new each time. A factor is the last step beside the first. `--hold` keeps
the shops open at the end, for EXPLAIN, and `--held PID` asks the last of them once more, without making it.
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
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
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
ROUNDS = 5
MOST = 300
WARMING = 5
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
class Rounds:
    """Milliseconds of each request, by round; what all rounds together used."""

    took: list[list[float]] = field(default_factory=list)
    cpu: Counter[str] = field(default_factory=Counter)
    statements: float = 0.0

    def add(self, before: running.Usage, after: running.Usage) -> None:
        for part, spent in after.since(before).items():
            self.cpu[part] += spent
        self.statements += after.statements - before.statements

    def asked(self) -> Asked:
        every = sorted(one for some in self.took for one in some)
        return Asked(
            ms=statistics.median(statistics.median(some) for some in self.took),
            quick=every[len(every) // 10],
            slowest=every[-1],
            cpu_web=1000 * self.cpu["web"] / len(every),
            cpu_db=1000 * self.cpu["postgres"] / len(every),
            statements=self.statements / len(every),
            count=len(every),
        )


@dataclass(kw_only=True)
class Step:
    """A shop of one size. Memory and database in MB; `products` are those in the index, built in `index_s`."""

    skus: int
    orders: int
    products: int = 0
    grown_s: float = 0.0
    import_rows_s: float = 0.0
    index_s: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)
    database: float = 0.0
    asked: dict[str, Asked] = field(default_factory=dict)


class Grower:
    """Brings a shop that has its demo data only to a size; products are numbered from `first`."""

    def __init__(self, house: running.House, first: int = 0) -> None:
        self.house = house
        self._copies = Multiplier(house.env["DAJI_DATABASE_URL"])
        self._products = first

    def grow(self, size: int, orders: int | None = None) -> Step:
        """Goods up to `size` SKUs, and as many orders, or `orders`."""
        began = time.perf_counter()
        if size > IMPORTED:
            self._import(LAST, size)
            skus = asyncio.run(self._copies.goods(size - LAST))
            print(f"{skus} SKUs by copying, {time.perf_counter() - began:.0f} s after the first", flush=True)
        elif size > LAST:
            self._import(size - LAST, size)
        rate = self._import(LAST, size)
        asyncio.run(self._copies.orders(size if orders is None else orders))
        running.restart_database(self.house)
        step = replace(sized(self.house), import_rows_s=rate, grown_s=time.perf_counter() - began)
        print(f"{step.skus} SKUs, {step.orders} orders made in {step.grown_s:.0f} s", flush=True)
        return step

    def once_more(self, size: int) -> Step:
        """The import into a shop that has its size."""
        rate = self._import(LAST, size)
        return replace(sized(self.house), import_rows_s=rate)

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


def sized(house: running.House) -> Step:
    """What a shop has."""
    skus = asyncio.run(_count(house, "SELECT count(*) FROM catalog.sku"))
    return Step(skus=skus, orders=asyncio.run(_count(house, "SELECT count(*) FROM orders.trade")))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure growth.")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="SKUs and orders, rising")
    parser.add_argument("--seconds", type=float, default=2.0, help="at most so long a round of each kind")
    parser.add_argument("--only", nargs="+", default=(), help="parts of names of the kinds to measure")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--hold", action="store_true", help="keep the shops open at the end")
    parser.add_argument(
        "--held", type=int, metavar="PID", help="the last step is this `daji up`, made before"
    )
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": f"python benchmarks/growth.py --steps {' '.join(map(str, options.steps))}",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "load before": os.getloadavg()[0],
    }
    print(f"{result['date']}  {result['machine']}, load {result['load before']:.1f}", flush=True)
    with ExitStack() as open_now:
        houses, steps = [], []
        for size in options.steps:
            if options.held and size == options.steps[-1]:
                house = running.held(options.held)
                # Above all numbers that another run gave, and of seven digits, as codes are.
                steps.append(Grower(house, first=10**6 + int(time.time()) % 10**6).once_more(size))
            else:
                house = open_now.enter_context(running.open_house(1))
                steps.append(Grower(house).grow(size))
            houses.append(house)
        aims = asyncio.run(measure(houses, steps, options))
        show(steps, aims)
        result["load after"] = os.getloadavg()[0]
        result["steps"] = [asdict(step) for step in steps]
        for figure in ("ms", "quick", "cpu"):
            result[f"growth of {figure}"] = {name: factor(steps, name, figure) for name in steps[0].asked}
        if options.json:
            options.json.write_text(json.dumps(result, indent=2) + "\n")
        if options.hold:
            for house in houses:
                print(
                    f"open until interrupted: {house.pid} {house.url} {house.env['DAJI_DATABASE_URL']}",
                    flush=True,
                )
            time.sleep(86_400)
    return 0


async def measure(
    houses: Sequence[running.House], steps: Sequence[Step], options: argparse.Namespace
) -> dict[str, float | None]:
    """Fill in the steps; the most that each kind may grow by."""
    kinds = [await questions.kinds(house) for house in houses]
    async with AsyncExitStack() as open_now:
        faces = []
        for house, step in zip(houses, steps, strict=True):
            step.database = await _count(house, "SELECT pg_database_size(current_database())") / 1e6
            patience = running.READY_SECONDS + step.skus / 500
            face = open_now.enter_context(house.beside(1, patience=patience, DAJI_KEPT="off"))
            built = _BUILT.search(face.log_beside.read_text())
            if built is not None:
                step.products, step.index_s = int(built[1]), float(built[2])
                print(
                    f"{step.skus} SKUs: index of {step.products} products built in {step.index_s:.0f} s",
                    flush=True,
                )
            faces.append(face)
        clients = [await _clients(open_now, face) for face in faces]
        for alike in zip(*kinds, strict=True):
            name = alike[0].name
            if options.only and not any(part in name for part in options.only):
                continue
            asking = [
                partial(_ask, client[kind.who], cycle(kind.paths), options.seconds)
                for client, kind in zip(clients, alike, strict=True)
            ]
            for client, kind in zip(clients, alike, strict=True):
                await _warm(client[kind.who], kind)
            await _in_turn(name, faces, steps, asking)
        if not options.only:
            asking = [partial(_place, face, goods.plenty(face, 40), 2 * options.seconds) for face in faces]
            await _in_turn(PLACING, faces, steps, asking)
        for house, face, step in zip(houses, faces, steps, strict=True):
            step.memory = {part: size / 1e6 for part, size in face.usage().parts.items()}
            # The worker and the gateway belong to the shop beside which this face stands.
            whole = house.usage().parts
            step.memory |= {part: whole[part] / 1e6 for part in ("worker", "sandbox") if part in whole}
    return {one.name: one.aim for one in kinds[0]} | {PLACING: None}


async def _clients(open_now: AsyncExitStack, face: running.House) -> dict[str, Client]:
    found = {who: Client(face.host, face.port) for who in ("visitor", "shopper", "staff")}
    for client in found.values():
        open_now.push_async_callback(client.close)
    await found["shopper"].call("POST", "/store/v1/session", questions.SHOPPER)
    await found["staff"].call("POST", "/console/v1/session", questions.STAFF)
    return found


async def _in_turn(
    name: str,
    faces: Sequence[running.House],
    steps: Sequence[Step],
    asking: Sequence[Callable[[], Awaitable[list[float]]]],
) -> None:
    """Rounds at each size in turn, so that what else the machine does meanwhile slows all of them."""
    measured = [Rounds() for _ in faces]
    for _ in range(ROUNDS):
        for face, one, ask in zip(faces, measured, asking, strict=True):
            before = face.usage()
            one.took.append(await ask())
            one.add(before, face.usage())
    for step, one in zip(steps, measured, strict=True):
        step.asked[name] = one.asked()
        print(_line(f"{step.skus:>9,}  {name}", step.asked[name]), flush=True)


async def _warm(client: Client, kind: questions.Kind) -> None:
    # An idle connection may have been closed meanwhile.
    await client.close()
    # Pages that are asked for again and again are measured as those who come later find them.
    again = [*kind.paths, *kind.paths] if len(kind.paths) < MOST // ROUNDS else kind.paths[-WARMING:]
    for path in again:
        await client.ask("GET", path)


async def _ask(client: Client, paths: Iterator[str], seconds: float) -> list[float]:
    """Milliseconds of each request of a round, which goes on where the last one stopped."""
    took: list[float] = []
    until = time.perf_counter() + seconds
    while len(took) < MOST // ROUNDS and (not took or time.perf_counter() < until):
        began = time.perf_counter()
        await client.ask("GET", next(paths))
        took.append(1000 * (time.perf_counter() - began))
    return took


async def _place(face: running.House, skus: list[str], seconds: float) -> list[float]:
    """Buy two different SKUs, again and again, each time as a new guest."""
    seed = time.monotonic_ns()
    tally = buying.run_for(face, skus, buyers=1, seconds=seconds, whole=True, seed=seed)
    if tally.refused:
        raise RuntimeError(f"orders were refused: {dict(tally.refused)}")
    return [1000 * one for one in tally.seconds]


async def _count(house: running.House, sql: str) -> int:
    connection = await asyncpg.connect(house.env["DAJI_DATABASE_URL"])
    try:
        return int(await connection.fetchval(sql))
    finally:
        await connection.close()


def factor(steps: Sequence[Step], name: str, figure: str) -> float:
    first, last = (getattr(step.asked[name], figure) for step in (steps[0], steps[-1]))
    return float(last / max(first, 0.01))


def _line(name: str, one: Asked) -> str:
    return (
        f"  {name:42}{one.ms:9.2f} ms  quick {one.quick:9.2f}  slowest {one.slowest:9.1f}  CPU {one.cpu_web:7.2f}+{one.cpu_db:7.2f} ms"
        f"  {one.statements:5.1f} statements  {one.count:4} asked"
    )


def show(steps: Sequence[Step], aims: dict[str, float | None]) -> None:
    sizes = "".join(f"{step.skus:>11,}" for step in steps)
    print(
        f"\n{'median ms; quick; CPU ms':31}{sizes}{'factor':>8}{sizes}{'factor':>8}{sizes}{'factor':>8}{'aim':>7}"
    )
    for name in steps[0].asked:
        aim = aims[name]
        cells = "".join(
            "".join(f"{getattr(step.asked[name], figure):11.2f}" for step in steps)
            + f"{factor(steps, name, figure):7.2f}×"
            for figure in ("ms", "quick", "cpu")
        )
        print(f"{name:31}{cells}{'' if aim is None else f'{aim:6.1f}×'}")
    rows = {
        "products in the index": [step.products for step in steps],
        "made in, s": [step.grown_s for step in steps],
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
            f"{name:31}"
            + "".join(f"{one:11,.0f}" for one in values)
            + f"{values[-1] / max(values[0], 0.01):8.2f}×"
        )


if __name__ == "__main__":
    sys.exit(main())
