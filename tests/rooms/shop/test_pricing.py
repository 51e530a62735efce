"""Prices by list and period on a real database."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from daji.kit.db import Database, counting
from daji.kit.ids import new_id
from daji.kit.problems import NotFound
from daji.shop.pricing import api as pricing

DAY = timedelta(days=1)

SQL_OVERLAPS = """
SELECT count(*) FROM pricing.price a JOIN pricing.price b
    ON a.list_id = b.list_id AND a.sku_id = b.sku_id AND a.id < b.id
   AND tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)
 WHERE a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL
"""


async def open_list(db: Database, now: datetime, *, code: str = "base", priority: int = 0) -> UUID:
    async with db.transaction() as tx:
        await pricing.save_channel(tx, code="store", name="Store", currency="CNY", lang="zh", now=now)
        opened = await pricing.save_list(
            tx, code=code, channel="store", currency="CNY", priority=priority, now=now
        )
    return opened.id


async def put(
    db: Database,
    list_id: UUID,
    prices: dict[UUID, int],
    *,
    valid_from: datetime,
    valid_to: datetime | None = None,
    now: datetime | None = None,
) -> int:
    async with db.transaction() as tx:
        return await pricing.set_prices(
            tx,
            list_id=list_id,
            prices=[pricing.NewPrice(sku_id=sku, amount=amount) for sku, amount in prices.items()],
            valid_from=valid_from,
            valid_to=valid_to,
            by="system",
            now=now or valid_from,
        )


async def in_force(db: Database, sku: UUID, at: datetime) -> int | None:
    async with db.read() as session:
        found = await pricing.prices_for(session, sku_ids=[sku], channel="store", at=at)
    return found[sku].amount if sku in found else None


async def overlaps(db: Database) -> int:
    async with db.read() as session:
        found: int = await session.value(SQL_OVERLAPS)
    return found


async def test_a_price_holds_from_its_start_until_the_next_one(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    assert await put(db, base, {sku: 1000}, valid_from=now) == 1
    assert await put(db, base, {sku: 900}, valid_from=now + DAY, now=now) == 1
    assert await in_force(db, sku, now - timedelta(microseconds=1)) is None
    assert await in_force(db, sku, now) == 1000
    assert await in_force(db, sku, now + DAY - timedelta(microseconds=1)) == 1000
    assert await in_force(db, sku, now + DAY) == 900


async def test_the_same_price_twice_changes_nothing(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    await put(db, base, {sku: 1000}, valid_from=now)
    async with db.transaction() as tx:
        assert (
            await pricing.set_prices(
                tx,
                list_id=base,
                prices=[pricing.NewPrice(sku_id=sku, amount=1000)],
                valid_from=now + DAY,
                by="system",
                now=now + DAY,
            )
            == 0
        )
        assert tx.events == []
    async with db.read() as session:
        page = await pricing.list_prices(session, sku_id=sku)
    assert len(page.items) == 1


async def test_a_bounded_price_interrupts_and_the_old_one_goes_on(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    await put(db, base, {sku: 1000}, valid_from=now)
    await put(db, base, {sku: 700}, valid_from=now + DAY, valid_to=now + 2 * DAY, now=now)
    assert [await in_force(db, sku, now + hours * DAY / 2) for hours in (0, 2, 3, 4, 40)] == [
        1000,
        700,
        700,
        1000,
        1000,
    ]
    assert await overlaps(db) == 0


async def test_a_planned_price_that_is_replaced_stays_as_withdrawn(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    await put(db, base, {sku: 1000}, valid_from=now)
    await put(db, base, {sku: 800}, valid_from=now + DAY, now=now)
    await put(db, base, {sku: 600}, valid_from=now + DAY / 2, now=now)
    assert await in_force(db, sku, now + 2 * DAY) == 600
    async with db.read() as session:
        records = (await pricing.list_prices(session, sku_id=sku)).items
    assert [(one.amount, one.withdrawn_at is not None) for one in records] == [
        (600, False),
        (800, True),
        (1000, False),
    ]


async def test_what_was_charged_is_history(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    await put(db, base, {sku: 1000}, valid_from=now)
    with pytest.raises(pricing.PriceInThePast) as refused:
        await put(db, base, {sku: 1}, valid_from=now + DAY, now=now + 2 * DAY)
    assert refused.value.params["sku_ids"] == [str(sku)]
    assert await in_force(db, sku, now + DAY) == 1000


async def test_a_first_price_may_begin_in_the_past(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    assert await put(db, base, {sku: 5}, valid_from=now - 30 * DAY, now=now) == 1
    assert await in_force(db, sku, now - DAY) == 5


async def test_the_highest_list_that_has_a_price_counts(db: Database, now: datetime) -> None:
    base = await open_list(db, now)
    sale = await open_list(db, now, code="sale", priority=10)
    both, one = new_id(), new_id()
    await put(db, base, {both: 1000, one: 500}, valid_from=now)
    await put(db, sale, {both: 800}, valid_from=now, valid_to=now + DAY)
    async with db.read() as session:
        with counting() as tally:
            found = await pricing.prices_for(session, sku_ids=[both, one, new_id()], channel="store", at=now)
        assert tally.count == 1
    assert {sku: price.amount for sku, price in found.items()} == {both: 800, one: 500}
    assert await in_force(db, both, now + DAY) == 1000
    async with db.read() as session:
        assert await pricing.prices_for(session, sku_ids=[both], channel="nowhere", at=now) == {}
        assert await pricing.prices_for(session, sku_ids=[], channel="store", at=now) == {}


async def test_rivals_never_make_periods_overlap(db: Database, now: datetime) -> None:
    base = await open_list(db, now)
    skus = [new_id() for _ in range(5)]

    async def rival(number: int) -> None:
        await put(
            db,
            base,
            dict.fromkeys(skus if number % 2 else skus[::-1], 100 + number),
            valid_from=now + timedelta(minutes=number % 4),
            valid_to=now + DAY if number % 3 else None,
            now=now,
        )

    await asyncio.gather(*(rival(number) for number in range(12)))
    assert await overlaps(db) == 0


async def test_impossible_prices_are_refused_with_their_place(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    async with db.transaction() as tx:
        with pytest.raises(pricing.BadPrice) as refused:
            await pricing.set_prices(
                tx,
                list_id=base,
                prices=[
                    pricing.NewPrice(sku_id=sku, amount=-1),
                    pricing.NewPrice(sku_id=sku, amount=2**63),
                    pricing.NewPrice(sku_id=new_id(), amount=5, compare_at=5),
                ],
                valid_from=now,
                valid_to=now,
                by="system",
                now=now,
            )
    assert [(field.pointer, field.code) for field in refused.value.fields] == [
        ("/valid_to", "pricing.not_after_start"),
        ("/prices/0/amount", "pricing.out_of_range"),
        ("/prices/1/sku_id", "pricing.duplicate"),
        ("/prices/1/amount", "pricing.out_of_range"),
        ("/prices/2/compare_at", "pricing.not_above_amount"),
    ]


async def test_a_thousand_prices_cost_four_statements(db: Database, now: datetime) -> None:
    base = await open_list(db, now)
    prices = [pricing.NewPrice(sku_id=new_id(), amount=n) for n in range(1000)]
    for at, amounts in ((now, 0), (now + DAY, 1)):
        async with db.transaction() as tx:
            with counting() as tally:
                changed = await pricing.set_prices(
                    tx,
                    list_id=base,
                    prices=[
                        pricing.NewPrice(sku_id=one.sku_id, amount=one.amount + amounts) for one in prices
                    ],
                    valid_from=at,
                    by="system",
                    now=at,
                )
            assert changed == 1000
            assert tally.count <= 4


async def test_a_channel_and_its_lists_keep_their_currency(db: Database, now: datetime) -> None:
    await open_list(db, now)
    async with db.transaction() as tx:
        with pytest.raises(pricing.ChannelInUse):
            await pricing.save_channel(tx, code="store", name="Store", currency="USD", lang="zh", now=now)
        with pytest.raises(pricing.ListBelongsElsewhere):
            await pricing.save_list(tx, code="eur", channel="store", currency="EUR", now=now)
        with pytest.raises(NotFound):
            await pricing.save_list(tx, code="x", channel="nowhere", currency="CNY", now=now)
        renamed = await pricing.save_channel(
            tx, code="store", name="Shop", currency="CNY", lang="en", now=now
        )
        raised = await pricing.save_list(
            tx, code="base", channel="store", currency="CNY", priority=7, now=now
        )
        assert await pricing.get_channel(tx, code="store") == renamed
        assert raised.priority == 7
        assert await pricing.find_list(tx, code="base") == raised
        assert await pricing.list_lists(tx, channel="store") == (raised,)
        await pricing.save_channel(tx, code="kw", name="Kuwait", currency="KWD", lang="en", now=now)
        free = await pricing.save_channel(tx, code="kw", name="Kuwait", currency="JPY", lang="en", now=now)
        assert await pricing.list_channels(tx) == (free, renamed)
        with pytest.raises(NotFound):
            await pricing.get_channel(tx, code="none")
        with pytest.raises(NotFound):
            await pricing.set_prices(tx, list_id=new_id(), prices=[], valid_from=now, by="system", now=now)


async def test_price_history_pages_without_gaps(db: Database, now: datetime) -> None:
    base, sku = await open_list(db, now), new_id()
    for day in range(7):
        await put(db, base, {sku: 100 + day}, valid_from=now + day * DAY)
    seen: list[int] = []
    cursor: str | None = None
    async with db.read() as session:
        while True:
            page = await pricing.list_prices(session, sku_id=sku, cursor=cursor, limit=3)
            seen += [one.amount for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [106, 105, 104, 103, 102, 101, 100]
