"""Decisions about money: pure functions of the gateway's word, the tender, the payable and `now`.

Every message has one outcome. The table, in the order in which it is asked:

| word | situation | outcome | effect |
|---|---|---|---|
| any | not signed by the gateway | `ForgedNotice` raised by the port | nothing stored |
| any | same (gateway, notice id) came before | duplicate | none |
| any | key, gateway, gateway number, currency or amount fit no tender or refund of ours | unknown_payment | stored for staff |
| captured | no more than is already recorded | duplicate | none |
| captured | payable closed | late | money booked; the flow re-reserves or refunds |
| captured | the shop would keep more than is due | over | money booked; the flow refunds `excess` |
| captured | less than the tender asked | short | money booked, payable stays open |
| captured | else | captured | money booked |
| authorised | tender waits, payable closed | late | authorised; the flow voids |
| authorised | tender waits | authorised | authorised |
| declined, expired, voided | tender waits | declined, expired, voided | tender dead |
| pending (query) | submission was unknown | pending | tender pending |
| pending (query) | else | pending | none, asked again |
| not found (query) | just submitted | pending | none, asked again |
| not found (query) | submitted a while ago | unknown_payment | tender declined, `never_arrived` |
| not found (query) | never submitted, payable closed | voided | tender voided |
| refund_done, refund_failed | refund is moving | refund_done, refund_failed | booked |
| any of these | tender or refund already further on | duplicate | none: nothing moves backwards |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from daji.trade.payments.errors import BadAmount
from daji.trade.payments.facts import Outcome, Payable, Refund, Tender
from daji.trade.payments.ports import Found
from daji.trade.payments.states import DEAD, MOVING, TENDER, WAITING

YOUNG = timedelta(seconds=2)
"""For how long a tender without an answer is taken for one whose answer is on its way."""

MAX_AMOUNT = 1_000_000_000_000_000
"""Minor units. Above it sums over many trades could leave the range of a bigint."""
ASK_AFTER = timedelta(seconds=30)
"""First question after an unclear answer; longer than any call to a gateway may take."""
ASK_AT_MOST_EVERY = timedelta(hours=1)

Word = Literal["pending", "authorised", "captured", "declined", "expired", "voided"]

_ENDINGS: dict[str, str] = {"declined": "decline", "expired": "expire", "voided": "void"}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A payment in the gateway's words, from a message or from an answer alike; amounts are totals."""

    gateway: str
    gateway_no: str
    word: Word
    amount: int
    currency: str
    code: str = ""


def said_of(gateway: str, found: Found) -> Said:
    """A gateway's answer in the words of a message."""
    return Said(
        gateway=gateway,
        gateway_no=found.gateway_no,
        word=found.status,
        amount=found.captured if found.status == "captured" else found.authorised,
        currency=found.currency,
        code=found.code,
    )


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the tender's next one (None: stays), `received` new money, `detail` why nothing fitted."""

    outcome: Outcome
    status: str | None = None
    received: int = 0
    authorised: int = 0
    detail: str = ""


def mismatch(said: Said, tender: Tender) -> str:
    """Name what does not fit between the gateway's word and our tender; empty when all does."""
    if said.gateway != tender.gateway:
        return "gateway"
    if tender.gateway_no is not None and said.gateway_no != tender.gateway_no:
        return "gateway_no"
    if said.currency != tender.currency:
        return "currency"
    needs_money = said.word in ("captured", "authorised")
    if needs_money and not (said.gateway_no and 0 < said.amount <= MAX_AMOUNT):
        return "amount"
    return ""


def decide(said: Said, tender: Tender, payable: Payable) -> Decision:
    """Apply the table above to a payment's word."""
    if detail := mismatch(said, tender):
        return Decision(outcome="unknown_payment", detail=detail)
    if said.word == "captured":
        return _captured(said, tender, payable)
    if tender.status not in WAITING:
        return Decision(outcome="duplicate")
    if said.word == "pending":
        submitted = TENDER.allows(tender.status, "submit")
        return Decision(outcome="pending", status="pending" if submitted else None)
    if said.word == "authorised":
        return _authorised(said, tender, payable)
    return Decision(outcome=said.word, status=TENDER.after(tender.status, _ENDINGS[said.word]))


