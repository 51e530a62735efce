"""Stop asking money for a trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.payments.facts import Tender
from daji.trade.payments.states import WAITING
from daji.trade.payments.store import payables, tenders


async def close_payable(tx: Tx, *, trade_id: UUID, now: datetime) -> tuple[Tender, ...]:
    """Take no more tenders; returns those that may still bring money, to be voided at their gateways.

    Money that arrives all the same is recorded with the outcome `late`. Again is the same answer.

    Raises
    ------
    NoPayable
    """
    await payables.lock(tx, trade_id)
    await payables.close(tx, trade_id, now)
    return tuple(t for t in await tenders.of_trade(tx, trade_id) if t.status in WAITING)
