"""Money came in: bring the payment axis into line, and confirm the trade that waited for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders.commands.confirm import announce
from daji.trade.orders.facts import MoneyTaken, TradeUnknown
from daji.trade.orders.states import TRADE
from daji.trade.orders.store import axes, payment, write


async def take_money(
    tx: Tx, *, trade_id: UUID, captured: int, refunded: int, settled: bool, by: str, now: datetime
) -> MoneyTaken:
    """Take the sums captured and refunded so far (minor units); `settled` says that they cover what is due.

    Sums only grow: an older pair that arrives later changes nothing (U-23). What came or went since is told in the
    timeline. A placed trade that is settled is confirmed in the same step. Two statements, three when something is
    told of a trade that is not.

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
    head = axes.head(before)
    sums = {"payment_received": ("captured", captured), "payment_refunded": ("refunded", refunded)}
    entries = [
        write.Happened(code=code, params={"amount": after - before[column], "currency": head.currency})
        for code, (column, after) in sums.items()
        if after > before[column]
    ]
    if settled and TRADE.allows(head.status, "confirm"):
        rows = await payment.confirm(
            tx,
            trade_id=trade_id,
            verb="confirm",
            captured=captured,
            refunded=refunded,
            entries=(*entries, write.Happened(code="confirmed", params={})),
            by=by,
            now=now,
        )
        confirmed = announce(tx, trade_id, rows, late=False, now=now)
        after_it = msgspec.structs.replace(head, status="confirmed", payment=rows[0]["payment"])
        return MoneyTaken(head=after_it, confirmed=confirmed)
    row = await payment.derive_payment(tx, trade_id=trade_id, captured=captured, refunded=refunded)
    if row is None:
        raise AssertionError("a change of the difference by zero always fits")
    if entries:
        await write.note(tx, trade_id=trade_id, entries=entries, by=by, now=now)
    return MoneyTaken(head=msgspec.structs.replace(head, payment=row["payment"]), confirmed=None)


async def set_payment(tx: Tx, *, trade_id: UUID, captured: int, refunded: int, now: datetime) -> str:
    """Take the sums without confirming anything; the payment status that follows. Raises as `take_money`."""
    taken = await take_money(
        tx, trade_id=trade_id, captured=captured, refunded=refunded, settled=False, by="system", now=now
    )
    return taken.head.payment
