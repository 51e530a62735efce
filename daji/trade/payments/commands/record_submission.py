"""Note what became of sending tenders to their gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.trade.payments.commands.settle import Case, answer, apply_payments, tell_failure
from daji.trade.payments.commands.timers import ASK_TENDER, watch_tender
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import Payable, Settlement, Tender
from daji.trade.payments.ports import Found, Refusal, Submitted, Unknown
from daji.trade.payments.rules import Decision, decide, said_of, storable
from daji.trade.payments.states import TENDER
from daji.trade.payments.store import payables, settling, tenders
from daji.trade.payments.store.tenders import Submission

Outcome = Submitted | Refusal | Unknown


async def record_submission(tx: Tx, *, tender_id: UUID, outcome: Outcome, now: datetime) -> Tender:
    """Note one; see `record_submissions`. Raises NoTender."""
    trade_id = await tenders.trade_of(tx, tender_id)
    if trade_id is None:
        raise NoTender
    (settlement,) = await record_submissions(tx, trade_id=trade_id, outcomes={tender_id: outcome}, now=now)
    if settlement.tender is None:
        raise NoTender
    return settlement.tender


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of sending tenders of one trade, at `at`."""

    trade_id: UUID
    outcomes: Mapping[UUID, Outcome]
    at: datetime


async def record_submissions(
    tx: Tx, *, trade_id: UUID, outcomes: Mapping[UUID, Outcome], now: datetime
) -> tuple[Settlement, ...]:
    """Move created tenders of a trade to pending, unknown or declined; one that a message moved further stays there.

    An answer that says more than pending and brings what it found is believed at once, by the same table as a message
    or a question (U-20). Without that no money is booked here: the timer to ask is due at once.

    Raises
    ------
    NoPayable, NoTender
    """
    return (await record_submissions_many(tx, sent=[Sent(trade_id=trade_id, outcomes=outcomes, at=now)]))[0]


async def record_submissions_many(tx: Tx, *, sent: Sequence[Sent]) -> tuple[tuple[Settlement, ...], ...]:
    """The same for many trades, each named once; three statements when no answer settles anything, and one more for the
    first tenders of all, for the second ones, and so on, where answers do.
    """
    trade_ids = [one.trade_id for one in sent]
    owed = await payables.lock_many(tx, trade_ids)
    known = {
        tender.id: tender for some in (await tenders.of_trades(tx, trade_ids)).values() for tender in some
    }
    if any(
        tender_id not in known or known[tender_id].trade_id != one.trade_id
        for one in sent
        for tender_id in one.outcomes
    ):
        raise NoTender
    quiet = [
        submission
        for one in sent
        for tender_id, outcome in one.outcomes.items()
        if (submission := _submission(known[tender_id], outcome, one.at)) is not None
    ]
    if quiet:
        known |= await tenders.submitted(tx, quiet)
    done: dict[UUID, list[Settlement]] = {one.trade_id: [] for one in sent}
    for step in range(max((len(one.outcomes) for one in sent), default=0)):
        # One of each trade at a time: what is decided of a tender knows of the money before it.
        answers = [
            (known[tender_id], outcome, owed[one.trade_id], one.at)
            for one in sent
            for tender_id, outcome in islice(one.outcomes.items(), step, step + 1)
        ]
        for settlement, (tender, _, payable, _) in zip(await _conclude(tx, answers), answers, strict=True):
            done[tender.trade_id].append(settlement)
            owed[tender.trade_id] = settlement.payable or payable
    return tuple(tuple(done[one.trade_id]) for one in sent)


def _submission(tender: Tender, outcome: Outcome, at: datetime) -> Submission | None:
    """What is to be noted of an answer that settles nothing."""
    if isinstance(outcome, Refusal) or _found(tender, outcome) is not None:
        return None
    if isinstance(outcome, Submitted):
        moves = TENDER.allows(tender.status, "submit")
        return Submission(
            tender=tender,
            status="pending" if moves else tender.status,
            at=at,
            gateway_no=storable(outcome.gateway_no),
            pay_url=outcome.pay_url,
        )
    if TENDER.allows(tender.status, "lose_sight"):
        return Submission(tender=tender, status="unknown", at=at)
    return None


def _found(tender: Tender, outcome: Outcome) -> Found | None:
    """What the answer settles at once; only of a tender about which nothing was heard before."""
    if not isinstance(outcome, Submitted) or not TENDER.allows(tender.status, "submit"):
        return None
    return outcome.found if outcome.status != "pending" else None


async def _conclude(
    tx: Tx, answers: Sequence[tuple[Tender, Outcome, Payable, datetime]]
) -> tuple[Settlement, ...]:
    """Draw the conclusion of each answer about a tender of another trade; those that settle in one statement."""
    settled: dict[UUID, Settlement] = {}
    cases: list[Case] = []
    for tender, outcome, payable, now in answers:
        found = _found(tender, outcome)
        if found is not None and isinstance(outcome, Submitted):
            cases.append(_case(tender, outcome, found, payable, now))
            continue
        after = tender
        if isinstance(outcome, Refusal):
            after = await _refused(tx, tender, outcome, now)
        else:
            watch_tender(tx, tender, now)
            if isinstance(outcome, Submitted) and outcome.status != "pending" and tender.status == "pending":
                tx.set_timer(ASK_TENDER, tender.id, now)
        settled[tender.id] = answer(Decision(outcome="pending"), payable=payable, tender=after)
    done = await apply_payments(tx, cases)
    settled |= {case.tender.id: settlement for case, settlement in zip(cases, done, strict=True)}
    return tuple(settled[tender.id] for tender, _, _, _ in answers)


def _case(tender: Tender, outcome: Submitted, found: Found, payable: Payable, now: datetime) -> Case:
    """Submission and settlement are one write: the tender is shown to the table as if it were noted already."""
    pending = msgspec.structs.replace(
        tender,
        status="pending",
        submitted_at=now,
        gateway_no=tender.gateway_no or storable(outcome.gateway_no) or None,
        pay_url=tender.pay_url or outcome.pay_url,
    )
    said = said_of(pending.gateway, found)
    decision = decide(said, pending, payable)
    if decision.status is None:
        decision = msgspec.structs.replace(decision, status="pending")
    return Case(decision=decision, said=said, tender=pending, payable=payable, now=now, was=tender.status)


async def _refused(tx: Tx, tender: Tender, outcome: Refusal, now: datetime) -> Tender:
    if tender.status not in ("created", "unknown"):
        return tender
    code = storable(outcome.code, 64)
    move = settling.Move(tender=tender, was=tender.status, status="declined", code=code, at=now)
    after = (await settling.settle(tx, [move]))[tender.id]
    tell_failure(tx, after, now)
    watch_tender(tx, after, now)
    return after
