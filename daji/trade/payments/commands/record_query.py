"""Believe gateways' answers about payments; the same path as a message (U-20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Tx
from daji.trade.payments.commands.settle import Case, apply_payments
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import Settlement
from daji.trade.payments.ports import Found
from daji.trade.payments.rules import decide, decide_not_found, said_of
from daji.trade.payments.store import payables, tenders


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway answered when asked about a tender at `at`; `found` None when it knows nothing of it."""

    tender_id: UUID
    found: Found | None
    at: datetime


async def record_query(tx: Tx, *, tender_id: UUID, found: Found | None, now: datetime) -> Settlement:
    """Carry out one answer as `record_queries` does."""
    return (await record_queries(tx, answers=[Answer(tender_id=tender_id, found=found, at=now)]))[0]


async def record_queries(tx: Tx, *, answers: Sequence[Answer]) -> tuple[Settlement, ...]:
    """Carry out what `Gateway.query`, `capture` or `void` answered; sets the next questions, or clears them.

    Each tender is named once. Three statements.

    Raises
    ------
    NoTender
    """
    tender_ids = [answer.tender_id for answer in answers]
    owed = await payables.lock_of_tenders(tx, tender_ids)
    known = await tenders.find_many(tx, tender_ids)
    cases: list[Case] = []
    for answer in answers:
        tender = known.get(answer.tender_id)
        if tender is None:
            raise NoTender
        payable = owed[tender.trade_id]
        if answer.found is None:
            said, decision = None, decide_not_found(tender, payable, answer.at)
        else:
            said = said_of(tender.gateway, answer.found)
            decision = decide(said, tender, payable)
        case = Case(decision=decision, said=said, tender=tender, payable=payable, now=answer.at)
        cases.append(case)
        owed[tender.trade_id] = payables.with_money(payable, decision.received)
    return await apply_payments(tx, cases)
