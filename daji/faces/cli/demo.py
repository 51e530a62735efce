"""`daji demo`: fill an empty shop with goods, people, and the orders of the past days."""

from __future__ import annotations

from datetime import datetime

import msgspec

from daji.boot import House
from daji.faces.cli.common import JsonFile, console, with_house, write_json
from daji.faces.cli.demoshop.people import ACCOUNTS, Account, hire, welcome
from daji.kit.db import Tx
from daji.shop.catalog import api as catalog

__all__ = ["ACCOUNTS", "Account", "SeedReport", "demo", "seed"]

MARKER = "yunqi"


class SeedReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was made; `created` is False when the demo shop stood already."""

    created: bool


async def seed(house: House, *, clock_now: datetime) -> SeedReport:
    """Fill the shop, once."""

    async def people(tx: Tx) -> None:
        await hire(tx, now=clock_now)
        await welcome(tx, now=clock_now)

    async with house.db.read() as session:
        if any(brand.code == MARKER for brand in (await catalog.list_brands(session)).items):
            return SeedReport(created=False)
    await house.db.run(people)

    async def mark(tx: Tx) -> None:
        await catalog.create_brand(
            tx, code=MARKER, names={"zh": "云栖", "en": "Yunqi"}, by="system", now=clock_now
        )

    await house.db.run(mark)
    return SeedReport(created=True)


def demo(json: JsonFile = None) -> None:
    """Fill an empty shop with demo data; a second run changes nothing."""

    async def work(house: House) -> SeedReport:
        return await seed(house, clock_now=house.clock.now())

    report = with_house(work)
    console.print("demo shop filled" if report.created else "the demo shop stands already, nothing to do")
    write_json(json, report)
