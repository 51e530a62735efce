"""Move an order on its delivery axis."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.kit.states import IllegalTransition
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import lock_family_of, the_order
from daji.trade.orders.events import DeliveryMoved
from daji.trade.orders.facts import Order
from daji.trade.orders.states import COMPLETE_TIMER, DELIVERY, MOVES
from daji.trade.orders.store import axes, write


async def move_delivery(tx: Tx, *, order_id: UUID, verb: str, by: str, now: datetime) -> Order:
    """Claim the next step of a confirmed order, one of `MOVES`; `deliver` sets the timer that completes it.

    Raises
    ------
    IllegalTransition
        The step does not follow from where the delivery, or the order, stands (U-23). Parameters `status`, `verb`.
    OrderUnknown, Invalid
        No such order; no such verb.
    """
    if verb not in MOVES:
        raise Invalid(fields=(FieldProblem(pointer="/verb", code="unknown_value"),))
    trade = await lock_family_of(tx, order_id)
    if not await axes.move_delivery(tx, order_id=order_id, verb=verb, now=now):
        states = {row["id"]: row for row in await axes.order_states(tx, trade["id"])}
        DELIVERY.after(states[order_id]["delivery"], verb)
        raise IllegalTransition(status=states[order_id]["status"], verb=verb)
    order = await the_order(tx, order_id)
    moved = write.Happened(
        code=f"delivery_{order.delivery}", order_id=order_id, params={"number": order.number}
    )
    await write.note(tx, trade_id=order.trade_id, entries=(moved,), by=by, now=now)
    if verb == "deliver":
        tx.set_timer(COMPLETE_TIMER, order_id, now + rules.COMPLETION_WINDOW)
    tx.emit(
        DeliveryMoved(trade_id=order.trade_id, order_id=order_id, delivery=order.delivery, moved_at=now),
        subject=order.trade_id,
        at=now,
    )
    return order
