"""Confirm a trade whose money is there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders.commands.loading import refuse_trade, the_trade
from daji.trade.orders.events import OrderConfirmed
from daji.trade.orders.facts import Trade
from daji.trade.orders.states import PAY_TIMER
from daji.trade.orders.store import axes, write


async def confirm(tx: Tx, *, trade_id: UUID, by: str, now: datetime, late: bool = False) -> Trade:
    """Claim placed → confirmed, `late` expired → confirmed; its orders are confirmed and released to work.

    Raises
    ------
    IllegalTransition
        The trade is not in that status: somebody else was here first. Parameters `status` and `verb`.
    TradeUnknown
        No such trade.
    """
    verb = "pay_late" if late else "confirm"
    if not await axes.move_trade(tx, trade_id=trade_id, verb=verb):
        await refuse_trade(tx, trade_id=trade_id, verb=verb)
    moved = await axes.confirm_orders(tx, trade_id=trade_id)
    code = "confirmed_late" if late else "confirmed"
    await write.note(tx, trade_id=trade_id, entries=(write.Happened(code=code, params={}),), by=by, now=now)
    tx.clear_timer(PAY_TIMER, trade_id)
    tx.emit(
        OrderConfirmed(
            trade_id=trade_id,
            order_ids=tuple(row["id"] for row in moved),
            late=late,
            confirmed_at=now,
        ),
        subject=trade_id,
        at=now,
    )
    return await the_trade(tx, trade_id)
