"""Change what is owed for a trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.payments.facts import Payable
from daji.trade.payments.rules import bounded
from daji.trade.payments.store import payables


async def change_due(tx: Tx, *, trade_id: UUID, amount: int, now: datetime) -> Payable:  # noqa: ARG001 - the contract of every command
    """Set the whole amount owed to `amount`; `excess` of the answer is what may be refunded now.

    Allowed on a closed payable too: what was promised back must not count as still owed.

    Raises
    ------
    NoPayable, BadAmount
    """
    bounded(amount, minimum=0)
    await payables.lock(tx, trade_id)
    return await payables.set_due(tx, trade_id, amount)
