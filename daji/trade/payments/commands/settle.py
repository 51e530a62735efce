"""The one path by which the gateway's word changes our books, be it a message or an answer (U-20, U-21)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from daji.kit.db import Tx
from daji.trade.payments.commands.timers import watch_refund, watch_tender
from daji.trade.payments.events import PaymentCaptured, PaymentFailed, RefundFinished
from daji.trade.payments.facts import Payable, Refund, Settlement, Tender
from daji.trade.payments.rules import Decision, Said, storable
from daji.trade.payments.states import DEAD
from daji.trade.payments.store import ledger, payables, refunds, settling, tenders


def answer(
    decision: Decision, *, payable: Payable | None, tender: Tender | None, refund: Refund | None = None
) -> Settlement:
    """Put a decision and the state after it into the fact that flows read."""
    return Settlement(
        outcome=decision.outcome,
        tender=tender,
        payable=payable,
        refund=refund,
        received=decision.received,
        captured_total=payable.captured if payable else 0,
        refunded_total=payable.refunded if payable else 0,
        settled=payable.settled if payable else False,
        excess=payable.excess if payable else 0,
    )


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about a payment, made at `now`, that is to be carried out.

    `was` is the status that stands in the database when `tender` already shows a submission that is not written yet.
    """

    decision: Decision
    said: Said | None
    tender: Tender
    payable: Payable
    now: datetime
    was: str | None = None


async def apply_payment(tx: Tx, case: Case) -> Settlement:
    """Carry out one decision as `apply_payments` does."""
    return (await apply_payments(tx, [case]))[0]


async def apply_payments(tx: Tx, cases: Sequence[Case]) -> tuple[Settlement, ...]:
    """Carry out decisions about payments under their payables' locks, in one statement at most.

    Those of one payable were made one after the other: each knows of the money before it.
    """
    moves = [_move(case) for case in cases if case.decision.status is not None]
    after = await settling.settle(tx, moves) if moves else {}
    return tuple(_conclude(tx, case, after.get(case.tender.id, case.tender)) for case in cases)


def _move(case: Case) -> settling.Move:
    said, decision = case.said, case.decision
    return settling.Move(
        tender=case.tender,
        was=case.was or case.tender.status,
        status=decision.status or case.tender.status,
        at=case.now,
        received=decision.received,
        authorised=decision.authorised,
        gateway_no=said.gateway_no if said else "",
        code=storable(said.code if said else decision.detail, 64),
    )


def _conclude(tx: Tx, case: Case, after: Tender) -> Settlement:
    """Tell what came of it, and say when to ask again."""
    payable, received = case.payable, case.decision.received
    if received:
        payable = payables.with_money(payable, received)
        tx.emit(
            PaymentCaptured(
                trade_id=after.trade_id,
                tender_id=after.id,
                gateway=after.gateway,
                method=after.method,
                amount=received,
                currency=after.currency,
                outcome=case.decision.outcome,
                captured_total=payable.captured,
                due=payable.due,
            ),
            subject=after.trade_id,
            at=case.now,
        )
    elif after.status in DEAD and case.tender.status not in DEAD:
        tell_failure(tx, after, case.now)
    watch_tender(tx, after, case.now)
    return answer(case.decision, payable=payable, tender=after)


def tell_failure(tx: Tx, tender: Tender, now: datetime) -> None:
    """Tell that a tender brings no money."""
    tx.emit(
        PaymentFailed(
            trade_id=tender.trade_id,
            tender_id=tender.id,
            gateway=tender.gateway,
            method=tender.method,
            amount=tender.amount,
            currency=tender.currency,
            status=tender.status,
            code=tender.code,
        ),
        subject=tender.trade_id,
        at=now,
    )


async def finish_refund(
    tx: Tx,
    refund: Refund,
    *,
    status: Literal["done", "failed"],
    gateway_refund_no: str = "",
    code: str = "",
    now: datetime,
) -> Refund:
    """Book the end of a refund that is moving, under the payable's lock."""
    code = storable(code, 64)
    await refunds.advance(
        tx, refund, status=status, gateway_refund_no=gateway_refund_no, code=code, finished_at=now
    )
    gone = refund.amount if status == "done" else 0
    await tenders.move_refunds(tx, [(refund.tender_id, -refund.amount, gone)])
    await payables.move(tx, refund.trade_id, refunding=-refund.amount, refunded=gone)
    kind: Literal["refund_done", "refund_failed"] = "refund_done" if status == "done" else "refund_failed"
    await ledger.post(tx, [ledger.of_refund(kind, refund)], now)
    after = await refunds.find(tx, refund.id)
    if after is None:
        raise AssertionError("refunds are never deleted")
    tx.emit(
        RefundFinished(
            trade_id=after.trade_id,
            tender_id=after.tender_id,
            refund_id=after.id,
            ref=after.ref,
            amount=after.amount,
            currency=after.currency,
            status=status,
            code=code,
        ),
        subject=after.trade_id,
        at=now,
    )
    watch_refund(tx, after, now)
    return after
