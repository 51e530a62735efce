"""Move an order on its delivery axis."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.kit.states import IllegalTransition
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import lock_family_of
from daji.trade.orders.events import DeliveryMoved
from daji.trade.orders.facts import DeliveryStatus, MovedOrder
from daji.trade.orders.states import COMPLETE_TIMER, DELIVERY, MOVES
from daji.trade.orders.store import axes


async def move_delivery(tx: Tx, *, order_id: UUID, verb: str, by: str, now: datetime) -> MovedOrder:
    """Claim the next step of a confirmed order, one of `MOVES`; `deliver` sets the timer that completes it.

    Two statements.

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
    row = await axes.move_delivery(tx, order_id=order_id, verb=verb, by=by, now=now)
    if row is None:
        states = {one["id"]: one for one in await axes.order_states(tx, trade["id"])}
        DELIVERY.after(states[order_id]["delivery"], verb)
        raise IllegalTransition(status=states[order_id]["status"], verb=verb)
    moved = MovedOrder(
        id=order_id,
        number=row["number"],
        trade_id=trade["id"],
        delivery=cast("DeliveryStatus", DELIVERY.after(DELIVERY.sources(verb)[0], verb)),
    )
    if verb == "deliver":
        tx.set_timer(COMPLETE_TIMER, order_id, now + rules.COMPLETION_WINDOW)
    tx.emit(
        DeliveryMoved(trade_id=moved.trade_id, order_id=order_id, delivery=moved.delivery, moved_at=now),
        subject=moved.trade_id,
        at=now,
    )
    return moved
