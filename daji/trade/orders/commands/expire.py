"""Let go of a trade that nobody paid in time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders.commands.loading import the_trade
from daji.trade.orders.events import TradeExpired
from daji.trade.orders.facts import Trade
from daji.trade.orders.states import PAY_TIMER
from daji.trade.orders.store import axes, write


async def expire(tx: Tx, *, trade_id: UUID, now: datetime) -> Trade | None:
    """Claim placed → expired once `pay_by` has come; None when there is nothing to expire (any more, or yet).

    The orders stay placed, so that money that comes late can still confirm them.
    """
    if not await axes.move_trade(tx, trade_id=trade_id, verb="expire", due_by=now):
        return None
    expired = write.Happened(code="expired", params={})
    await write.note(tx, trade_id=trade_id, entries=(expired,), by="system", now=now)
    trade = await the_trade(tx, trade_id)
    tx.clear_timer(PAY_TIMER, trade_id)
    tx.emit(
        TradeExpired(trade_id=trade_id, order_ids=tuple(order.id for order in trade.orders), expired_at=now),
        subject=trade_id,
        at=now,
    )
    return trade
