"""`daji demo`: fill an empty shop with goods, people, and the orders of the past days."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from daji.boot import House, read_settings, rehearse
from daji.faces.cli.common import APPLICATION, JsonFile, fail, unhurried, with_house, write_json
from daji.faces.cli.demoshop import history, people, places, plan, shelves, stage
from daji.faces.cli.demoshop.accounts import ACCOUNTS, Account
from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.faces.cli.demoshop.places import BY
from daji.faces.cli.migrate import database_url, migrate_database
from daji.faces.cli.screen import console
from daji.kit.db import Session, Tx
from daji.kit.settings import BadSetting
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.views import reconciliation

__all__ = ["ACCOUNTS", "Account", "SeedReport", "demo", "seed"]

Watch = Callable[[str, int], None]
"""Hears how many of "picture" or "order" there will be in all (a number above 0), and of each that is done (0)."""


class SeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was made; all zero and `created` False when the shop had something to sell already.

    `staff` tells whether the demo staff were hired: a shop that somebody keeps gets no accounts with known passwords.
    `orders_per_second` is of the simulation alone.
    """

    created: bool
    staff: bool = False
    days: int = 0
    categories: int = 0
    products: int = 0
    skus: int = 0
    pictures: int = 0
    orders: int = 0
    parcels: int = 0
    cases: int = 0
    reviews: int = 0
    seconds: float = 0.0
    orders_per_second: float = 0.0


def _ignore(_what: str, _total: int) -> None:
    """Nobody watches."""


async def seed(
    house: House, *, clock_now: datetime, days: int = plan.SHORT_DAYS, watch: Watch = _ignore
) -> SeedReport:
    """Fill the shop if it sells nothing yet; its orders of the last `days` end at `clock_now`.

    Killed before the doors open, it goes on where it stopped when it is called again; killed after that, it leaves
    a shop whose history ends earlier, and which is never filled again.
    """
    began = time.monotonic()
    with _alone(house.settings.home):
        async with house.db.read() as session:
            if not await _is_empty(session):
                return SeedReport(created=False)
        opened_at = clock_now - timedelta(days=days)
        hired, owners = await house.db.run(lambda tx: _gather(tx, opened_at))
        hung = await _stock(house, opened_at, watch)
        started = time.monotonic()
        set_up = await _tell_history(house, hired, owners, until=clock_now, days=days, watch=watch)
        await house.db.analyze()
    goods, seen = sold_here(), set_up.seen
    return SeedReport(
        created=True,
        staff=bool(hired),
        days=days,
        categories=len(goods.roots) + len(goods.categories),
        products=len(goods.products),
        skus=sum(len(choices(product)) for product in goods.products),
        pictures=hung,
        orders=seen["orders"],
        parcels=seen["parcels"],
        cases=seen["cases"],
        reviews=seen["reviews"],
        seconds=round(time.monotonic() - began, 1),
        orders_per_second=round(seen["orders"] / max(time.monotonic() - started, 0.1), 1),
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
    cursor: str | None = None
    while True:
        page = await catalog.list_products(session, cursor=cursor)
        if any(card.code not in known for card in page.items):
            return False
        cursor = page.next_cursor
        if cursor is None:
            return True


async def _stock(house: House, now: datetime, watch: Watch) -> int:
    """Hang and put up what is missing, fill the sites, open the doors; the number of pictures hung.

    One transaction for each wing, in the order of the house's locks.
    """
    kept: shelves.Pictures = {}
    seller_id = await house.db.run(lambda tx: places.open_seller(tx, now))
    async with house.db.read() as session:
        there = bool(await shelves.sku_ids(session))
    if not there:
        watch("picture", len(shelves.pictures_wanted()))
        kept = await shelves.hang(house, now=now, done=lambda: watch("picture", 0))
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
    *,
    until: datetime,
    days: int,
    watch: Watch,
) -> stage.Stage:
    async with house.db.read() as session:
        skus = await shelves.sku_ids(session)
    by = {role: f"staff:{staff_id}" for role, staff_id in hired.items()}
    visits = plan.visits(until=until, days=days)
    watch("order", len(visits))
    outside = rehearse(house, clock=stage.OwnTime(until - timedelta(days=days)))
    set_up = stage.Stage(
        house=house,
        outside=outside,
        staff=stage.Staff(warehouse=by.get("warehouse", BY), service=by.get("service", BY)),
        skus=skus,
        members=dict(owners),
        done=lambda: watch("order", 0),
    )
    try:
        await history.live(set_up, visits, until=until, days=days)
    finally:
        await outside.close()
    return set_up


def demo(
    days: Annotated[
        int | None,
        typer.Option(
            min=2, max=400, help="Simulate so many trading days before now; a short history without."
        ),
    ] = None,
    json: JsonFile = None,
) -> None:
    """Fill an empty shop with demo data; a second run changes nothing, and with --days is refused."""

    async def work(house: House) -> SeedReport:
        async with house.db.read() as session:
            if not await _is_empty(session):
                return SeedReport(created=False)
            others = await reconciliation.other_processes(session, own=APPLICATION)
        if others:
            # A worker with today's clock would fire the timers of last month all at once.
            fail(f"other processes use this database: {', '.join(others)}", "stop `daji up` first")
        with _progress() as progress:
            bars = {
                "picture": progress.add_task("pictures", total=None),
                "order": progress.add_task("orders", total=None),
            }

            def watch(what: str, total: int) -> None:
                if total:
                    progress.update(bars[what], total=total)
                else:
                    progress.advance(bars[what])

            return await seed(house, clock_now=house.clock.now(), days=days or plan.SHORT_DAYS, watch=watch)

    report = _hurried(work)
    write_json(json, report)
    if report.created:
        _tell(report)
    elif days is None:
        console.print("the shop has something to sell already, nothing to do")
    else:
        fail(
            "the shop has something to sell already, and a history cannot be written anew",
            f"let it live in a place of its own: DAJI_HOME=.daji-{days}-days daji demo --days {days}",
        )


def _hurried(work: Callable[[House], Awaitable[SeedReport]]) -> SeedReport:
    """Do the work on a database that is of this code's schema, and that waits for no disk."""
    try:
        settings, database = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    try:
        url, server = database_url(settings, database)
    except OSError as error:
        fail(f"the database does not answer: {error}", "run `daji doctor`")
    try:
        asyncio.run(migrate_database(url))
        return with_house(work, env={**os.environ, "DAJI_DATABASE_URL": unhurried(url)})
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InvalidCatalogNameError) as error:
        fail(f"the database does not answer: {error}", "run `daji doctor`")
    finally:
        if server is not None:
            server.stop()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:>8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _tell(report: SeedReport) -> None:
    console.print(
        f"[green]✓[/] {report.products} products, {report.skus} SKUs, {report.pictures} pictures;"
        f" {report.orders:,} orders, {report.parcels:,} parcels, {report.reviews} reviews and {report.cases}"
        f" returns of {report.days} days in {report.seconds:.0f} s ({report.orders_per_second} orders/s)",
        highlight=False,
    )
    for account in ACCOUNTS if report.staff else ACCOUNTS[-1:]:
        console.print(f"  {account.role:<15} {account.login}  /  {account.password}", highlight=False)
