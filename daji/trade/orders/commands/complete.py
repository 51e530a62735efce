"""Complete an order that was delivered and left in peace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import follow_orders, lock_family_of, the_order
from daji.trade.orders.events import OrderCompleted
from daji.trade.orders.facts import Order
from daji.trade.orders.states import COMPLETE_TIMER
from daji.trade.orders.store import axes, write


async def complete(tx: Tx, *, order_id: UUID, now: datetime) -> Order | None:
    """Claim confirmed → completed of a delivered order; the last one completes the trade. None when it is not its
    time: not delivered, ended already, or in an open return, which sets the timer again.

    Raises
    ------
    OrderUnknown
        No such order.
    """
    trade = await lock_family_of(tx, order_id)
    trade_id: UUID = trade["id"]
    if not await axes.complete_order(tx, trade_id=trade_id, order_id=order_id, now=now):
        order = await the_order(tx, order_id)
        if (order.status, order.delivery, order.aftersales) == ("confirmed", "delivered", "open"):
            tx.set_timer(COMPLETE_TIMER, order_id, now + rules.COMPLETION_WINDOW)
        return None
    ended = await follow_orders(tx, trade_id)
    order = await the_order(tx, order_id)
    completed = write.Happened(code="completed", order_id=order_id, params={"number": order.number})
    await write.note(tx, trade_id=trade_id, entries=(completed,), by="system", now=now)
    tx.clear_timer(COMPLETE_TIMER, order_id)
    tx.emit(
        OrderCompleted(
            trade_id=trade_id, order_id=order_id, trade_completed=ended == "complete", completed_at=now
        ),
        subject=trade_id,
        at=now,
    )
    return order
