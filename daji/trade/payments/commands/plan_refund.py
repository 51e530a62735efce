"""Promise money back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.payments.commands.timers import watch_refund
from daji.trade.payments.errors import RefundRefReused, RefundTooMuch
from daji.trade.payments.events import RefundPlanned
from daji.trade.payments.facts import Refund
from daji.trade.payments.rules import bounded, spread_refund, storable
from daji.trade.payments.store import ledger, payables, refunds, tenders

MAX_REF = 200


async def plan_refund(
    tx: Tx, *, trade_id: UUID, amount: int, reason: str, ref: str, now: datetime
) -> tuple[Refund, ...]:
    """Claim `amount` from what was captured and write the refunds that are to be sent, last captured first.

    The same `ref` (case, cancellation) is the same answer for ever, also after a failure: a new try is a new ref.
    A timer asks about each refund, so that a process that dies before sending loses none.

    Raises
    ------
    NoPayable, BadAmount
    RefundTooMuch
        When less is left: what is promised and what is done together never exceed what was captured.
    RefundRefReused
        When the ref came before with another amount.
    Invalid
        For an empty or overlong ref.
    """
    bounded(amount, minimum=1)
    if not ref or ref != storable(ref, MAX_REF):
        raise Invalid(
            fields=(FieldProblem(pointer="/ref", code="payments.text", params={"maximum": MAX_REF}),)
        )
    payable = await payables.lock(tx, trade_id)
    before = await refunds.of_ref(tx, trade_id, ref)
    if before:
        planned = sum(refund.amount for refund in before)
        if planned != amount:
            raise RefundRefReused(ref=ref, planned=planned, asked=amount)
        return before
    if amount > payable.kept:
        raise RefundTooMuch(asked=amount, available=payable.kept, currency=payable.currency)
    held = {tender.id: tender for tender in await tenders.of_trade(tx, trade_id)}
    parts = [(held[tender_id], part) for tender_id, part in spread_refund(amount, tuple(held.values()))]
    if sum(part for _, part in parts) != amount:
        raise AssertionError("the tenders hold less than their payable says")
    await payables.move(tx, trade_id, refunding=amount)
    await tenders.move_refunds(tx, [(tender.id, part, 0) for tender, part in parts])
    made = await refunds.add(tx, trade_id=trade_id, ref=ref, reason=storable(reason), parts=parts, now=now)
    await ledger.post(tx, [ledger.of_refund("refund_planned", refund) for refund in made], now)
    for refund in made:
        watch_refund(tx, refund, now)
    planned_fact = RefundPlanned(trade_id=trade_id, ref=ref, amount=amount, currency=payable.currency)
    tx.emit(planned_fact, subject=trade_id, at=now)
    return made
