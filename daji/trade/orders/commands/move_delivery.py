"""Move orders on their delivery axis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.kit.states import IllegalTransition
from daji.trade.orders import rules
from daji.trade.orders.events import DeliveryMoved
from daji.trade.orders.facts import DeliveryStatus, DeliveryStep, MovedOrder, OrderUnknown
from daji.trade.orders.states import COMPLETE_TIMER, DELIVERY, MOVES
from daji.trade.orders.store import axes


async def move_delivery(tx: Tx, *, order_id: UUID, verb: str, by: str, now: datetime) -> MovedOrder:
    """Move one order as `move_deliveries` does."""
    (moved,) = await move_deliveries(tx, steps=(DeliveryStep(order_id=order_id, by=by, at=now),), verb=verb)
    return moved


async def move_deliveries(tx: Tx, *, steps: Sequence[DeliveryStep], verb: str) -> tuple[MovedOrder, ...]:
    """Claim the next step of confirmed orders, one of `MOVES`, of all or none; `deliver` sets the timers that
    complete them.

    Two statements.

    Raises
    ------
    IllegalTransition
        The step does not follow from where a delivery, or its order, stands (U-23). Parameters `status`, `verb`.
    OrderUnknown, Invalid
        No such order; no such verb.
    """
    if verb not in MOVES:
        raise Invalid(fields=(FieldProblem(pointer="/verb", code="unknown_value"),))
    families = await axes.lock_families_of(tx, [step.order_id for step in steps])
    if any(step.order_id not in families for step in steps):
        raise OrderUnknown
    numbers = await axes.move_deliveries(tx, steps=steps, verb=verb)
    for step in steps:
        if step.order_id not in numbers:
            await _refuse(tx, trade_id=families[step.order_id], order_id=step.order_id, verb=verb)
    after = cast("DeliveryStatus", DELIVERY.after(DELIVERY.sources(verb)[0], verb))
    for step in steps:
        trade_id = families[step.order_id]
        if verb == "deliver":
            tx.set_timer(COMPLETE_TIMER, step.order_id, step.at + rules.COMPLETION_WINDOW)
        tx.emit(
            DeliveryMoved(trade_id=trade_id, order_id=step.order_id, delivery=after, moved_at=step.at),
            subject=trade_id,
            at=step.at,
        )
    return tuple(
        MovedOrder(
            id=step.order_id,
            number=numbers[step.order_id],
            trade_id=families[step.order_id],
            delivery=after,
        )
        for step in steps
    )


async def _refuse(tx: Tx, *, trade_id: UUID, order_id: UUID, verb: str) -> None:
    states = {one["id"]: one for one in (await axes.order_states(tx, [trade_id]))[trade_id]}
    DELIVERY.after(states[order_id]["delivery"], verb)
    raise IllegalTransition(status=states[order_id]["status"], verb=verb)
