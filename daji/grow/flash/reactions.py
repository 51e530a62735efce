"""What flash sales do when others tell something."""

from __future__ import annotations

from daji.grow.flash.store import taking
from daji.kit.db import Tx
from daji.kit.outbox import Heard
from daji.trade.orders.events import OrderConfirmed


async def count_paid(tx: Tx, event: OrderConfirmed, _heard: Heard) -> None:
    """An order was paid: its pieces are sold, for the figures of the sale."""
    await taking.mark_paid(tx, trade_id=event.trade_id, now=event.confirmed_at)
