"""`daji demo`: fill an empty shop with goods, people, and the orders of the past days."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from daji.boot import House, rehearse
from daji.faces.cli.common import JsonFile, console, with_house, write_json
from daji.faces.cli.demoshop import history, people, places, shelves
from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.faces.cli.demoshop.people import ACCOUNTS, Account
from daji.faces.cli.demoshop.places import BY
from daji.kit.clock import SimClock
from daji.kit.db import Session, Tx
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

__all__ = ["ACCOUNTS", "Account", "SeedReport", "demo", "seed"]


class SeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was made; all zero and `created` False when the shop had something to sell already.

    `staff` tells whether the demo staff were hired: a shop that somebody keeps gets no accounts with known passwords.
    """

    created: bool
    staff: bool = False
    categories: int = 0
    products: int = 0
    skus: int = 0
    pictures: int = 0
    orders: int = 0
    seconds: float = 0.0


def _ignore(_what: str) -> None:
    """Nobody watches."""


async def seed(house: House, *, clock_now: datetime, done: Callable[[str], None] = _ignore) -> SeedReport:
    """Fill the shop if it sells nothing yet; its orders end at `clock_now`.

    Killed before the doors open, it goes on where it stopped when it is called again; killed after that, it leaves
    a shop with fewer orders. `done` hears of every "picture" and "order".
    """
    began = time.monotonic()
    with _alone(house.settings.home):
        async with house.db.read() as session:
            if not await _is_empty(session):
                return SeedReport(created=False)
        opened_at = clock_now - timedelta(days=history.DAYS)
        hired, owners = await house.db.run(lambda tx: _gather(tx, opened_at))
        painted = await _stock(house, opened_at, done)
        await _tell_history(house, hired, owners, opened_at, clock_now, done)
    goods = sold_here()
    return SeedReport(
        created=True,
        staff=bool(hired),
        categories=len(goods.roots) + len(goods.categories),
        products=len(goods.products),
        skus=sum(len(choices(product)) for product in goods.products),
        pictures=painted,
        orders=len(people.story().orders),
        seconds=round(time.monotonic() - began, 1),
    )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Let one at a time fill the shop; whoever waits finds it full."""
    with (home / "demo.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def _is_empty(session: Session) -> bool:
    """Tell whether nothing is for sale but drafts of the demo goods, of a call that did not come to its end."""
    if await pricing.list_channels(session):
        return False
    known = {product.code for product in sold_here().products}
    cards = (await catalog.list_products(session, limit=len(known) + 1)).items
    return all(card.code in known for card in cards)


async def _stock(house: House, now: datetime, done: Callable[[str], None]) -> int:
    """Hang and put up what is missing, fill the sites, open the doors; the number of pictures painted.

    One transaction for each wing, in the order of the house's locks.
    """
    kept: shelves.Pictures = {}
    seller_id = await house.db.run(lambda tx: places.open_seller(tx, now))
    async with house.db.read() as session:
        there = bool(await shelves.sku_ids(session))
    if not there:
        kept = await shelves.hang(house, now=now, done=lambda: done("picture"))
        await house.db.run(lambda tx: shelves.put_up(tx, kept=kept, seller_id=seller_id, now=now))
    async with house.db.read() as session:
        skus = await shelves.sku_ids(session)
    await house.db.run(lambda tx: places.fill_sites(tx, skus, seller_id, now))
    await house.db.run(lambda tx: places.rate_ways(tx, seller_id, now))
    await house.db.run(lambda tx: shelves.open_doors(tx, skus=skus, now=now))
    return len(shelves.pictures_wanted()) if kept else 0


async def _gather(tx: Tx, now: datetime) -> tuple[Mapping[str, UUID], Mapping[str, UUID]]:
    return await people.hire(tx, now=now), await people.welcome(tx, now=now)


async def _tell_history(
    house: House,
    hired: Mapping[str, UUID],
    owners: Mapping[str, UUID],
    opened_at: datetime,
    until: datetime,
    done: Callable[[str], None],
) -> None:
    async with house.db.read() as session:
        skus = await shelves.sku_ids(session)
    by = {role: f"staff:{staff_id}" for role, staff_id in hired.items()}
    outside = rehearse(house, clock=SimClock(opened_at))
    try:
        await history.live(
            history.Stage(
                house=house,
                outside=outside,
                staff=history.Staff(warehouse=by.get("warehouse", BY), service=by.get("service", BY)),
                skus=skus,
                owners=owners,
            ),
            until=until,
            done=lambda: done("order"),
        )
    finally:
        await outside.close()


def demo(json: JsonFile = None) -> None:
    """Fill an empty shop with demo data; a second run changes nothing."""

    async def work(house: House) -> SeedReport:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as progress:
            bars = {
                "picture": progress.add_task("pictures", total=len(shelves.pictures_wanted())),
                "order": progress.add_task("orders", total=len(people.story().orders)),
            }
            return await seed(
                house, clock_now=house.clock.now(), done=lambda what: progress.advance(bars[what])
            )

    report = with_house(work)
    write_json(json, report)
    if not report.created:
        console.print("the shop has something to sell already, nothing to do")
        return
    console.print(
        f"[green]✓[/] {report.products} products, {report.skus} SKUs, {report.pictures} pictures,"
        f" {report.orders} orders in {report.seconds} s",
        highlight=False,
    )
    for account in ACCOUNTS if report.staff else ACCOUNTS[-1:]:
        console.print(f"  {account.role:<15} {account.login}  /  {account.password}", highlight=False)
