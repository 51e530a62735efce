"""Group commit for hot goods: never more than there is, once for each wish, whatever breaks in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from daji.fulfil.inventory import api as inventory
from daji.kit import faults
from daji.kit.db import Database, counting
from daji.kit.ids import new_id
from daji.kit.problems import Invalid, KeyReused
from tests.rooms.fulfil.test_inventory_rivals import FREE, stocked, try_hold

ATTACK = inventory.HoldPolicy(max_units_per_buyer_sku=50, max_share_percent=20, min_units=2)
QUARTER = timedelta(minutes=15)


def wish(
    now: datetime, qty: int = 1, *, holder: UUID | None = None, keys: tuple[str, ...] = ()
) -> inventory.HoldWish:
    return inventory.HoldWish(
        holder=holder or new_id(), qty=qty, expires_at=now + QUARTER, now=now, buyer_keys=keys
    )


async def balance(db: Database, sku_id: UUID) -> tuple[int, int]:
    """(on hand, held), after the audit."""
    async with db.read() as session:
        assert (await inventory.audit(session)).differences == ()
        (row,) = await inventory.availability(session, sku_ids=[sku_id])
    return row.on_hand, row.held


@contextmanager
def breaking(point: str, times: int) -> Iterator[list[str]]:
    """The first `times` that this point is reached, the work breaks there."""
    reached: list[str] = []

    def hook(here: str) -> None:
        if here == point:
            reached.append(here)
            if len(reached) <= times:
                raise ConnectionError(point)

    with faults.armed(hook):
        yield reached


async def test_two_crowds_and_those_beside_them_never_oversell(db: Database, now: datetime) -> None:
    """Two processes' crowds and plain holds at one row: what there is goes out once, the others are refused."""
    (sku,), (site,) = await stocked(db, now, 100)
    crowds = [inventory.Crowd(db, policy=FREE) for _ in range(2)]
    line = inventory.HoldLine(sku_id=sku, site_id=site, qty=1)
    answers = await asyncio.gather(
        *(crowds[n % 2].hold(sku_id=sku, site_id=site, wish=wish(now)) for n in range(400)),
        *(try_hold(db, now, [line]) for _ in range(50)),
        return_exceptions=True,
    )
    short = [one for one in answers if isinstance(one, inventory.StockShort)]
    assert (len(answers) - len(short), len(short)) == (100, 350)
    assert await balance(db, sku) == (100, 100)


async def test_wishes_that_wait_are_one_batch_of_few_statements(db: Database, now: datetime) -> None:
    (sku,), (site,) = await stocked(db, now, 1000)
    crowd = inventory.Crowd(db, policy=FREE)
    with counting() as tally:
        await asyncio.gather(
            *(crowd.hold(sku_id=sku, site_id=site, wish=wish(now, keys=(f"guest:{n}",))) for n in range(200))
        )
    assert (crowd.batches, tally.count) == (1, 8)
    async with db.read() as session:
        assert (
            await session.value("SELECT count(*) FROM kit.outbox WHERE topic = 'inventory.stock_changed'")
            == 2
        )
    assert await balance(db, sku) == (1000, 200)


async def test_a_large_wish_that_does_not_fit_leaves_room_for_small_ones(db: Database, now: datetime) -> None:
    (sku,), (site,) = await stocked(db, now, 5)
    crowd = inventory.Crowd(db, policy=FREE)
    answers = await asyncio.gather(
        *(crowd.hold(sku_id=sku, site_id=site, wish=wish(now, qty)) for qty in (3, 4, 2, 1)),
        return_exceptions=True,
    )
    assert [isinstance(one, inventory.StockShort) for one in answers] == [False, True, False, True]
    assert isinstance(answers[1], inventory.StockShort)
    assert answers[1].missing == {sku: 2}
    assert await balance(db, sku) == (5, 5)


async def test_one_holder_is_granted_once(db: Database, now: datetime) -> None:
    """Copies of a wish in one batch, and later, get one hold; another number under the same key is refused."""
    (sku,), (site,) = await stocked(db, now, 10)
    crowd, same = inventory.Crowd(db, policy=FREE), wish(now, 2)
    await asyncio.gather(*(crowd.hold(sku_id=sku, site_id=site, wish=same) for _ in range(5)))
    await crowd.hold(sku_id=sku, site_id=site, wish=same)
    assert await balance(db, sku) == (10, 2)
    with pytest.raises(KeyReused):
        await crowd.hold(sku_id=sku, site_id=site, wish=wish(now, 3, holder=same.holder))
    with pytest.raises(Invalid):
        await crowd.hold(sku_id=sku, site_id=site, wish=wish(now, 0))
    assert await balance(db, sku) == (10, 2)


