"""Believe a gateway's proven message, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Session, Tx
from daji.trade.payments import queries
from daji.trade.payments.commands.settle import Case, answer, apply_payments, finish_refund
from daji.trade.payments.facts import Early, Refund, Settlement
from daji.trade.payments.ports import Notice, NoticeKind
from daji.trade.payments.rules import Decision, Said, Word, decide, decide_refund, is_early, is_repeat
from daji.trade.payments.store import notices, payables, refunds, tenders

_DUPLICATE = Decision(outcome="duplicate")


async def record_notice(tx: Tx, *, gateway: str, notice: Notice, now: datetime) -> Settlement:
    """Store the message under (gateway, its id) and carry out its one outcome; `rules` has the table.

    Never raises for what a message says: a gateway that is answered with an error sends it for ever.
    """
    match notice.kind:
        case "refund_done" | "refund_failed":
            return await _refund(tx, gateway, notice, now)
        case _:
            return (await record_notices(tx, gateway=gateway, told=[(notice, now)]))[0]


async def record_notices(
    tx: Tx, *, gateway: str, told: Sequence[tuple[Notice, datetime]]
) -> tuple[Settlement, ...]:
    """Store messages about payments, each heard at its time, and carry out their outcomes; each message and each
    tender is named once. Four statements, and one more for each message that is about no payment of ours.
    """
    named = [tender_id for notice, _ in told if (tender_id := _read(notice.key)) is not None]
    owed = await payables.lock_of_tenders(tx, named)
    known = await tenders.find_many(tx, named)
    cases: dict[str, Case] = {}
    settled: dict[str, Settlement] = {}
    for notice, now in told:
        tender_id = _read(notice.key)
        word = _word(notice.kind)
        if tender_id is None or tender_id not in known or word is None:
            settled[notice.notice_id] = await _stranger(tx, gateway, notice, now)
            continue
        tender = known[tender_id]
        said, payable = _said(gateway, notice, word), owed[tender.trade_id]
        decision = decide(said, tender, payable)
        cases[notice.notice_id] = Case(decision=decision, said=said, tender=tender, payable=payable, now=now)
        owed[tender.trade_id] = payables.with_money(payable, decision.received)
    words = [
        notices.Word(notice=notice, decision=case.decision, tender=case.tender, now=now)
        for notice, now in told
        if (case := cases.get(notice.notice_id)) is not None
    ]
    # Stored before anything moves: of two copies of one message only the first gets past this line.
    fresh = await notices.add(tx, gateway=gateway, words=words) if words else set()
    new = [notice_id for notice_id in cases if notice_id in fresh]
    done = await apply_payments(tx, [cases[notice_id] for notice_id in new])
    settled |= dict(zip(new, done, strict=True))
    for notice_id, case in cases.items():
        if notice_id not in fresh:
            settled[notice_id] = answer(_DUPLICATE, payable=case.payable, tender=case.tender)
    return tuple(settled[notice.notice_id] for notice, _ in told)


async def note_repeats(
    session: Session, *, gateway: str, told: Sequence[tuple[Notice, datetime]]
) -> list[Settlement | Early | None]:
    """Store messages that only repeat what is booked; None for one that may say more, or was stored before, "early" for
    one that came before the gateway's own answer was noted.

    Two statements at most, no lock: what was captured never becomes less, so that a repeat stays one.
    """
    named = {
        number: tender_id
        for number, (notice, _) in enumerate(told)
        if notice.kind == "captured" and (tender_id := _read(notice.key)) is not None
    }
    known = await tenders.find_many(session, list(named.values())) if named else {}
    words = {
        number: notices.Word(notice=notice, decision=_DUPLICATE, tender=tender, now=now)
        for number, (notice, now) in enumerate(told)
        if number in named
        and (tender := known.get(named[number])) is not None
        and is_repeat(_said(gateway, notice, "captured"), tender)
    }
    # Of two copies of one message only the first may be stored.
    first = {word.notice.notice_id: number for number, word in reversed(words.items())}
    fresh = (
        await notices.add(session, gateway=gateway, words=[words[number] for number in first.values()])
        if words
        else set()
    )
    found: list[Settlement | Early | None] = [None] * len(told)
    for number, (notice, now) in enumerate(told):
        tender = known.get(named[number]) if number in named else None
        if tender is None:
            continue
        if number not in words:
            early = is_early(_said(gateway, notice, "captured"), tender, now)
            found[number] = "early" if early else None
        elif notice.notice_id in fresh and first[notice.notice_id] == number:
            found[number] = answer(_DUPLICATE, payable=None, tender=tender)
    return found


async def _refund(tx: Tx, gateway: str, notice: Notice, now: datetime) -> Settlement:
    refund_id = _read(notice.refund_key)
    payable = await payables.lock_of_refund(tx, refund_id) if refund_id else None
    refund = await refunds.find(tx, refund_id) if refund_id and payable else None
    if payable is None or refund is None:
        return await _stranger(tx, gateway, notice, now)
    decision = _decide_refund(gateway, notice, refund)
    tender = await tenders.get(tx, refund.tender_id)
    word = notices.Word(notice=notice, decision=decision, tender=tender, refund=refund, now=now)
    if not await notices.add(tx, gateway=gateway, words=[word]):
        return answer(_DUPLICATE, payable=payable, tender=tender, refund=refund)
    match decision.status:
        case "done" | "failed" as status:
            after = await finish_refund(tx, refund, status=status, code=notice.code, now=now)
            whole = await queries.get_payable(tx, trade_id=payable.trade_id)
            tender = await tenders.get(tx, refund.tender_id)
            return answer(decision, payable=whole, tender=tender, refund=after)
    return answer(decision, payable=payable, tender=tender, refund=refund)


def _word(kind: NoticeKind) -> Word | None:
    """What a message says of a payment; None for one about a refund."""
    match kind:
        case "refund_done" | "refund_failed":
            return None
        case word:
            return word


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
    word = notices.Word(notice=notice, decision=decision, now=now)
    fresh = await notices.add(tx, gateway=gateway, words=[word])
    return answer(decision if fresh else _DUPLICATE, payable=None, tender=None)


def _read(key: str | None) -> UUID | None:
    """Read only what we wrote ourselves: `UUID` alone would take braces, capitals and URNs too."""
    try:
        found = UUID(key or "")
    except ValueError:
        return None
    return found if str(found) == key else None
