"""Open what is owed for a trade."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.money import exponent
from daji.trade.payments.errors import PayableExists
from daji.trade.payments.facts import Payable
from daji.trade.payments.rules import bounded
from daji.trade.payments.store import payables


async def open_payable(
    tx: Tx, *, trade_id: UUID, amount: int, currency: str, now: datetime, channel: str = ""
) -> Payable:
    """Owe `amount` (0 is allowed: nothing to pay, settled at once) for a trade; again is the same answer.

    Raises
    ------
    PayableExists
        When the trade has a payable of another amount or currency.
    BadAmount, UnknownCurrency
        When the amount is out of bounds, or the currency not of ISO 4217.
    """
    exponent(currency)
    bounded(amount, minimum=0)
    made = await payables.add(tx, trade_id=trade_id, channel=channel, due=amount, currency=currency, now=now)
    if made is not None:
        return made
    held = await payables.lock(tx, trade_id)
    if (held.due, held.currency) != (amount, currency):
        raise PayableExists(due=held.due, currency=held.currency)
    return held
