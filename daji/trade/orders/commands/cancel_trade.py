"""Cancel a whole trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import refuse_trade, the_trade
from daji.trade.orders.events import OrderCancelled
from daji.trade.orders.facts import TooLateToCancel, Trade
from daji.trade.orders.states import PAY_TIMER
from daji.trade.orders.store import axes, units, write


async def cancel_trade(tx: Tx, *, trade_id: UUID, reason: str, by: str, now: datetime) -> Trade:
    """Claim placed or confirmed → cancelled, with every order that is left; all of it or nothing.

    Raises
    ------
    IllegalTransition
        The trade has ended already. Parameters `status` and `verb`.
    TooLateToCancel
        One of its orders is on the road, delivered or completed.
    TradeUnknown, Invalid
        No such trade; a reason that is not in `rules.CANCEL_REASONS`.
    """
    rules.check_reason(reason)
    if not await axes.move_trade(tx, trade_id=trade_id, verb="cancel"):
        await refuse_trade(tx, trade_id=trade_id, verb="cancel")
    moved = [row["id"] for row in await axes.cancel_orders(tx, trade_id=trade_id, order_id=None)]
    for row in (await axes.order_states(tx, [trade_id])).get(trade_id, ()):
        if row["status"] != "cancelled":
            raise TooLateToCancel(number=row["number"], delivery=row["delivery"])
    await units.move_units(tx, order_ids=moved, unit_ids=None, verb="cancel")
    cancelled = write.Happened(code="cancelled", params={"reason": reason})
    await write.note(tx, trade_id=trade_id, entries=(cancelled,), by=by, now=now)
    tx.clear_timer(PAY_TIMER, trade_id)
    tx.emit(
        OrderCancelled(
            trade_id=trade_id,
            order_ids=tuple(moved),
            trade_cancelled=True,
            reason=reason,
            cancelled_at=now,
        ),
        subject=trade_id,
        at=now,
    )
    return await the_trade(tx, trade_id)