def _authorised(said: Said, tender: Tender, payable: Payable) -> Decision:
    if not TENDER.allows(tender.status, "authorise"):
        return Decision(outcome="duplicate")
    outcome: Outcome = "late" if payable.status == "closed" else "authorised"
    return Decision(outcome=outcome, status="authorised", authorised=said.amount)


def is_repeat(said: Said, tender: Tender) -> bool:
    """Whether a word about captured money says nothing that is not booked; true for ever once it is."""
    return said.word == "captured" and not mismatch(said, tender) and said.amount <= tender.captured


def is_early(said: Said, tender: Tender, now: datetime) -> bool:
    """Whether whoever sent this tender is probably about to note the gateway's answer, which says the same."""
    return (
        said.word == "captured"
        and tender.status == "created"
        and not mismatch(said, tender)
        and abs(now - tender.created_at) < YOUNG
    )


def _captured(said: Said, tender: Tender, payable: Payable) -> Decision:
    received = said.amount - tender.captured
    if received <= 0:
        return Decision(outcome="duplicate")
    outcome: Outcome = "captured"
    if payable.status == "closed":
        outcome = "late"
    elif payable.kept + received > payable.due:
        outcome = "over"
    elif said.amount < tender.amount:
        outcome = "short"
    return Decision(outcome=outcome, status="captured", received=received)


def decide_not_found(tender: Tender, payable: Payable, now: datetime) -> Decision:
    """Apply the table to "the gateway does not know this payment"."""
    if tender.status in DEAD:
        return Decision(outcome="duplicate")
    if tender.status not in ("created", "unknown"):
        # It told us of this payment before: an answer that denies it moves nothing.
        return Decision(outcome="unknown_payment", detail="denied")
    if tender.submitted_at is None:
        if payable.status == "closed":
            return Decision(outcome="voided", status="voided")
        return Decision(outcome="pending")
    if now - tender.submitted_at < ASK_AFTER:
        return Decision(outcome="pending")
    return Decision(outcome="unknown_payment", status="declined", detail="never_arrived")


def decide_refund(word: Literal["refund_done", "refund_failed"], refund: Refund) -> Decision:
    """Apply the table to the end of a refund."""
    if refund.status not in MOVING:
        return Decision(outcome="duplicate")
    return Decision(outcome=word, status="done" if word == "refund_done" else "failed")


def next_question(since: datetime, now: datetime) -> datetime:
    """When to ask again about something unclear since `since`: after 30 s, then ever more rarely, hourly at last.

    The wait is as long as the question is old, so the number of questions grows with the logarithm of time.
    """
    return now + min(max(now - since, ASK_AFTER), ASK_AT_MOST_EVERY)


def spread_refund(amount: int, tenders: Sequence[Tender]) -> tuple[tuple[UUID, int], ...]:
    """Say how much goes back by which tender: last captured first, none above what it still holds.

    Returns fewer than `amount` in sum when the tenders do not hold it; the caller refuses then.
    """
    held = [tender for tender in tenders if tender.captured_at is not None]
    held.sort(key=lambda tender: (tender.captured_at, tender.id), reverse=True)
    parts: list[tuple[UUID, int]] = []
    for tender in held:
        part = min(amount, tender.captured - tender.refunding - tender.refunded)
        if part > 0:
            parts.append((tender.id, part))
            amount -= part
    return tuple(parts)


def open_amount(payable: Payable, tenders: Sequence[Tender]) -> int:
    """What may still be asked for: due, less what the shop keeps and what waiting tenders may bring."""
    return payable.due - payable.kept - sum(t.amount for t in tenders if t.status in WAITING)


def storable(text: str, limit: int = 200) -> str:
    """Cut an outside text to `limit` characters that PostgreSQL can hold; ours to log, never to compare money by."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "�")[:limit]


def bounded(amount: int, *, minimum: int) -> int:
    """Return an amount that this room can handle. Raises BadAmount, TypeError for what is no int."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError(f"money is counted in int, not {type(amount).__name__}")
    if not minimum <= amount <= MAX_AMOUNT:
        raise BadAmount(amount=amount, minimum=minimum, maximum=MAX_AMOUNT)
    return amount
