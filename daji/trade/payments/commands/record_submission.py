"""Note what became of sending a tender to its gateway."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.payments.commands.settle import tell_failure
from daji.trade.payments.commands.timers import ASK_TENDER, watch_tender
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import Tender
from daji.trade.payments.ports import Refusal, Submitted, Unknown
from daji.trade.payments.rules import storable
from daji.trade.payments.states import TENDER
from daji.trade.payments.store import payables, tenders


async def record_submission(
    tx: Tx, *, tender_id: UUID, outcome: Submitted | Refusal | Unknown, now: datetime
) -> Tender:
    """Move a created tender to pending, unknown or declined; one that a message moved further stays there.

    No money is booked here: when the gateway's answer says more than pending, the timer to ask is due at once,
    and the answer comes in by `record_query`, as every other.

    Raises
    ------
    NoTender
    """
    if await payables.lock_of_tender(tx, tender_id) is None:
        raise NoTender
    tender = await tenders.get(tx, tender_id)
    if isinstance(outcome, Refusal):
        return await _refused(tx, tender, outcome, now)
    if isinstance(outcome, Submitted):
        return await _submitted(tx, tender, outcome, now)
    if TENDER.allows(tender.status, "lose_sight"):
        tender = await tenders.submitted(tx, tender, status="unknown", now=now)
    watch_tender(tx, tender, now)
    return tender


async def _submitted(tx: Tx, tender: Tender, outcome: Submitted, now: datetime) -> Tender:
    moves = TENDER.allows(tender.status, "submit")
    after = await tenders.submitted(
        tx,
        tender,
        status="pending" if moves else tender.status,
        gateway_no=storable(outcome.gateway_no),
        pay_url=outcome.pay_url,
        now=now,
    )
    watch_tender(tx, after, now)
    if outcome.status != "pending" and after.status == "pending":
        tx.set_timer(ASK_TENDER, after.id, now)
    return after


async def _refused(tx: Tx, tender: Tender, outcome: Refusal, now: datetime) -> Tender:
    if tender.status not in ("created", "unknown"):
        return tender
    after = await tenders.advance(tx, tender, status="declined", code=storable(outcome.code, 64), now=now)
    tell_failure(tx, after, now)
    watch_tender(tx, after, now)
    return after
