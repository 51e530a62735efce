"""Cancel one order of a trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.states import IllegalTransition
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import follow_orders, lock_family_of, the_order
from daji.trade.orders.events import OrderCancelled
from daji.trade.orders.facts import CancelledOrder, CancelWholeTrade, TooLateToCancel
from daji.trade.orders.states import ORDER, PAY_TIMER
from daji.trade.orders.store import axes, units, write


async def cancel_order(tx: Tx, *, order_id: UUID, reason: str, by: str, now: datetime) -> CancelledOrder:
    """Claim the order → cancelled, stop its delivery, cancel its sold units; the last one cancels the trade.

    The amount is the frozen share of the units that were cancelled just now, less what went back before (U-40).

    Raises
    ------
    IllegalTransition
        The order, or its trade, has ended already. Parameters `status` and `verb`.
    TooLateToCancel
        Its goods are on the road or with the buyer.
    CancelWholeTrade
        The trade is not paid yet and has other orders.
    OrderUnknown, Invalid
        No such order; a reason that is not in `rules.CANCEL_REASONS`.
    """
    rules.check_reason(reason)
    trade = await lock_family_of(tx, order_id)
    trade_id: UUID = trade["id"]
    if trade["status"] not in {"placed", "confirmed"}:
        raise IllegalTransition(status=trade["status"], verb="cancel")
    if not await axes.cancel_orders(tx, trade_id=trade_id, order_id=order_id):
        states = {row["id"]: row for row in (await axes.order_states(tx, [trade_id]))[trade_id]}
        ORDER.after(states[order_id]["status"], "cancel")
        raise TooLateToCancel(number=states[order_id]["number"], delivery=states[order_id]["delivery"])
    moved = await units.move_units(tx, order_ids=(order_id,), unit_ids=None, verb="cancel")
    ended = (await follow_orders(tx, [trade_id])).get(trade_id)
    if trade["status"] == "placed":
        if ended is None:
            raise CancelWholeTrade(number=trade["number"])
        tx.clear_timer(PAY_TIMER, trade_id)
    order = await the_order(tx, order_id)
    cancelled = write.Happened(
        code="order_cancelled", order_id=order_id, params={"number": order.number, "reason": reason}
    )
    await write.note(tx, trade_id=trade_id, entries=(cancelled,), by=by, now=now)
    tx.emit(
        OrderCancelled(
            trade_id=trade_id,
            order_ids=(order_id,),
            trade_cancelled=ended == "cancel",
            reason=reason,
            cancelled_at=now,
        ),
        subject=trade_id,
        at=now,
    )
    gone = tuple(unit for line in order.lines for unit in line.units if unit.id in moved)
    return CancelledOrder(order=order, amount=sum(unit.paid - unit.refunded for unit in gone), units=gone)
