"""Complete orders that were delivered and left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import follow_orders, the_order
from daji.trade.orders.events import OrderCompleted
from daji.trade.orders.facts import Order, OrderUnknown
from daji.trade.orders.states import COMPLETE_TIMER
from daji.trade.orders.store import axes, read, write


async def complete(tx: Tx, *, order_id: UUID, now: datetime) -> Order | None:
    """Complete one order as `complete_many` does; None when it is not its time. Raises OrderUnknown."""
    done = await complete_many(tx, due=[(order_id, now)])
    return await the_order(tx, order_id) if done else None


async def complete_many(tx: Tx, *, due: Sequence[tuple[UUID, datetime]]) -> frozenset[UUID]:
    """Claim confirmed → completed of delivered orders, each at its time; the last one completes the trade.

    Those that completed. Left as it is, whose time it is not: not delivered, ended already, or in an open return,
    which sets the timer again. Four statements.

    Raises
    ------
    OrderUnknown
        One of them does not exist.
    """
    families = await axes.lock_families_of(tx, [order_id for order_id, _ in due])
    if len(families) != len({order_id for order_id, _ in due}):
        raise OrderUnknown
    told = write.Happened(code="completed", params={})
    done = await axes.complete_orders(tx, due=due, told=told)
    waiting = [(order_id, now) for order_id, now in due if order_id not in done]
    if waiting:
        await _ask_again(tx, waiting)
    if not done:
        return frozenset()
    ended = await follow_orders(tx, sorted({families[order_id] for order_id in done}))
    for order_id, now in due:
        if order_id not in done:
            continue
        trade_id = families[order_id]
        tx.clear_timer(COMPLETE_TIMER, order_id)
        tx.emit(
            OrderCompleted(
                trade_id=trade_id,
                order_id=order_id,
                trade_completed=ended.get(trade_id) == "complete",
                completed_at=now,
            ),
            subject=trade_id,
            at=now,
        )
    return frozenset(done)


async def _ask_again(tx: Tx, waiting: Sequence[tuple[UUID, datetime]]) -> None:
    """Set the timer of what is in an open return."""
    found = {
        order.id: order
        for order in await read.orders(tx, order_ids=[order_id for order_id, _ in waiting], owner=None)
    }
    for order_id, now in waiting:
        order = found[order_id]
        if (order.status, order.delivery, order.aftersales) == ("confirmed", "delivered", "open"):
            tx.set_timer(COMPLETE_TIMER, order_id, now + rules.COMPLETION_WINDOW)
