"""Address books: owners, limits, the one default, and rivals."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from daji.care.customers import api
from daji.kit import ids
from daji.kit.db import Database, counting
from daji.kit.places import Address
from daji.kit.problems import Invalid, NotFound

HOME: dict[str, Any] = {
    "name": "林",
    "phone": "+8613800138000",
    "country": "CN",
    "region": "上海",
    "city": "上海",
    "district": "静安",
    "line": "南京西路 1 号",
    "postcode": "200041",
}


def place(**changes: Any) -> Address:
    return Address(**(HOME | changes))


async def add(db: Database, shopper: UUID, now: datetime, **more: Any) -> api.SavedAddress:
    address = more.pop("address", place())
    async with db.transaction() as tx:
        return await api.add_address(tx, shopper_id=shopper, address=address, now=now, **more)


async def book(db: Database, shopper: UUID) -> tuple[api.SavedAddress, ...]:
    async with db.read() as session:
        return await api.list_addresses(session, shopper_id=shopper)


async def test_the_first_address_is_the_default_and_comes_first(db: Database, now: datetime):
    lin = ids.new_id()
    first = await add(db, lin, now)
    second = await add(db, lin, now + timedelta(1), address=place(line="外滩 2 号", lat=31.24, lon=121.49))
    assert (first.is_default, second.is_default) == (True, False)
    assert await book(db, lin) == (first, second)
    async with db.read() as session:
        assert await api.find_default_address(session, shopper_id=lin) == first
        assert await api.get_address(session, shopper_id=lin, address_id=second.id) == second


async def test_the_default_moves(db: Database, now: datetime):
    lin = ids.new_id()
    first = await add(db, lin, now)
    second = await add(db, lin, now, make_default=True)
    assert [(a.id, a.is_default) for a in await book(db, lin)] == [(second.id, True), (first.id, False)]
    for _ in range(2):
        async with db.transaction() as tx:
            chosen = await api.set_default_address(tx, shopper_id=lin, address_id=first.id, now=now)
        assert chosen.is_default
    assert [a.id for a in await book(db, lin) if a.is_default] == [first.id]


async def test_when_the_default_goes_the_newest_takes_its_place(db: Database, now: datetime):
    lin = ids.new_id()
    saved = [await add(db, lin, now + timedelta(minutes=n)) for n in range(3)]
    for gone, heir in ((saved[0], saved[2]), (saved[2], saved[1]), (saved[1], None)):
        async with db.transaction() as tx:
            await api.remove_address(tx, shopper_id=lin, address_id=gone.id, now=now)
        async with db.read() as session:
            left = await api.find_default_address(session, shopper_id=lin)
        assert (left and left.id) == (heir and heir.id)
    assert await book(db, lin) == ()
    assert (await add(db, lin, now)).is_default


async def test_somebody_elses_address_is_not_found_u114(db: Database, now: datetime):
    lin, eve = ids.new_id(), ids.new_id()
    mine = await add(db, lin, now)
    await add(db, eve, now)
    for owner, target in ((eve, mine.id), (lin, ids.new_id()), (ids.new_id(), mine.id)):
        with pytest.raises(NotFound):
            async with db.read() as session:
                await api.get_address(session, shopper_id=owner, address_id=target)
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await api.update_address(
                    tx, shopper_id=owner, address_id=target, address=place(name="Eve"), now=now
                )
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await api.set_default_address(tx, shopper_id=owner, address_id=target, now=now)
        with pytest.raises(NotFound):
            async with db.transaction() as tx:
                await api.remove_address(tx, shopper_id=owner, address_id=target, now=now)
    assert await book(db, lin) == (mine,)
    assert [a.is_default for a in await book(db, eve)] == [True]


async def test_an_address_is_written_anew(db: Database, now: datetime):
    lin = ids.new_id()
    saved = await add(db, lin, now)
    later = now + timedelta(hours=1)
    async with db.transaction() as tx:
        changed = await api.update_address(
            tx, shopper_id=lin, address_id=saved.id, address=place(name="  Lin   D. "), now=later
        )
    assert (changed.address.name, changed.updated_at, changed.created_at) == ("Lin   D.", later, now)
    assert changed.is_default


async def test_a_book_holds_fifty_also_against_rivals(db: Database, now: datetime):
    lin = ids.new_id()
    for n in range(45):
        await add(db, lin, now + timedelta(seconds=n))
    answers = await asyncio.gather(*(add(db, lin, now) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(answer, api.SavedAddress) for answer in answers) == 5
    refused = [answer for answer in answers if isinstance(answer, api.AddressBookFull)]
    assert len(refused) == 7
    assert dict(refused[0].params) == {"maximum": 50}
    kept = await book(db, lin)
    assert len(kept) == 50
    async with db.transaction() as tx:
        await api.remove_address(tx, shopper_id=lin, address_id=kept[0].id, now=now)
    await add(db, lin, now)
    assert len(await book(db, lin)) == 50
    assert len(await book(db, ids.new_id())) == 0


async def test_rivals_leave_exactly_one_default(db: Database, now: datetime):
    lin = ids.new_id()
    first = await asyncio.gather(*(add(db, lin, now) for _ in range(8)))
    assert sum(a.is_default for a in await book(db, lin)) == 1

    async def choose(address_id: UUID) -> None:
        async with db.transaction() as tx:
            await api.set_default_address(tx, shopper_id=lin, address_id=address_id, now=now)

    async def remove(address_id: UUID) -> None:
        async with db.transaction() as tx:
            await api.remove_address(tx, shopper_id=lin, address_id=address_id, now=now)

    answers = await asyncio.gather(
        *(choose(a.id) for a in first), *(remove(a.id) for a in first[:4]), return_exceptions=True
    )
    assert all(answer is None or isinstance(answer, NotFound) for answer in answers), answers
    left = await book(db, lin)
    assert len(left) == 4
    assert sum(a.is_default for a in left) == 1


async def test_removing_twice_at_once_counts_once(db: Database, now: datetime):
    lin = ids.new_id()
    saved = await add(db, lin, now)

    async def remove() -> None:
        async with db.transaction() as tx:
            await api.remove_address(tx, shopper_id=lin, address_id=saved.id, now=now)

    answers = await asyncio.gather(*(remove() for _ in range(4)), return_exceptions=True)
    assert sorted(str(answer) for answer in answers) == ["None", "not_found", "not_found", "not_found"]
    async with db.read() as session:
        assert await session.value("SELECT entries FROM customers.book WHERE shopper_id = $1", lin) == 0


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": " "}, "/name", "required"),
        ({"line": ""}, "/line", "required"),
        ({"phone": ""}, "/phone", "required"),
        ({"line": "x" * 201}, "/line", "too_long"),
        ({"name": "a\0b"}, "/name", "wrong_type"),
        ({"city": "two\nlines"}, "/city", "wrong_type"),
        ({"country": "China"}, "/country", "wrong_type"),
        ({"country": "cn"}, "/country", "wrong_type"),
        ({"lat": 31.0}, "/lon", "required"),
        ({"lat": 91.0, "lon": 0.0}, "/lat", "wrong_type"),
        ({"lat": math.nan, "lon": 0.0}, "/lat", "wrong_type"),
        ({"lat": 0.0, "lon": math.inf}, "/lon", "wrong_type"),
    ],
)
def test_bad_addresses_are_named_by_field(changes: dict[str, Any], pointer: str, code: str):
    from daji.care.customers.rules import clean  # noqa: PLC0415

    with pytest.raises(Invalid) as caught:
        clean(place(**changes))
    assert (pointer, code) in [(field.pointer, field.code) for field in caught.value.fields]


async def test_hostile_text_is_only_text(db: Database, now: datetime):
    lin = ids.new_id()
    hostile = "'); DROP TABLE customers.address; -- <script>\u202e"
    await add(db, lin, now, address=place(name=hostile))
    assert (await book(db, lin))[0].address.name == hostile


async def test_budgets(db: Database, now: datetime):
    lin = ids.new_id()
    await add(db, lin, now)
    async with db.transaction() as tx:
        with counting() as tally:
            await api.add_address(tx, shopper_id=lin, address=place(), now=now)
    assert tally.count <= 4
    with counting() as tally:
        await book(db, lin)
    assert tally.count == 1
