"""One hot SKU: durable holds a second when hundreds want the same row, in batches and one by one.

Usage: ``python benchmarks/hot.py [--rivals 512] [--seconds 8] [--runs 3] [--pool 4]``

Opens a PostgreSQL that keeps what it commits (its own folder, removed at the end) and lets the rivals hold one piece
after the other, each when its last answer has come; every answer is committed. Then the same rivals come for a stock of
500, and the ledger is audited.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from daji import migrations
from daji.boot import LOCK_ORDER
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.db import Database, DatabaseSettings, LockOrder, Tx, embedded, open_database
from daji.kit.problems import Problem

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
FREE = inventory.HoldPolicy(max_units_per_buyer_sku=10**9, max_share_percent=100, min_units=10**9)
PLENTY, FEW, ATTEMPTS = 100_000_000, 500, 2_000

Hold = Callable[[UUID], Awaitable[None]]


async def stocked(db: Database, code: str, qty: int) -> tuple[UUID, UUID]:
    """A new SKU with `qty` pieces at a new site."""
    sku_id = ids.new_id()
    new = inventory.NewSite(code=code, name=code, kind="warehouse", country="CN", region="r", city="c")
    async with db.transaction() as tx:
        (site_id,) = (await inventory.open_sites(tx, sites=[new], now=NOW)).values()
        line = inventory.HoldLine(sku_id=sku_id, site_id=site_id, qty=qty)
        await inventory.receive_many(tx, lines=[line], ref="bench", by="bench", now=NOW)
    return sku_id, site_id


def wish_of(holder: UUID, keys: tuple[str, ...]) -> inventory.HoldWish:
    return inventory.HoldWish(
        holder=holder, qty=1, expires_at=NOW + timedelta(minutes=15), now=NOW, buyer_keys=keys
    )


def in_batches(crowd: inventory.Crowd, sku_id: UUID, site_id: UUID, *, keyed: bool) -> Hold:
    async def hold(holder: UUID) -> None:
        keys = (f"guest:{holder}",) if keyed else ()
        await crowd.hold(sku_id=sku_id, site_id=site_id, wish=wish_of(holder, keys))

    return hold


def one_by_one(db: Database, sku_id: UUID, site_id: UUID, *, keyed: bool) -> Hold:
    line = inventory.HoldLine(sku_id=sku_id, site_id=site_id, qty=1)

    async def hold(holder: UUID) -> None:
        async def work(tx: Tx) -> None:
            await inventory.hold(
                tx,
                holder=holder,
                lines=(line,),
                buyer_keys=(f"guest:{holder}",) if keyed else (),
                expires_at=NOW + timedelta(minutes=15),
                policy=FREE,
                now=NOW,
            )

        await db.run(work)

    return hold


async def press(hold: Hold, *, rivals: int, seconds: float) -> list[float]:
    """Rivals hold again and again; the seconds that each hold took."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def one() -> None:
        while (began := time.perf_counter()) < until:
            await hold(ids.new_id())
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(one() for _ in range(rivals)))
    return took


async def compare(db: Database, options: argparse.Namespace) -> dict[str, object]:
    """Print each way, and keep it by its title."""
    kept: dict[str, object] = {"rivals": options.rivals}
    print(f"{'':34}{'holds/s min':>12}{'median':>9}{'max':>9}{'p50 ms':>9}{'p99 ms':>9}")
    medians: dict[str, float] = {}
    for keyed in (False, True):
        for name in ("in batches",) if options.only_batches else ("in batches", "one by one"):
            rates, p50, p99 = [], [], []
            for run in range(options.runs):
                sku_id, site_id = await stocked(db, f"{name}{keyed}{run}", PLENTY)
                crowd = inventory.Crowd(db, policy=FREE)
                make = (
                    in_batches(crowd, sku_id, site_id, keyed=keyed)
                    if name == "in batches"
                    else one_by_one(db, sku_id, site_id, keyed=keyed)
                )
                took = sorted(await press(make, rivals=options.rivals, seconds=options.seconds))
                await crowd.close()
                rates.append(len(took) / options.seconds)
                p50.append(1000 * took[len(took) // 2])
                p99.append(1000 * took[int(0.99 * len(took))])
                (balance,) = [
                    one for one in await _stock(db, sku_id) if (one.sku_id, one.site_id) == (sku_id, site_id)
                ]
                if balance.held != len(took):
                    raise RuntimeError(f"{len(took)} holds were answered, {balance.held} pieces are held")
            title = f"{name}, {'one buyer key each' if keyed else 'no buyer keys'}"
            medians[title] = statistics.median(rates)
            kept[title] = {"median": medians[title], "p99": statistics.median(p99), "rates": sorted(rates)}
            print(
                f"{title:34}{min(rates):12.0f}{medians[title]:9.0f}{max(rates):9.0f}"
                f"{statistics.median(p50):9.1f}{statistics.median(p99):9.1f}",
                flush=True,
            )
    plain = [medians[name] for name in medians if "no buyer" in name]
    if len(plain) > 1:
        print(f"in batches {plain[0] / plain[1]:.1f} times as many, {options.rivals} rivals")
    return kept


async def _stock(db: Database, sku_id: UUID) -> tuple[inventory.Availability, ...]:
    async with db.read() as session:
        return await inventory.availability(session, sku_ids=[sku_id])


async def sell_out(db: Database, rivals: int) -> None:
    """`ATTEMPTS` wishes for `FEW` pieces, by two crowds at once as two processes would have them."""
    sku_id, site_id = await stocked(db, "few", FEW)
    crowds = [inventory.Crowd(db, policy=FREE) for _ in range(2)]
    waiting = iter(range(ATTEMPTS))
    sold = refused = 0

    async def one(crowd: inventory.Crowd) -> None:
        nonlocal sold, refused
        for _ in waiting:
            try:
                await crowd.hold(sku_id=sku_id, site_id=site_id, wish=wish_of(ids.new_id(), ()))
                sold += 1
            except Problem:
                refused += 1

    began = time.perf_counter()
    await asyncio.gather(*(one(crowds[n % 2]) for n in range(rivals)))
    took = time.perf_counter() - began
    (balance,) = await _stock(db, sku_id)
    async with db.read() as session:
        differences = (await inventory.audit(session)).differences
    print(
        f"stock {FEW}, {ATTEMPTS} wishes: {sold} held, {refused} refused, oversold {max(sold - FEW, 0)}, "
        f"{ATTEMPTS / took:.0f} answers/s, ledger differences {len(differences)}"
    )
    if sold != FEW or balance.held != FEW or differences:
        raise RuntimeError("the stock was not sold exactly once")


async def measure(url: str, options: argparse.Namespace) -> None:
    await migrations.upgrade(url)
    db = await open_database(DatabaseSettings(url=url, pool=options.pool), lock_order=LockOrder(LOCK_ORDER))
    try:
        await sell_out(db, options.rivals)
        kept = await compare(db, options)
    finally:
        await db.close()
    if options.json:
        options.json.write_text(json.dumps(kept, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Press many holds on one row.")
    parser.add_argument("--rivals", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pool", type=int, default=4)
    parser.add_argument("--only-batches", action="store_true", help="leave out one by one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="daji-hot-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        server = embedded.start(home)
        try:
            uvloop.run(measure(server.url, options))
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
