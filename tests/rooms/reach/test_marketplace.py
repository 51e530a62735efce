"""Sellers: repeated imports, hostile rows, pages."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta

import asyncpg
import pytest

from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.paging import BadCursor
from daji.kit.problems import Invalid, NotFound
from daji.reach.marketplace import api


def seller(code: str, **changes: object) -> api.NewSeller:
    fields: dict[str, object] = {
        "code": code,
        "name": f"店 {code}",
        "city": "São Paulo",
        "region": "SP",
        "postcode": "01310",
    }
    return api.NewSeller(**(fields | changes))  # type: ignore[arg-type]


async def test_sellers_are_saved_once_and_updated_by_code(db: Database, now: datetime):
    async with db.transaction() as tx:
        first = await api.save_sellers(tx, sellers=[seller("b", lat=-23.5, lon=-46.6), seller("a")], now=now)
    with counting() as tally:
        async with db.transaction() as tx:
            again = await api.save_sellers(
                tx, sellers=[seller("a", name="new"), seller("c")], now=now + timedelta(1)
            )
    assert tally.count == 3
    assert again["a"] == first["a"]
    async with db.read() as session:
        assert (await api.get_seller(session, seller_id=first["a"])).name == "new"
        b = await api.find_seller(session, code="b")
        assert b is not None
        assert (b.lat, b.lon, b.status) == (-23.5, -46.6, "active")
        found = await api.sellers(session, ids=[*first.values(), ids.new_id()])
        assert [s.code for s in found] == ["a", "b"]


async def test_nothing_to_save_asks_nothing(db: Database, now: datetime):
    async with db.transaction() as tx:
        with counting() as tally:
            assert await api.save_sellers(tx, sellers=[], now=now) == {}
        assert tally.count == 0


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        (seller(""), "/1/code"),
        (seller("x" * 65), "/1/code"),
        (seller("x", name=""), "/1/name"),
        (seller("x", lat=1.0), "/1/lon"),
        (seller("x", lon=1.0), "/1/lat"),
        (seller("x", lat=90.1, lon=0.0), "/1/lat"),
        (seller("x", lat=math.nan, lon=0.0), "/1/lat"),
        (seller("x", status="gone"), "/1/status"),
        (seller("x", name="a\0b"), "/1/name"),
        (seller("good"), "/1/code"),
    ],
)
async def test_a_bad_row_is_named_and_nothing_is_written(
    db: Database, now: datetime, row: api.NewSeller, pointer: str
):
    with pytest.raises(Invalid) as caught:
        async with db.transaction() as tx:
            await api.save_sellers(tx, sellers=[seller("good"), row], now=now)
    assert pointer in [field.pointer for field in caught.value.fields]
    async with db.read() as session:
        assert (await api.list_sellers(session)).items == ()


async def test_unknown_sellers(db: Database):
    async with db.read() as session:
        with pytest.raises(NotFound):
            await api.get_seller(session, seller_id=ids.new_id())
        assert await api.find_seller(session, code="nobody") is None


async def test_pages_cover_everything_once_and_filter_by_status(db: Database, now: datetime):
    rows = [seller(f"s{n:03}", status="suspended" if n % 5 == 0 else "active") for n in range(25)]
    async with db.transaction() as tx:
        await api.save_sellers(tx, sellers=rows, now=now)
    seen: list[str] = []
    cursor: str | None = None
    async with db.read() as session:
        while True:
            page = await api.list_sellers(session, status="active", cursor=cursor, limit=7)
            seen += [s.code for s in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        with pytest.raises(BadCursor):
            await api.list_sellers(session, cursor="' OR 1=1 --")
    assert seen == [row.code for row in rows if row.status == "active"]


async def test_rival_imports_in_opposite_order_do_not_deadlock(db: Database, now: datetime):
    rows = [seller(f"s{n}") for n in range(50)]

    async def load(batch: list[api.NewSeller]) -> dict[str, object]:
        async with db.transaction() as tx:
            return dict(await api.save_sellers(tx, sellers=batch, now=now))

    answers = await asyncio.gather(*(load(rows if n % 2 else rows[::-1]) for n in range(8)))
    assert all(answer == answers[0] for answer in answers)


async def test_the_schema_itself_refuses_half_a_place(db: Database, now: datetime):
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO marketplace.seller (id, code, name, lat, created_at, updated_at)"
                " VALUES ($1, 'x', 'x', 1, $2, $2)",
                ids.new_id(),
                now,
            )
