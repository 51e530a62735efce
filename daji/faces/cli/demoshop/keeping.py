"""What keeps the demo shop going: shelves filled every Monday, a count every other week, one day's sale."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random

from daji.faces.cli.demoshop import plan, season
from daji.faces.cli.demoshop.goods import choices, sold_here
from daji.faces.cli.demoshop.places import HOME, opening_stock
from daji.faces.cli.demoshop.shelves import price_list, priced
from daji.faces.cli.demoshop.stage import Stage
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Tx
from daji.shop.pricing import api as pricing

_MONDAY = 0
_AT_SEVEN = time(7)
_LOW = 0.45
_OFF_PERCENT = 15
_YUAN = 1000
"""Prices end in …9.00 or …8.00: they move in steps of ten yuan."""
_MANY = 15
_WRONG: tuple[tuple[int, inventory.AdjustReason], ...] = ((-1, "damaged"), (-2, "lost"), (1, "found"))

Deed = Callable[[], Awaitable[None]]


def deeds(stage: Stage, *, until: datetime, days: int) -> Iterator[tuple[datetime, Deed]]:
    """What the shop does by itself, and when."""
    opened = until - timedelta(days=days)
    sale = season.sale_day(until, days)
    yield opened + timedelta(hours=1), partial(_announce, stage, sale)
    for n in range(1, days + 1):
        day = (opened + timedelta(days=n)).astimezone(season.SHOP_TIME).date()
        at = datetime.combine(day, _AT_SEVEN, tzinfo=season.SHOP_TIME)
        if at >= until:
            return
        if day.weekday() == _MONDAY or day == sale:
            yield at, partial(_refill, stage, f"inbound:{day.isoformat()}")
        if day.weekday() == _MONDAY and day.isocalendar().week % 2:
            yield at + timedelta(hours=2), partial(_count, stage, n)


async def _announce(stage: Stage, sale: date) -> None:
    """Write the sale's prices down in advance; they hold for that day alone."""
    begins = datetime.combine(sale, time(), tzinfo=season.SHOP_TIME)
    ends = begins + timedelta(days=1)
    cheaper = plan.on_sale()
    offers = [
        pricing.NewPrice(
            sku_id=stage.skus[one.code], amount=reduced(one.amount), compare_at=one.was or one.amount
        )
        for product in sold_here().products
        if product.code in cheaper
        for one in choices(product)
    ]
    now, by = stage.now, stage.staff.service

    async def work(tx: Tx) -> None:
        for (channel, _), asked in priced(offers).items():
            prices = await pricing.find_list(tx, code=price_list(channel))
            if prices is not None:
                await pricing.set_prices(
                    tx, list_id=prices.id, prices=asked, valid_from=begins, valid_to=ends, by=by, now=now
                )

    await stage.house.db.run(work)


def reduced(amount: int) -> int:
    """A price of the sale day in fen: about `_OFF_PERCENT` less, still ending as the shop's prices do."""
    steps = max(round(amount * _OFF_PERCENT / 100 / _YUAN), 1 if amount > 2 * _YUAN else 0)
    return amount - steps * _YUAN


async def _refill(stage: Stage, ref: str) -> None:
    """Bring what has run low back to what was there on the first day; what is scarce stays scarce."""
    scarce = sold_here().scarce
    now, by = stage.now, stage.staff.warehouse

    async def work(tx: Tx) -> None:
        stock = await inventory.availability(tx, sku_ids=list(stage.skus.values()))
        there = {(row.sku_id, row.site_id): row.available for row in stock}
        lines = []
        for code, shares in opening_stock().items():
            for site_code, wanted in shares.items():
                site = await inventory.find_site(tx, code=site_code)
                if site is None or not wanted or code in scarce:
                    continue
                left = there.get((stage.skus[code], site.id), 0)
                if left < wanted * _LOW:
                    line = inventory.HoldLine(sku_id=stage.skus[code], site_id=site.id, qty=wanted - left)
                    lines.append(line)
        if lines:
            await inventory.receive_many(tx, lines=lines, ref=ref, by=by, now=now)

    await stage.house.db.run(work)


async def _count(stage: Stage, n: int) -> None:
    """Somebody counts a few shelves and finds that the books are off by one or two."""
    dice = Random(n)  # noqa: S311 - a history, not a secret
    now, by = stage.now, stage.staff.warehouse

    async def work(tx: Tx) -> None:
        site = await inventory.find_site(tx, code=HOME)
        stock = await inventory.availability(tx, sku_ids=list(stage.skus.values()))
        plenty = sorted(
            row.sku_id for row in stock if site and row.site_id == site.id and row.available > _MANY
        )
        for sku_id, (delta, reason) in zip(dice.sample(plenty, len(_WRONG)), _WRONG, strict=True):
            if site is not None:
                await inventory.adjust(
                    tx,
                    site_id=site.id,
                    sku_id=sku_id,
                    delta=delta,
                    reason=reason,
                    note="",
                    by=by,
                    now=now,
                )

    await stage.house.db.run(work)
