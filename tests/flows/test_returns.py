"""What goes back is the frozen share of each unit, to the tenders it came from, once."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest

from daji.adapters.payment.sandbox.wire import FaultSettings
from daji.care.aftersales import api as aftersales
from daji.flows import return_goods
from daji.flows.cancel_order import Cancelled, CancelOrder, TooLateToCancel, cancel_order
from daji.kit import ids
from daji.trade.orders import api as orders
from tests.makers.world import World


async def ask(
    world: World, order: orders.Order, units: list[UUID], key: str | None = None
) -> return_goods.Asked:
    return await return_goods.ask_return(
        world.ctx,
        return_goods.AskReturn(
            order_id=order.id,
            owner=None,
            unit_ids=tuple(units),
            kind="return",
            reason="no_longer_wanted",
            note="",
            by="guest",
        ),
        scope="test",
        key=key or str(ids.new_id()),
        now=world.clock.now(),
    )


async def receive(
    world: World, case_id: UUID, grades: dict[UUID, return_goods.Grade], key: str | None = None
) -> return_goods.Refunded:
    async with world.db.read() as session:
        case = await aftersales.get_case(session, case_id=case_id, owner=None)
    order = await order_of(world, case.order_id)
    if case.status == "requested":
        async with world.db.transaction() as tx:
            await aftersales.approve(tx, case_id=case_id, by="staff:1", now=world.clock.now())
    return await return_goods.settle_return(
        world.ctx,
        return_goods.SettleReturn(case_id=case_id, grades=grades, site_id=order.site_id, by="staff:1"),
        scope="test",
        key=key or f"settle{case_id}",
        now=world.clock.now(),
    )


async def order_of(world: World, order_id: UUID) -> orders.Order:
    async with world.db.read() as session:
        return await orders.get_order(session, order_id=order_id, owner=None)


async def cancel(world: World, trade_id: UUID, key: str, order_id: UUID | None = None) -> Cancelled:
    return await cancel_order(
        world.ctx,
        CancelOrder(trade_id=trade_id, order_id=order_id, owner=None, reason="changed_mind", by="guest"),
        scope="test",
        key=key,
        now=world.clock.now(),
    )


async def test_u40_one_unit_of_three_comes_back_with_its_exact_share(world: World) -> None:
    """U-40: 10.00 freight over three units of 33.33; the other two keep their price."""
    await world.freight(1000)
    sku = await world.sku(price=3333)
    trade = await world.paid_order({sku: 3})
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    asked = await ask(world, order, [unit.id])
    assert asked.amount == unit.paid
    refunded = await receive(world, asked.case_id, {unit.id: "restock"})
    assert refunded.done == unit.paid
    after = await world.trade(trade.id)
    assert after.payment == "part_refunded"
    assert after.orders[0].aftersales == "part_returned"
    assert [u.paid for u in after.orders[0].lines[0].units] == [u.paid for u in order.lines[0].units]
    assert (await world.payable(trade.id)).refunded == unit.paid


async def test_all_units_in_any_order_give_back_everything_and_not_a_cent_more(world: World) -> None:
    await world.freight(1001)
    sku = await world.sku(price=3331)
    trade = await world.paid_order({sku: 3})
    (order,) = trade.orders
    await world.deliver(order.id)
    for unit in reversed(order.lines[0].units):
        asked = await ask(world, order, [unit.id])
        await receive(world, asked.case_id, {unit.id: "restock"})
    payable = await world.payable(trade.id)
    assert payable.refunded == payable.captured == trade.due
    assert (await world.trade(trade.id)).payment == "refunded"


@pytest.mark.parametrize(
    ("grade", "stock"), [("restock", (10, 0, 0)), ("quarantine", (9, 0, 1)), ("scrap", (9, 0, 0))]
)
async def test_u17_graded_goods_go_where_they_belong(
    world: World, grade: return_goods.Grade, stock: tuple[int, int, int]
) -> None:
    """U-13, U-17: hold, ship and return net to zero, or to where the grade sends them."""
    sku = await world.sku(stock=10)
    trade = await world.paid_order({sku: 1})
    (order,) = trade.orders
    await world.deliver(order.id)
    assert await world.stock(sku) == [(9, 0, 0)]
    unit = order.lines[0].units[0]
    asked = await ask(world, order, [unit.id])
    await receive(world, asked.case_id, {unit.id: grade})
    assert await world.stock(sku) == [stock]


async def test_a_unit_cannot_be_in_two_returns(world: World) -> None:
    sku = await world.sku()
    trade = await world.paid_order({sku: 2})
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    answers = await asyncio.gather(*(ask(world, order, [unit.id]) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, return_goods.Asked) for answer in answers) == 1


async def test_a_return_that_was_asked_too_late_is_refused(world: World) -> None:
    sku = await world.sku()
    trade = await world.paid_order({sku: 1})
    await world.deliver(trade.orders[0].id)
    order = await order_of(world, trade.orders[0].id)
    world.clock.advance(timedelta(days=60))
    with pytest.raises(aftersales.WindowClosed):
        await ask(world, order, [order.lines[0].units[0].id])


async def test_a_rejected_unit_is_the_buyers_again(world: World) -> None:
    sku = await world.sku()
    trade = await world.paid_order({sku: 1})
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    asked = await ask(world, order, [unit.id])
    await return_goods.close_without_refund(
        world.ctx,
        case_id=asked.case_id,
        verb="reject",
        why="used",
        owner=None,
        by="staff:1",
        now=world.clock.now(),
    )
    assert (await order_of(world, order.id)).aftersales == "none"
    await ask(world, order, [unit.id])


async def test_u24_a_hundred_cancels_at_once_refund_once(world: World) -> None:
    """U-24: concurrent cancels give one refund, and the books balance."""
    sku = await world.sku(stock=10)
    trade = await world.paid_order({sku: 2})
    answers = await asyncio.gather(
        *(cancel(world, trade.id, key=f"k{index}") for index in range(100)), return_exceptions=True
    )
    assert sum(isinstance(answer, Cancelled) for answer in answers) == 1
    payable = await world.payable(trade.id)
    assert (payable.captured, payable.refunded) == (trade.due, trade.due)
    assert await world.stock(sku) == [(10, 0, 0)]
    assert (await world.trade(trade.id)).status == "cancelled"


async def test_u41_preview_is_what_is_sent_through_random_edits(world: World) -> None:
    """U-41: whatever is cancelled or returned, captured less refunded is what the kept units cost."""
    chance = random.Random(41)  # noqa: S311 - a sequence of edits, not a secret
    site = await world.site()
    for fee in (0, 777):
        await world.freight(fee)
        skus = [await world.sku(price=chance.randrange(1, 10_000), site_id=site) for _ in range(3)]
        trade = await world.paid_order({sku: chance.randrange(1, 4) for sku in skus})
        (order,) = trade.orders
        await world.deliver(order.id)
        units = [unit for line in order.lines for unit in line.units]
        chance.shuffle(units)
        kept = trade.due
        while units:
            some = [units.pop() for _ in range(min(len(units), chance.randrange(1, 3)))]
            asked = await ask(world, order, [unit.id for unit in some])
            assert asked.amount == sum(unit.paid for unit in some)
            await receive(
                world, asked.case_id, {unit.id: chance.choice(("restock", "scrap")) for unit in some}
            )
            kept -= asked.amount
            payable = await world.payable(trade.id)
            assert payable.captured - payable.refunded == kept
        assert kept == 0


async def test_an_unpaid_order_is_cancelled_and_its_goods_are_free(world: World) -> None:
    sku = await world.sku(stock=3)
    placed = await world.place({sku: 3})
    cancelled = await cancel(world, placed.trade_id, key="k")
    assert cancelled.status == "cancelled"
    assert await world.stock(sku) == [(3, 0, 0)]


async def test_paying_while_it_is_cancelled_gives_the_money_back(world: World) -> None:
    sku = await world.sku(stock=3)
    placed = await world.place({sku: 1})
    started = await world.pay(placed.trade_id, script="pending")
    payment = await world.client.query(str(started.tenders[0].tender_id))
    await world.client.act(payment.gateway_no, "approve")
    await cancel(world, placed.trade_id, key="k")
    await world.deliver_notices()
    payable = await world.payable(placed.trade_id)
    assert payable.captured == payable.refunded == placed.due
    assert (await world.trade(placed.trade_id)).status == "cancelled"


async def test_a_shipped_order_is_returned_not_cancelled(world: World) -> None:
    sku = await world.sku()
    trade = await world.paid_order({sku: 1})
    await world.ship(trade.orders[0].id)
    with pytest.raises((TooLateToCancel, orders.TooLateToCancel)):
        await cancel(world, trade.id, key="k")


async def test_goods_that_cannot_be_found_are_written_off_and_refunded(world: World) -> None:
    sku = await world.sku(stock=3)
    trade = await world.paid_order({sku: 2})
    given = CancelOrder(
        trade_id=trade.id,
        order_id=trade.orders[0].id,
        owner=None,
        reason="out_of_stock",
        by="staff:1",
        missing=True,
    )
    await cancel_order(world.ctx, given, scope="test", key="k", now=world.clock.now())
    assert await world.stock(sku) == [(1, 0, 0)]
    assert (await world.payable(trade.id)).refunded == trade.due


async def test_a_refund_the_gateway_is_silent_about_is_asked_for_and_done(world: World) -> None:
    sku = await world.sku()
    trade = await world.paid_order({sku: 1})
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    asked = await ask(world, order, [unit.id])
    await world.client.set_faults(FaultSettings(fault="http500"))
    refunded = await receive(world, asked.case_id, {unit.id: "restock"})
    await world.client.set_faults(FaultSettings())
    assert refunded.pending == unit.paid
    world.clock.advance(timedelta(minutes=5))
    await world.fire_timers()
    assert (await world.payable(trade.id)).refunded == unit.paid
    async with world.db.read() as session:
        assert (await aftersales.get_case(session, case_id=asked.case_id, owner=None)).status == "refunded"
