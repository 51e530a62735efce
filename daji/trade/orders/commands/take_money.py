"""Money came in: bring the payment axis into line, and confirm the trade that waited for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders.commands.confirm import announce
from daji.trade.orders.facts import Money, MoneyTaken, TradeHead, TradeUnknown
from daji.trade.orders.states import TRADE
from daji.trade.orders.store import axes, payment, write


async def take_money(
    tx: Tx, *, trade_id: UUID, captured: int, refunded: int, settled: bool, by: str, now: datetime
) -> MoneyTaken:
    """Take the money of one trade as `take_money_many` does."""
    money = Money(trade_id=trade_id, captured=captured, refunded=refunded, settled=settled, by=by, at=now)
    return (await take_money_many(tx, moneys=[money]))[0]


async def take_money_many(tx: Tx, *, moneys: Sequence[Money]) -> tuple[MoneyTaken, ...]:
    """Take the sums captured and refunded so far (minor units); `settled` says that they cover what is due.

    Sums only grow: an older pair that arrives later changes nothing (U-23). What came or went since is told in the
    timeline. A placed trade that is settled is confirmed in the same step. Each trade is named once. Two statements,
    and up to two more for each trade that is not confirmed by it.

    Raises
    ------
    Invalid
        A negative sum, or more refunded than captured.
    TradeUnknown
        No such trade.
    """
    if any(not 0 <= money.refunded <= money.captured for money in moneys):
        raise Invalid(fields=(FieldProblem(pointer="/refunded", code="wrong_type"),))
    before = await axes.lock_trades(tx, [money.trade_id for money in moneys])
    if any(money.trade_id not in before for money in moneys):
        raise TradeUnknown
    heads = {trade_id: axes.head(row) for trade_id, row in before.items()}
    entries = {money.trade_id: _entries(money, before[money.trade_id]) for money in moneys}
    paid = [
        payment.Paid(
            trade_id=money.trade_id,
            captured=money.captured,
            refunded=money.refunded,
            entries=(*entries[money.trade_id], write.Happened(code="confirmed", params={})),
            by=money.by,
            at=money.at,
        )
        for money in moneys
        if money.settled and TRADE.allows(heads[money.trade_id].status, "confirm")
    ]
    rows = await payment.confirm(tx, paid=paid, verb="confirm") if paid else {}
    return tuple(
        [
            _confirmed(tx, money, heads[money.trade_id], rows[money.trade_id])
            if money.trade_id in rows
            else await _derived(tx, money, heads[money.trade_id], entries[money.trade_id])
            for money in moneys
        ]
    )


def _entries(money: Money, before: Row) -> tuple[write.Happened, ...]:
    """What came or went since: payment by payment where they are known, else as a sum."""
    came, went = money.captured - before["captured"], money.refunded - before["refunded"]
    parts = money.parts if sum(money.parts) == came else (came,)
    amounts = {
        "payment_received": [part for part in parts if part > 0],
        "payment_refunded": [went] if went > 0 else [],
    }
    return tuple(
        write.Happened(code=code, params={"amount": amount, "currency": before["currency"]})
        for code, some in amounts.items()
        for amount in some
    )


def _confirmed(tx: Tx, money: Money, head: TradeHead, rows: Sequence[Row]) -> MoneyTaken:
    confirmed = announce(tx, money.trade_id, rows, late=False, now=money.at)
    after = msgspec.structs.replace(head, status="confirmed", payment=rows[0]["payment"])
    return MoneyTaken(head=after, confirmed=confirmed)


async def _derived(tx: Tx, money: Money, head: TradeHead, entries: Sequence[write.Happened]) -> MoneyTaken:
    row = await payment.derive_payment(
        tx, trade_id=money.trade_id, captured=money.captured, refunded=money.refunded
    )
    if row is None:
        raise AssertionError("a change of the difference by zero always fits")
    if entries:
        await write.note(tx, trade_id=money.trade_id, entries=entries, by=money.by, now=money.at)
    return MoneyTaken(head=msgspec.structs.replace(head, payment=row["payment"]), confirmed=None)


async def set_payment(tx: Tx, *, trade_id: UUID, captured: int, refunded: int, now: datetime) -> str:
    """Take the sums without confirming anything; the payment status that follows. Raises as `take_money`."""
    taken = await take_money(
        tx, trade_id=trade_id, captured=captured, refunded=refunded, settled=False, by="system", now=now
    )
    return taken.head.payment
