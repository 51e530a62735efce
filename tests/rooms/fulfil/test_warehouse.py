"""Picking and packing on a real database."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Database
from daji.kit.ids import new_id
from daji.kit.problems import Invalid, NotFound
from daji.kit.states import IllegalTransition

BY = "staff:test"


async def released(db: Database, now: datetime, *qtys: int) -> warehouse.PickList:
    lines = tuple(warehouse.PickLine(line_id=new_id(), sku_id=new_id(), qty=qty) for qty in qtys)
    order_id = new_id()
    wanted = warehouse.Release(order_id=order_id, site_id=new_id(), number="D1-1", lines=lines)
    async with db.transaction() as tx:
        await warehouse.release(tx, orders=[wanted], now=now)
        return await warehouse.get_pick_list(tx, order_id=order_id)


async def start(db: Database, order_id: UUID, now: datetime) -> None:
    async with db.transaction() as tx:
        await warehouse.start(tx, order_id=order_id, by=BY, now=now)


async def pick(db: Database, made: warehouse.PickList, now: datetime, *qtys: int) -> None:
    picked = tuple(
        warehouse.Picked(line_id=line.line_id, qty=qty)
        for line, qty in zip(made.lines, qtys, strict=True)
        if qty
    )
    async with db.transaction() as tx:
        await warehouse.pick(tx, order_id=made.order_id, picked=picked, by=BY, now=now)


async def seen(db: Database, order_id: UUID) -> warehouse.PickList:
    async with db.read() as session:
        return await warehouse.get_pick_list(session, order_id=order_id)


async def test_a_whole_life(db: Database, now: datetime) -> None:
    made = await released(db, now, 2, 1)
    assert made.status == "released"
    await start(db, made.order_id, now)
    await pick(db, made, now, 1, 1)
    assert (await seen(db, made.order_id)).status == "picking"
    with pytest.raises(warehouse.NotPicked) as caught:
        async with db.transaction() as tx:
            await warehouse.pack(tx, order_id=made.order_id, weight_g=100, size_mm=None, by=BY, now=now)
    assert caught.value.params == {"missing": 1}
    await pick(db, made, now, 1, 0)
    async with db.transaction() as tx:
        package = await warehouse.pack(
            tx, order_id=made.order_id, weight_g=750, size_mm=(300, 200, 100), by=BY, now=now
        )
        await warehouse.hand_over(tx, order_id=made.order_id, by=BY, now=now)
    done = await seen(db, made.order_id)
    assert (done.status, done.package) == ("handed_over", package)
    assert [(one.verb, one.by) for one in done.history] == [
        ("release", "system"),
        ("start", BY),
        ("pick", BY),
        ("pick", BY),
        ("pack", BY),
        ("hand_over", BY),
    ]
    assert done.history[0].at == now
    async with db.transaction() as tx:
        assert not await warehouse.cancel(tx, order_id=made.order_id, by=BY, now=now)


async def test_releasing_again_finds_the_first_list(db: Database, now: datetime) -> None:
    made = await released(db, now, 2)
    other = (warehouse.PickLine(line_id=new_id(), sku_id=new_id(), qty=9),)
    new = warehouse.Release(order_id=new_id(), site_id=new_id(), number="D2-1", lines=other)
    again = warehouse.Release(order_id=made.order_id, site_id=new_id(), number="other", lines=other)
    async with db.transaction() as tx:
        await warehouse.release(tx, orders=[again, new], now=now)
    assert await seen(db, made.order_id) == made
    beside = await seen(db, new.order_id)
    assert (beside.number, [(line.line_id, line.qty) for line in beside.lines]) == (
        "D2-1",
        [(other[0].line_id, 9)],
    )


async def test_two_pickers_never_take_more_than_asked(db: Database, now: datetime) -> None:
    """U-18: eight pickers report the same piece; three fit, five are refused."""
    made = await released(db, now, 3)
    await start(db, made.order_id, now)
    results = await asyncio.gather(*(pick(db, made, now, 1) for _ in range(8)), return_exceptions=True)
    refused = [one for one in results if one is not None]
    assert len(refused) == 5
    assert all(isinstance(one, warehouse.OverPicked | IllegalTransition) for one in refused)
    done = await seen(db, made.order_id)
    assert (done.lines[0].picked, done.status) == (3, "picked")


async def test_what_is_short_may_be_found_after_all(db: Database, now: datetime) -> None:
    made = await released(db, now, 3)
    await start(db, made.order_id, now)
    await pick(db, made, now, 1)
    line_id = made.lines[0].line_id

    async def short(qty: int) -> None:
        async with db.transaction() as tx:
            missing = (warehouse.Picked(line_id=line_id, qty=qty),)
            await warehouse.report_short(tx, order_id=made.order_id, shorts=missing, by=BY, now=now)

    with pytest.raises(warehouse.OverPicked):
        await short(3)
    await short(2)
    now_short = await seen(db, made.order_id)
    assert (now_short.status, now_short.lines[0].short) == ("short", 2)
    with pytest.raises(warehouse.NotPicked):
        async with db.transaction() as tx:
            await warehouse.pack(tx, order_id=made.order_id, weight_g=1, size_mm=None, by=BY, now=now)
    await pick(db, made, now, 2)
    found = await seen(db, made.order_id)
    assert (found.status, found.lines[0].picked, found.lines[0].short) == ("picked", 3, 0)


async def test_cancelling_is_idempotent_and_final(db: Database, now: datetime) -> None:
    made = await released(db, now, 1)
    for _ in range(2):
        async with db.transaction() as tx:
            assert await warehouse.cancel(tx, order_id=made.order_id, by=BY, now=now)
    with pytest.raises(IllegalTransition):
        await start(db, made.order_id, now)
    assert [one.verb for one in (await seen(db, made.order_id)).history] == ["release", "cancel"]


async def test_two_rivals_start_once(db: Database, now: datetime) -> None:
    made = await released(db, now, 1)
    results = await asyncio.gather(*(start(db, made.order_id, now) for _ in range(5)), return_exceptions=True)
    assert sum(one is None for one in results) == 1


@pytest.mark.parametrize("qty", [0, -1, 10**9])
async def test_impossible_input(db: Database, now: datetime, qty: int) -> None:
    with pytest.raises(Invalid):
        await released(db, now, qty)
    with pytest.raises(Invalid):
        await released(db, now)
    made = await released(db, now, 1)
    await start(db, made.order_id, now)
    with pytest.raises(Invalid):
        await pick(db, made, now, *((qty,) if qty else (0,)))
    async with db.transaction() as tx:
        stranger = (warehouse.Picked(line_id=new_id(), qty=1),)
        with pytest.raises(warehouse.UnknownLine):
            await warehouse.pick(tx, order_id=made.order_id, picked=stranger, by=BY, now=now)
        with pytest.raises(NotFound):
            await warehouse.pick(tx, order_id=new_id(), picked=stranger, by=BY, now=now)
        with pytest.raises(Invalid):
            await warehouse.pack(tx, order_id=made.order_id, weight_g=qty, size_mm=None, by=BY, now=now)
        with pytest.raises(Invalid):
            await warehouse.pack(tx, order_id=made.order_id, weight_g=1, size_mm=(1, qty, 1), by=BY, now=now)


async def test_the_work_list_is_paged(db: Database, now: datetime) -> None:
    made = [await released(db, now, 1) for _ in range(3)]
    await start(db, made[1].order_id, now)
    async with db.read() as session:
        first = await warehouse.list_pick_lists(session, limit=2)
        rest = await warehouse.list_pick_lists(session, limit=2, cursor=first.next_cursor)
        assert [one.id for one in (*first.items, *rest.items)] == [one.id for one in made]
        assert rest.next_cursor is None
        picking = await warehouse.list_pick_lists(session, status="picking")
        assert [one.id for one in picking.items] == [made[1].id]
        own = await warehouse.list_pick_lists(session, site_id=made[2].site_id)
        assert [one.id for one in own.items] == [made[2].id]
        assert await warehouse.find_pick_list(session, order_id=new_id()) is None
        with pytest.raises(NotFound):
            await warehouse.get_pick_list(session, order_id=new_id())
