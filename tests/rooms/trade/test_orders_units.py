"""Units: returns, refunds within the frozen share, and the two derived axes."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from daji.kit import ids
from daji.kit.db import Database
from daji.kit.money import AmountOutOfRange
from daji.kit.problems import Invalid, NotFound
from daji.trade.cart.api import UnreadableText
from daji.trade.orders import api as orders
from tests.rooms.trade.orders_making import (
    TO_THE_DOOR,
    act,
    codes,
    confirmed,
    line,
    moved,
    parcel,
    placed,
    quote,
    timers,
    trade_of,
    units_of,
)


async def delivered(db: Database, now: datetime, **more: Any) -> orders.Trade:
    trade = await confirmed(db, now, **more)
    for order in trade.orders:
        await moved(db, now, order.id, *TO_THE_DOOR)
    return await trade_of(db, trade.id)


async def open_return(
    db: Database, now: datetime, order_id: UUID, *unit_ids: UUID
) -> tuple[orders.Unit, ...]:
    return await act(db, orders.open_return, order_id=order_id, unit_ids=unit_ids, by="shopper:1", now=now)


async def close_return(
    db: Database, now: datetime, order_id: UUID, verb: str, *unit_ids: UUID
) -> tuple[orders.Unit, ...]:
    return await act(
        db, orders.close_return, order_id=order_id, unit_ids=unit_ids, verb=verb, by="staff:1", now=now
    )


async def aftersales(db: Database, trade: orders.Trade) -> str:
    return (await trade_of(db, trade.id)).orders[0].aftersales


async def test_after_sales_follow_the_units(db: Database, now: datetime):
    trade = await delivered(db, now, qty=3)
    order_id = trade.orders[0].id
    one, two, three = (unit.id for unit in units_of(trade))
    opened = await open_return(db, now, order_id, two, one)
    assert [(unit.id, unit.status) for unit in opened] == [(two, "in_return"), (one, "in_return")]
    assert await aftersales(db, trade) == "open"
    await close_return(db, now, order_id, "keep", one)
    assert await aftersales(db, trade) == "open"
    await close_return(db, now, order_id, "returned", two)
    assert await aftersales(db, trade) == "part_returned"
    await open_return(db, now, order_id, one, three)
    assert await aftersales(db, trade) == "open"
    await close_return(db, now, order_id, "returned", one, three)
    assert await aftersales(db, trade) == "returned"
    assert (await codes(db, trade.id))[-1].startswith("return_")


async def test_a_withdrawn_return_leaves_no_trace_on_the_axis(db: Database, now: datetime):
    trade = await delivered(db, now)
    order_id, unit = trade.orders[0].id, units_of(trade)[0].id
    await open_return(db, now, order_id, unit)
    await close_return(db, now, order_id, "keep", unit)
    assert await aftersales(db, trade) == "none"


async def test_only_sold_units_of_this_order_that_left_come_back(db: Database, now: datetime):
    trade, other = await delivered(db, now), await delivered(db, now)
    packed = await confirmed(db, now)
    order_id = trade.orders[0].id
    one, two = (unit.id for unit in units_of(trade))
    stranger = units_of(other)[0].id
    refusals = [
        open_return(db, now, order_id, one, stranger),
        open_return(db, now, order_id, one, ids.new_id()),
        open_return(db, now, packed.orders[0].id, units_of(packed)[0].id),
    ]
    for refusal in refusals:
        with pytest.raises(orders.UnitNotReturnable):
            await refusal
    assert {unit.status for unit in units_of(await trade_of(db, trade.id))} == {"sold"}
    assert len(await open_return(db, now, order_id, one, one)) == 1
    with pytest.raises(orders.UnitNotReturnable) as refused:
        await open_return(db, now, order_id, one, two)
    assert refused.value.params["unit_ids"] == [ids.show("unt", one)]
    with pytest.raises(orders.UnitNotInReturn):
        await close_return(db, now, order_id, "returned", one, two)
    with pytest.raises(orders.UnitNotInReturn):
        await close_return(db, now, other.orders[0].id, "returned", one)
    for bad in (open_return(db, now, order_id), close_return(db, now, order_id, "burn", one)):
        with pytest.raises(Invalid):
            await bad
    with pytest.raises(NotFound):
        await open_return(db, now, ids.new_id(), one)
    await close_return(db, now, order_id, "returned", one)
    for verb in ("keep", "returned"):
        with pytest.raises(orders.UnitNotInReturn):
            await close_return(db, now, order_id, verb, one)


async def test_rivals_for_one_unit(db: Database, now: datetime):
    trade = await delivered(db, now, qty=1)
    unit = units_of(trade)[0].id
    outcomes = await asyncio.gather(
        *(open_return(db, now, trade.orders[0].id, unit) for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, orders.UnitNotReturnable) for outcome in outcomes) == 5


async def test_an_open_return_puts_completion_off(db: Database, now: datetime):
    trade = await delivered(db, now)
    order_id, unit = trade.orders[0].id, units_of(trade)[0].id
    await open_return(db, now, order_id, unit)
    later = now + orders.COMPLETION_WINDOW
    assert await act(db, orders.complete, order_id=order_id, now=later) is None
    assert await timers(db) == {("orders.complete", order_id): later + orders.COMPLETION_WINDOW}
    await close_return(db, now, order_id, "returned", unit)
    done = await act(db, orders.complete, order_id=order_id, now=later)
    assert done is not None
    assert (done.status, done.aftersales) == ("completed", "part_returned")
    await open_return(db, later, order_id, units_of(trade)[1].id)
    assert await aftersales(db, trade) == "open"


async def test_refunds_stay_within_the_frozen_share_u40_u60(db: Database, now: datetime):
    cup = line(3, 333)
    offer = quote(now, parcel([(cup, 3)], now, 100), lines=[cup], discount=100, tax=7)
    trade = await delivered(db, now, offer=offer)
    units = units_of(trade)
    assert sum(unit.paid for unit in units) == trade.total == 1006

    async def refund(*amounts: tuple[UUID, int]) -> None:
        await act(db, orders.note_refund, amounts=amounts, now=now)

    first = units[0]
    await refund((first.id, 1), (first.id, 1))
    with pytest.raises(orders.RefundExceedsPaid) as refused:
        await refund((units[1].id, 5), (first.id, first.paid - 1))
    assert refused.value.params["unit_ids"] == [ids.show("unt", first.id)]
    with pytest.raises(orders.RefundExceedsPaid):
        await refund((ids.new_id(), 0))
    with pytest.raises(Invalid):
        await refund((first.id, -1))
    await refund()
    after = units_of(await trade_of(db, trade.id))
    assert [unit.refunded for unit in after] == [2, 0, 0]
    assert [unit.paid for unit in after] == [unit.paid for unit in units]
    outcomes = await asyncio.gather(
        *(refund(*((unit.id, unit.paid - 2) for unit in units)) for _ in range(4)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1


async def test_cancelling_gives_back_what_was_not_given_back_before_u40(db: Database, now: datetime):
    trade = await confirmed(db, now, qty=2)
    first, second = units_of(trade)
    await act(db, orders.note_refund, amounts=[(first.id, 10)], now=now)
    done = await act(
        db, orders.cancel_order, order_id=trade.orders[0].id, reason="other", by="staff:1", now=now
    )
    assert done.amount == first.paid - 10 + second.paid
    assert done.order.aftersales == "none"


async def test_payment_is_derived(db: Database, now: datetime):
    trade = await placed(db, now)
    due = trade.due

    async def say(captured: int, refunded: int) -> str:
        return await act(
            db, orders.set_payment, trade_id=trade.id, captured=captured, refunded=refunded, now=now
        )

    assert await say(0, 0) == "unpaid"
    assert await say(1, 0) == "part_paid"
    assert await say(due, 0) == "paid"
    assert await say(due - 1, 0) == "paid"
    assert await say(due, 1) == "part_refunded"
    assert await say(due, 0) == "part_refunded"
    assert await say(due, due) == "refunded"
    assert (await trade_of(db, trade.id)).payment == "refunded"
    for captured, refunded in ((-1, 0), (0, -1), (1, 2)):
        with pytest.raises(Invalid):
            await say(captured, refunded)
    assert sorted(await codes(db, trade.id)) == [
        "payment_received",
        "payment_received",
        "payment_refunded",
        "payment_refunded",
        "placed",
    ]


async def test_sums_that_arrive_in_any_order_end_the_same(db: Database, now: datetime):
    trade = await placed(db, now)
    steps = [(500, 0), (trade.due, 0), (trade.due, 300), (trade.due, trade.due)] * 2
    await asyncio.gather(
        *(
            act(db, orders.set_payment, trade_id=trade.id, captured=captured, refunded=refunded, now=now)
            for captured, refunded in steps
        )
    )
    assert (await trade_of(db, trade.id)).payment == "refunded"


async def test_a_difference_changes_what_is_due_and_no_unit(db: Database, now: datetime):
    trade = await placed(db, now)

    async def book(amount: int, reason: str = "goodwill", note: str = "as agreed") -> orders.Trade:
        return await act(
            db,
            orders.book_difference,
            trade_id=trade.id,
            amount=amount,
            reason=reason,
            note=note,
            by="staff:1",
            now=now,
        )

    assert (await book(-500)).due == trade.total - 500
    await act(db, orders.set_payment, trade_id=trade.id, captured=trade.total - 500, refunded=0, now=now)
    after = await book(200)
    assert (after.due, after.difference, after.total, after.payment) == (
        trade.total - 300,
        -300,
        trade.total,
        "part_paid",
    )
    assert units_of(after) == units_of(trade)
    with pytest.raises(orders.DifferenceTooLarge):
        await book(-after.due - 1)
    assert (await book(-after.due)).payment == "paid"
    for wrong in (book(0), book(1, reason="No Code")):
        with pytest.raises(Invalid):
            await wrong
    with pytest.raises(UnreadableText):
        await book(1, note="a\0b")
    with pytest.raises(AmountOutOfRange):
        await book(2**63)
    await book(2**63 - 1 - trade.total)
    with pytest.raises(AmountOutOfRange):
        await book(trade.total + 1)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE orders.unit SET paid = paid + 1",
        "UPDATE orders.unit SET refunded = paid + 1",
        "UPDATE orders.unit SET refunded = -1",
        "UPDATE orders.trade SET total = total + 1",
        "UPDATE orders.trade SET difference = -total - 1",
        "UPDATE orders.trade SET shopper_id = NULL",
        "UPDATE orders.trade SET guest_token = 'both'",
        "UPDATE orders.trade SET refunded = captured + 1",
        "UPDATE orders.trade SET status = 'anything'",
        """UPDATE orders."order" SET delivery = 'released'""",
        """UPDATE orders."order" SET status = 'completed'""",
        """UPDATE orders."order" SET status = 'cancelled'""",
        """UPDATE orders."order" SET total = total - 1""",
    ],
)
async def test_the_schema_refuses_what_must_not_be(db: Database, now: datetime, attack: str):
    await placed(db, now)
    with pytest.raises(asyncpg.CheckViolationError):
        async with db.transaction() as tx:
            await tx.execute(attack)
