"""Ask to send goods back, or for money back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from daji.care.aftersales import rules, store
from daji.care.aftersales.errors import CaseExists, UnitInCase
from daji.care.aftersales.events import CaseOpened
from daji.care.aftersales.facts import Case, Kind, NewCaseUnit, Owned
from daji.kit.db import Tx
from daji.kit.money import exponent


async def open_case(
    tx: Tx,
    *,
    case_id: UUID,
    trade_id: UUID,
    order_id: UUID,
    owner: Owned | None,
    kind: str,
    units: Sequence[NewCaseUnit],
    reason: str,
    note: str,
    currency: str,
    by: str,
    now: datetime,
) -> Case:
    """Open a case in status requested; its amount is the sum of its units'.

    `owner` is whose the trade is, so that they see the case also when staff opened it.

    Raises
    ------
    BadCase, UnknownCurrency, CaseExists
    UnitInCase
        When a unit is in another open case: roll back, part of the units is written.
    """
    exponent(currency)
    rules.check_new(kind=kind, units=units, reason=reason, note=note)
    known = cast("Kind", kind)
    amount = sum(unit.amount for unit in units)
    added = await store.add(
        tx,
        case_id=case_id,
        trade_id=trade_id,
        order_id=order_id,
        owner=owner,
        kind=known,
        reason=reason,
        note=note,
        amount=amount,
        currency=currency,
        expected_refund_by=rules.expected_refund_by(kind=known, status="requested", at=now),
        now=now,
    )
    if not added:
        raise CaseExists
    free = await store.add_units(tx, case_id, units)
    if free != len(units):
        raise UnitInCase(units=len(units) - free)
    await store.add_step(tx, case_id, verb="request", status="requested", by=by, note=note, at=now)
    opened = CaseOpened(
        case_id=case_id,
        trade_id=trade_id,
        order_id=order_id,
        kind=kind,
        reason=reason,
        amount=amount,
        currency=currency,
        units=len(units),
    )
    tx.emit(opened, subject=case_id, at=now)
    return await store.get(tx, case_id, None)
