"""The axes of trades and orders: claims, rivals, deadlines, and nothing that goes back (U-23)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from daji.kit import ids
from daji.kit.db import Database
from daji.kit.problems import Invalid, NotFound
from daji.kit.states import IllegalTransition
from daji.trade.orders import api as orders
from tests.rooms.trade.orders_making import (
    TO_THE_DOOR,
    act,
    codes,
    confirmed,
    moved,
    placed,
    timers,
    topics,
    trade_of,
)

HOUR = timedelta(hours=1)


async def cancel(db: Database, now: datetime, trade_id: object, reason: str = "changed_mind") -> orders.Trade:
    return await act(db, orders.cancel_trade, trade_id=trade_id, reason=reason, by="shopper:1", now=now)


async def cancel_one(db: Database, now: datetime, order_id: object) -> orders.CancelledOrder:
    return await act(db, orders.cancel_order, order_id=order_id, reason="too_slow", by="shopper:1", now=now)


async def test_a_whole_life(db: Database, now: datetime):
    trade = await confirmed(db, now, children=2)
    assert (trade.status, trade.payment) == ("confirmed", "paid")
    assert {(order.status, order.delivery) for order in trade.orders} == {("confirmed", "released")}
    assert await timers(db) == {}
    first, second = trade.orders
    arrived = await moved(db, now + HOUR, first.id, *TO_THE_DOOR)
    assert (arrived.delivery, arrived.shipped_at, arrived.delivered_at) == (
        "delivered",
        now + HOUR,
        now + HOUR,
    )
    due = now + HOUR + orders.COMPLETION_WINDOW
    assert await timers(db) == {("orders.complete", first.id): due}
    done = await act(db, orders.complete, order_id=first.id, now=due)
    assert done is not None
    assert done.status == "completed"
    assert (await trade_of(db, trade.id)).status == "confirmed"
    assert await act(db, orders.complete, order_id=second.id, now=due) is None
    await moved(db, now, second.id, *TO_THE_DOOR)
    assert await act(db, orders.complete, order_id=second.id, now=due) is not None
    assert await act(db, orders.complete, order_id=second.id, now=due) is None
    assert (await trade_of(db, trade.id)).status == "completed"
    assert await timers(db) == {}
    assert (await codes(db, trade.id)).count("completed") == 2
    assert (await topics(db, trade.id)).count("orders.order_completed") == 2


async def test_confirm_is_claimed_by_one_of_many_u20(db: Database, now: datetime):
    trade = await placed(db, now)
    outcomes = await asyncio.gather(
        *(act(db, orders.confirm, trade_id=trade.id, by="system", now=now) for _ in range(8)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, orders.Confirmed) for outcome in outcomes) == 1
    losers = [outcome for outcome in outcomes if isinstance(outcome, IllegalTransition)]
    assert {(loser.params["status"], loser.params["verb"]) for loser in losers} == {("confirmed", "confirm")}
    assert (await topics(db, trade.id)).count("orders.order_confirmed") == 1


@pytest.mark.parametrize("children", [1, 3])
async def test_paying_and_cancelling_at_once_has_one_outcome(db: Database, now: datetime, children: int):
    for _ in range(5):
        trade = await placed(db, now, children=children)
        await asyncio.gather(
            act(db, orders.confirm, trade_id=trade.id, by="system", now=now),
            act(db, orders.expire, trade_id=trade.id, now=now + HOUR),
            return_exceptions=True,
        )
        after = await trade_of(db, trade.id)
        expected = {"confirmed": "confirmed", "expired": "placed"}[after.status]
        assert {order.status for order in after.orders} == {expected}


async def test_expiry_waits_for_the_deadline_and_late_money_revives(db: Database, now: datetime):
    trade = await placed(db, now)
    deadline = trade.pay_by
    assert deadline is not None
    assert await act(db, orders.expire, trade_id=trade.id, now=deadline - timedelta(microseconds=1)) is None
    expired = await act(db, orders.expire, trade_id=trade.id, now=deadline)
    assert expired is not None
    assert (expired.status, expired.orders[0].status) == ("expired", "placed")
    assert await act(db, orders.expire, trade_id=trade.id, now=deadline) is None
    assert await timers(db) == {}
    with pytest.raises(IllegalTransition):
        await act(db, orders.confirm, trade_id=trade.id, by="system", now=now)
    with pytest.raises(IllegalTransition):
        await cancel(db, now, trade.id)
    with pytest.raises(IllegalTransition):
        await cancel_one(db, now, trade.orders[0].id)
    await act(db, orders.confirm, trade_id=trade.id, by="system", now=now, late=True)
    revived = await trade_of(db, trade.id)
    assert (revived.status, revived.orders[0].status, revived.orders[0].delivery) == (
        "confirmed",
        "confirmed",
        "released",
    )
    assert sorted(await codes(db, trade.id)) == ["confirmed_late", "expired", "placed"]
    with pytest.raises(IllegalTransition):
        await act(db, orders.confirm, trade_id=trade.id, by="system", now=now, late=True)


async def test_cancelling_a_whole_trade(db: Database, now: datetime):
    trade = await placed(db, now, children=2)
    gone = await cancel(db, now, trade.id)
    assert gone.status == "cancelled"
    assert {(order.status, order.delivery) for order in gone.orders} == {("cancelled", "stopped")}
    assert {unit.status for order in gone.orders for each in order.lines for unit in each.units} == {
        "cancelled"
    }
    assert await timers(db) == {}
    assert await topics(db, trade.id) == ["orders.order_placed", "orders.order_cancelled"]
    for verb in (cancel(db, now, trade.id), cancel_one(db, now, trade.orders[0].id)):
        with pytest.raises(IllegalTransition):
            await verb
    with pytest.raises(IllegalTransition):
        await act(db, orders.confirm, trade_id=trade.id, by="system", now=now)
    with pytest.raises(IllegalTransition):
        await moved(db, now, trade.orders[0].id, "start_work")


async def test_a_trade_on_the_road_is_not_cancelled_by_half(db: Database, now: datetime):
    trade = await confirmed(db, now, children=2)
    await moved(db, now, trade.orders[0].id, "start_work", "pack", "ship")
    with pytest.raises(orders.TooLateToCancel) as refused:
        await cancel(db, now, trade.id)
    assert refused.value.params == {"number": trade.orders[0].number, "delivery": "shipped"}
    after = await trade_of(db, trade.id)
    assert (after.status, after.orders[1].status, after.orders[1].delivery) == (
        "confirmed",
        "confirmed",
        "released",
    )
    with pytest.raises(orders.TooLateToCancel):
        await cancel_one(db, now, trade.orders[0].id)
    done = await cancel_one(db, now, trade.orders[1].id)
    assert done.amount == done.order.total == 2500
    assert [unit.status for unit in done.units] == ["cancelled", "cancelled"]
    assert (await trade_of(db, trade.id)).status == "confirmed"
    await moved(db, now, trade.orders[0].id, "deliver")
    await act(db, orders.complete, order_id=trade.orders[0].id, now=now)
    assert (await trade_of(db, trade.id)).status == "completed"


async def test_the_last_order_takes_the_trade_along(db: Database, now: datetime):
    trade = await confirmed(db, now, children=2)
    outcomes = await asyncio.gather(*(cancel_one(db, now, order.id) for order in trade.orders))
    assert sum(outcome.amount for outcome in outcomes) == trade.total
    assert (await trade_of(db, trade.id)).status == "cancelled"
    async with db.read() as session:
        flags = await session.rows(
            "SELECT (payload ->> 'trade_cancelled')::bool AS flag FROM kit.outbox WHERE topic = $1",
            "orders.order_cancelled",
        )
    assert sorted(row["flag"] for row in flags) == [False, True]


async def test_one_of_several_unpaid_orders_is_not_cancelled_alone(db: Database, now: datetime):
    trade = await placed(db, now, children=2)
    with pytest.raises(orders.CancelWholeTrade):
        await cancel_one(db, now, trade.orders[0].id)
    assert {order.status for order in (await trade_of(db, trade.id)).orders} == {"placed"}
    single = await placed(db, now)
    await cancel_one(db, now, single.orders[0].id)
    assert (await trade_of(db, single.id)).status == "cancelled"
    assert ("orders.pay_deadline", single.id) not in await timers(db)


async def test_a_parcel_that_came_back_can_be_cancelled(db: Database, now: datetime):
    trade = await confirmed(db, now)
    order = await moved(db, now, trade.orders[0].id, "start_work", "pack", "ship", "fail")
    with pytest.raises(orders.TooLateToCancel):
        await cancel_one(db, now, order.id)
    await moved(db, now, order.id, "return")
    done = await cancel_one(db, now, order.id)
    assert (done.order.status, done.order.delivery, done.amount) == ("cancelled", "returned", trade.total)


async def test_every_step_again_at_every_later_state_changes_nothing_u23(db: Database, now: datetime):
    trade = await confirmed(db, now)
    order_id = trade.orders[0].id
    taken: list[str] = []
    for verb in TO_THE_DOOR:
        await moved(db, now, order_id, verb)
        taken.append(verb)
        before = await trade_of(db, trade.id)
        for earlier in taken:
            for _ in range(5):
                with pytest.raises(IllegalTransition):
                    await moved(db, now + HOUR, order_id, earlier)
        for _ in range(5):
            await act(db, orders.set_payment, trade_id=trade.id, captured=0, refunded=0, now=now)
            await act(db, orders.set_payment, trade_id=trade.id, captured=trade.due, refunded=0, now=now)
        assert await trade_of(db, trade.id) == before
    assert (await codes(db, trade.id)).count("payment_received") == 1


async def test_unpaid_goods_do_not_move(db: Database, now: datetime):
    trade = await placed(db, now)
    for verb in ("start_work", "pack", "ship", "deliver", "stop"):
        with pytest.raises(IllegalTransition):
            await moved(db, now, trade.orders[0].id, verb)
    for verb in ("release", "", "fly"):
        with pytest.raises(Invalid):
            await moved(db, now, trade.orders[0].id, verb)


async def test_unknown_ids_and_reasons(db: Database, now: datetime):
    nobody = ids.new_id()
    calls = (
        cancel(db, now, nobody),
        cancel_one(db, now, nobody),
        moved(db, now, nobody, "ship"),
        act(db, orders.confirm, trade_id=nobody, by="system", now=now),
        act(db, orders.complete, order_id=nobody, now=now),
        act(db, orders.set_payment, trade_id=nobody, captured=0, refunded=0, now=now),
        act(
            db,
            orders.book_difference,
            trade_id=nobody,
            amount=1,
            reason="goodwill",
            note="",
            by="staff:1",
            now=now,
        ),
    )
    for call in calls:
        with pytest.raises(NotFound):
            await call
    assert await act(db, orders.expire, trade_id=nobody, now=now) is None
    trade = await placed(db, now)
    for reason in ("", "'; --", "anything"):
        with pytest.raises(Invalid):
            await cancel(db, now, trade.id, reason)


async def test_notes_stay_with_their_trade(db: Database, now: datetime):
    trade, other = await placed(db, now), await placed(db, now)

    async def note(order_id: object, code: str, *, public: bool = True) -> None:
        await act(
            db,
            orders.note,
            trade_id=trade.id,
            order_id=order_id,
            code=code,
            params={"amount": 5, "currency": "CNY"},
            by="staff:1",
            public=public,
            now=now,
        )

    await note(trade.orders[0].id, "paid_too_late")
    await note(None, "paid_too_late", public=False)
    with pytest.raises(NotFound):
        await note(other.orders[0].id, "paid_too_late")
    with pytest.raises(Invalid):
        await note(None, "Bad code")
    async with db.read() as session:
        shown = await orders.timeline(session, trade_id=trade.id, public_only=True)
        every = await orders.timeline(session, trade_id=trade.id, public_only=False)
    assert (len(shown), len(every)) == (2, 3)
    assert shown[1].params == {"amount": 5, "currency": "CNY"}


async def test_finding_and_paging(db: Database, now: datetime):
    trades = [await placed(db, now + timedelta(seconds=n // 2)) for n in range(5)]
    await act(db, orders.confirm, trade_id=trades[4].id, by="system", now=now)
    async with db.read() as session:
        seen, cursor = [], None
        while True:
            page = await orders.list_trades(session, owner=None, cursor=cursor, limit=2)
            seen += [trade.id for trade in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert sorted(seen) == sorted(trade.id for trade in trades)
        assert len(seen) == 5
        assert len((await orders.list_trades(session, owner=None, status="placed")).items) == 4
        one = trades[2]
        found = {
            one.number: 1,
            one.number.lower(): 1,
            one.orders[0].number: 1,
            one.number[:7]: 5,
            "+8613800000000": 5,
            "ZHANG.SAN@EXAMPLE.COM": 5,
            "张三": 5,
            "SKU-0": 5,
            "杯子": 0,
            "%": 0,
            "_": 0,
            "\\": 0,
            "' OR 1=1 --": 0,
            "a\0b": 0,
            "   ": 5,
            "z" * 5000: 0,
        }
        for text, count in found.items():
            assert len((await orders.list_trades(session, owner=None, text=text)).items) == count, text
        own = await orders.list_trades(session, owner=one.owner, text="杯")
        assert [trade.id for trade in own.items] == [one.id]
        site = one.orders[0].site_id
        assert [o.id for o in (await orders.list_orders(session, site_id=site)).items] == [one.orders[0].id]
        assert len((await orders.list_orders(session, delivery="released", status="confirmed")).items) == 1
        page = await orders.list_orders(session, limit=3)
        rest = await orders.list_orders(session, limit=3, cursor=page.next_cursor)
        assert len({order.id for order in (*page.items, *rest.items)}) == 5
