"""Believe a gateway's proven message, once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Session, Tx
from daji.trade.payments import queries
from daji.trade.payments.commands.settle import answer, apply_payment, finish_refund
from daji.trade.payments.facts import Refund, Settlement
from daji.trade.payments.ports import Notice
from daji.trade.payments.rules import Decision, Said, Word, decide, decide_refund, is_repeat
from daji.trade.payments.store import notices, payables, refunds, tenders

_DUPLICATE = Decision(outcome="duplicate")


async def record_notice(tx: Tx, *, gateway: str, notice: Notice, now: datetime) -> Settlement:
    """Store the message under (gateway, its id) and carry out its one outcome; `rules` has the table.

    Never raises for what a message says: a gateway that is answered with an error sends it for ever.
    """
    match notice.kind:
        case "refund_done" | "refund_failed":
            return await _refund(tx, gateway, notice, now)
        case word:
            return await _payment(tx, gateway, notice, word, now)


async def note_repeat(session: Session, *, gateway: str, notice: Notice, now: datetime) -> Settlement | None:
    """Store a message that only repeats what is booked; None when it may say more, or was stored before.

    Two statements, no lock: what was captured never becomes less, so that a repeat stays one.
    """
    tender_id = _read(notice.key)
    if notice.kind != "captured" or tender_id is None:
        return None
    tender = await tenders.find(session, tender_id)
    if tender is None or not is_repeat(_said(gateway, notice, notice.kind), tender):
        return None
    fresh = await notices.add(
        session, gateway=gateway, notice=notice, decision=_DUPLICATE, tender=tender, refund=None, now=now
    )
    return answer(_DUPLICATE, payable=None, tender=tender) if fresh else None


async def _payment(tx: Tx, gateway: str, notice: Notice, word: Word, now: datetime) -> Settlement:
    tender_id = _read(notice.key)
    payable = await payables.lock_of_tender(tx, tender_id) if tender_id else None
    if tender_id is None or payable is None:
        return await _stranger(tx, gateway, notice, now)
    tender = await tenders.get(tx, tender_id)
    said = _said(gateway, notice, word)
    decision = decide(said, tender, payable)
    # Stored before anything moves: of two copies of one message only the first gets past this line.
    if not await notices.add(
        tx, gateway=gateway, notice=notice, decision=decision, tender=tender, refund=None, now=now
    ):
        return answer(_DUPLICATE, payable=payable, tender=tender)
    return await apply_payment(tx, decision, said=said, tender=tender, payable=payable, now=now)


async def _refund(tx: Tx, gateway: str, notice: Notice, now: datetime) -> Settlement:
    refund_id = _read(notice.refund_key)
    payable = await payables.lock_of_refund(tx, refund_id) if refund_id else None
    refund = await refunds.find(tx, refund_id) if refund_id and payable else None
    if payable is None or refund is None:
        return await _stranger(tx, gateway, notice, now)
    decision = _decide_refund(gateway, notice, refund)
    tender = await tenders.get(tx, refund.tender_id)
    if not await notices.add(
        tx, gateway=gateway, notice=notice, decision=decision, tender=tender, refund=refund, now=now
    ):
        return answer(_DUPLICATE, payable=payable, tender=tender, refund=refund)
    match decision.status:
        case "done" | "failed" as status:
            after = await finish_refund(tx, refund, status=status, code=notice.code, now=now)
            whole = await queries.get_payable(tx, trade_id=payable.trade_id)
            tender = await tenders.get(tx, refund.tender_id)
            return answer(decision, payable=whole, tender=tender, refund=after)
    return answer(decision, payable=payable, tender=tender, refund=refund)


def _decide_refund(gateway: str, notice: Notice, refund: Refund) -> Decision:
    facts = {
        "gateway": (gateway, refund.gateway),
        "payment": (notice.key, refund.payment_key),
        "currency": (notice.currency, refund.currency),
        "amount": (notice.amount, refund.amount),
    }
    for name, (theirs, ours) in facts.items():
        if theirs != ours:
            return Decision(outcome="unknown_payment", detail=name)
    return decide_refund("refund_done" if notice.kind == "refund_done" else "refund_failed", refund)


def _said(gateway: str, notice: Notice, word: Word) -> Said:
    return Said(
        gateway=gateway,
        gateway_no=notice.gateway_no,
        word=word,
        amount=notice.amount,
        currency=notice.currency,
        code=notice.code,
    )


async def _stranger(tx: Tx, gateway: str, notice: Notice, now: datetime) -> Settlement:
    decision = Decision(outcome="unknown_payment", detail="key")
    fresh = await notices.add(
        tx, gateway=gateway, notice=notice, decision=decision, tender=None, refund=None, now=now
    )
    return answer(decision if fresh else _DUPLICATE, payable=None, tender=None)


def _read(key: str | None) -> UUID | None:
    """Read only what we wrote ourselves: `UUID` alone would take braces, capitals and URNs too."""
    try:
        found = UUID(key or "")
    except ValueError:
        return None
    return found if str(found) == key else None
