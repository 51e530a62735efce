"""One step of a case: locked, decided, written, told."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from daji.care.aftersales import rules, store
from daji.care.aftersales.events import CaseMoved
from daji.care.aftersales.facts import Case, Status
from daji.care.aftersales.states import CASE
from daji.kit.db import Tx


async def take_step(
    tx: Tx,
    case: Case,
    verb: str,
    *,
    by: str,
    now: datetime,
    note: str = "",
    refunded_amount: int = 0,
    site_id: UUID | None = None,
) -> Case:
    """Move a locked case; returns it as it is now. Raises IllegalTransition."""
    status = rules.after(case, verb)
    closed = status in CASE.finals
    promise = rules.expected_refund_by(kind=case.kind, status=cast("Status", status), at=now)
    await store.move(
        tx,
        case,
        status=status,
        expected_refund_by=case.expected_refund_by if closed else promise,
        closed_at=now if closed else None,
        refunded_amount=refunded_amount,
        site_id=site_id,
    )
    await store.add_step(tx, case.id, verb=verb, status=status, by=by, note=note, at=now)
    tx.emit(
        CaseMoved(
            case_id=case.id,
            trade_id=case.trade_id,
            order_id=case.order_id,
            verb=verb,
            status=status,
            amount=case.amount,
            refunded_amount=refunded_amount,
            currency=case.currency,
        ),
        subject=case.id,
        at=now,
    )
    return await store.get(tx, case.id, None)