@pytest.mark.parametrize("point", ["inventory.crowd.before_commit", "inventory.crowd.after_commit"])
async def test_a_batch_that_breaks_is_decided_one_by_one(db: Database, now: datetime, point: str) -> None:
    """Rolled back or committed without anybody knowing: in the end each wish is held once, and nothing twice."""
    (sku,), (site,) = await stocked(db, now, 30)
    crowd = inventory.Crowd(db, policy=FREE)
    with breaking(point, times=1) as reached:
        answers = await asyncio.gather(
            *(crowd.hold(sku_id=sku, site_id=site, wish=wish(now)) for _ in range(40)), return_exceptions=True
        )
    assert len(reached) > 1
    assert [one is None for one in answers] == [True] * 30 + [False] * 10
    assert await balance(db, sku) == (30, 30)


async def test_who_breaks_alone_is_told_and_holds_nothing(db: Database, now: datetime) -> None:
    (sku,), (site,) = await stocked(db, now, 5)
    crowd, mine = inventory.Crowd(db, policy=FREE), wish(now)
    with breaking("inventory.crowd.before_commit", times=1), pytest.raises(ConnectionError):
        await crowd.hold(sku_id=sku, site_id=site, wish=mine)
    assert await balance(db, sku) == (5, 0)
    await crowd.hold(sku_id=sku, site_id=site, wish=mine)
    assert await balance(db, sku) == (5, 1)


async def test_who_goes_away_holds_nothing(db: Database, now: datetime) -> None:
    """Cancelled while waiting: never asked for. Cancelled while in flight: given back."""
    (sku,), (site,) = await stocked(db, now, 10)
    crowd = inventory.Crowd(db, policy=FREE, most=1)
    tasks = [asyncio.create_task(crowd.hold(sku_id=sku, site_id=site, wish=wish(now))) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # The first is in flight by now, the second waits.
    tasks[0].cancel()
    tasks[1].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    await crowd.close()
    assert [type(one) for one in answers] == [asyncio.CancelledError, asyncio.CancelledError, type(None)]
    assert crowd.batches == 2
    assert await balance(db, sku) == (10, 1)
    async with db.read() as session:
        kinds = [one.kind for one in (await inventory.list_movements(session, sku_id=sku)).items]
    assert sorted(kinds) == ["hold", "hold", "receive", "release"]


async def test_only_a_committed_state_shuts_and_opens_the_gate(db: Database, now: datetime) -> None:
    """Sold out answers for the database for a moment; pieces that come back are found when it is over."""
    (sku,), (site,) = await stocked(db, now, 2)
    time = 0.0
    crowd = inventory.Crowd(db, policy=FREE, gate_seconds=0.2, clock=lambda: time)
    first = wish(now, 2)
    with breaking("inventory.crowd.before_commit", times=1), pytest.raises(ConnectionError):
        await crowd.hold(sku_id=sku, site_id=site, wish=first)
    # What was rolled back shuts nothing.
    await crowd.hold(sku_id=sku, site_id=site, wish=first)
    asked = crowd.batches
    with counting() as tally, pytest.raises(inventory.StockShort):
        await crowd.hold(sku_id=sku, site_id=site, wish=wish(now))
    assert (crowd.batches, tally.count) == (asked, 0)
    later = now + QUARTER
    async with db.transaction() as tx:
        await inventory.release(tx, holder=first.holder, reason="expired", by="system", now=later)
    with pytest.raises(inventory.StockShort):
        await crowd.hold(sku_id=sku, site_id=site, wish=wish(later))
    time = 0.3
    await crowd.hold(sku_id=sku, site_id=site, wish=wish(later))
    assert await balance(db, sku) == (2, 1)


async def test_u14_a_buyer_of_the_crowd_keeps_to_the_limit(db: Database, now: datetime) -> None:
    """The limit counts what the buyer holds elsewhere, and what the same batch gave before."""
    (sku,), (here, there) = await stocked(db, now, 10, places=2)
    elsewhere = inventory.HoldLine(sku_id=sku, site_id=there, qty=2)
    await try_hold(db, now, [elsewhere], keys=("guest:a",), policy=ATTACK)
    crowd = inventory.Crowd(db, policy=ATTACK)
    answers = await asyncio.gather(
        *(
            crowd.hold(sku_id=sku, site_id=here, wish=wish(now, keys=(key,)))
            for key in ("guest:a", "guest:b", "guest:a", "guest:a", "guest:b", "guest:b")
        ),
        return_exceptions=True,
    )
    # A fifth of twenty pieces.
    assert [type(one).__name__ for one in answers].count("HoldLimit") == 1
    assert isinstance(answers[3], inventory.HoldLimit)


async def test_a_place_that_is_not_there_has_nothing(db: Database, now: datetime) -> None:
    crowd = inventory.Crowd(db, policy=FREE)
    with pytest.raises(inventory.StockShort):
        await crowd.hold(sku_id=new_id(), site_id=new_id(), wish=wish(now))
