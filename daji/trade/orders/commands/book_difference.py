"""Change what is due, with a reason, without touching what was promised."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.money import Money
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import the_trade
from daji.trade.orders.facts import DifferenceTooLarge, Trade, TradeUnknown
from daji.trade.orders.store import axes, payment, write


async def book_difference(
    tx: Tx, *, trade_id: UUID, amount: int, reason: str, note: str, by: str, now: datetime
) -> Trade:
    """Book a signed amount (minor units) beside the promise; `due` and the payment axis follow, no unit changes.

    Raises
    ------
    Invalid
        An amount of zero, or a reason that is no code.
    DifferenceTooLarge
        Less than nothing would be due.
    TradeUnknown
        No such trade.
    """
    rules.check_code("/reason", reason)
    rules.check_text(note)
    if amount == 0:
        raise Invalid(fields=(FieldProblem(pointer="/amount", code="required"),))
    trade = await axes.lock_trade(tx, trade_id)
    if trade is None:
        raise TradeUnknown
    due = trade["total"] + trade["difference"]
    Money(amount, trade["currency"])
    Money(due + amount, trade["currency"])
    if await payment.derive_payment(tx, trade_id=trade_id, difference=amount) is None:
        raise DifferenceTooLarge(amount=amount, due=due, currency=trade["currency"])
    await write.book(tx, trade_id=trade_id, amount=amount, reason=reason, note=note, by=by, now=now)
    booked = write.Happened(
        code="difference", params={"amount": amount, "currency": trade["currency"], "reason": reason}
    )
    await write.note(tx, trade_id=trade_id, entries=(booked,), by=by, now=now)
    return await the_trade(tx, trade_id)
