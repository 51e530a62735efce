"""Believe a gateway's answer about a payment; the same path as a message (U-20)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.payments.commands.settle import apply_payment
from daji.trade.payments.errors import NoTender
from daji.trade.payments.facts import Settlement
from daji.trade.payments.ports import Found
from daji.trade.payments.rules import decide, decide_not_found, said_of
from daji.trade.payments.store import payables, tenders


async def record_query(tx: Tx, *, tender_id: UUID, found: Found | None, now: datetime) -> Settlement:
    """Carry out what `Gateway.query`, `capture` or `void` answered; sets the next question, or clears it.

    Raises
    ------
    NoTender
    """
    payable = await payables.lock_of_tender(tx, tender_id)
    if payable is None:
        raise NoTender
    tender = await tenders.get(tx, tender_id)
    if found is None:
        decision = decide_not_found(tender, payable, now)
        return await apply_payment(tx, decision, said=None, tender=tender, payable=payable, now=now)
    said = said_of(tender.gateway, found)
    decision = decide(said, tender, payable)
    return await apply_payment(tx, decision, said=said, tender=tender, payable=payable, now=now)
