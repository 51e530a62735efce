"""Bring a trade's payment axis into line with the money."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders.facts import TradeUnknown
from daji.trade.orders.store import axes, payment, write


async def set_payment(tx: Tx, *, trade_id: UUID, captured: int, refunded: int, now: datetime) -> str:
    """Take the sums captured and refunded so far (minor units); the payment status that follows.

    Sums only grow: an older pair that arrives later changes nothing (U-23). What came or went since is told in the
    timeline.

    Raises
    ------
    Invalid
        A negative sum, or more refunded than captured.
    TradeUnknown
        No such trade.
    """
    if not 0 <= refunded <= captured:
        raise Invalid(fields=(FieldProblem(pointer="/refunded", code="wrong_type"),))
    before = await axes.lock_trade(tx, trade_id)
    if before is None:
        raise TradeUnknown
    after = await payment.derive_payment(tx, trade_id=trade_id, captured=captured, refunded=refunded)
    if after is None:
        raise AssertionError("a change of the difference by zero always fits")
    grown = {"payment_received": "captured", "payment_refunded": "refunded"}
    entries = [
        write.Happened(
            code=code, params={"amount": after[column] - before[column], "currency": after["currency"]}
        )
        for code, column in grown.items()
        if after[column] > before[column]
    ]
    if entries:
        await write.note(tx, trade_id=trade_id, entries=entries, by="system", now=now)
    return str(after["payment"])
