"""Open what is owed for a trade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.money import exponent
from daji.trade.payments.errors import PayableExists
from daji.trade.payments.facts import Opened, Payable
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
    opened = Opened(trade_id=trade_id, channel=channel, due=amount, currency=currency, at=now)
    return (await open_payables(tx, opened=[opened]))[0]


async def open_payables(tx: Tx, *, opened: Sequence[Opened]) -> tuple[Payable, ...]:
    """The same for many trades, in one statement. Raises as `open_payable`."""
    for one in opened:
        exponent(one.currency)
        bounded(one.due, minimum=0)
    made = await payables.add(tx, opened)
    for one in opened:
        if one.trade_id not in made:
            held = await payables.lock(tx, one.trade_id)
            if (held.due, held.currency) != (one.due, one.currency):
                raise PayableExists(due=held.due, currency=held.currency)
            made[one.trade_id] = held
    return tuple(made[one.trade_id] for one in opened)
