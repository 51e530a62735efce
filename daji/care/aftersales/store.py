"""All SQL of the room. The row lock of a case guards its units and its history."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from daji.care.aftersales.errors import NoCase
from daji.care.aftersales.facts import Case, CaseUnit, Kind, NewCaseUnit, Owned, Status, Step
from daji.care.aftersales.rules import holder
from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.kit.paging import Cursor, Page

LOCK = "aftersales.case"

SQL_ADD = """
INSERT INTO aftersales.cases (id, trade_id, order_id, shopper_id, guest_digest, kind, status, reason, note, amount,
                              currency, expected_refund_by, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, 'requested', $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
SQL_ADD_UNITS = """
INSERT INTO aftersales.case_unit (case_id, unit_id, position, line_id, sku_id, paid, amount)
SELECT $1, n.unit_id, n.position, n.line_id, n.sku_id, n.paid, n.amount
  FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[])
       AS n(unit_id, position, line_id, sku_id, paid, amount)
 ORDER BY n.unit_id
ON CONFLICT (unit_id) WHERE open DO NOTHING
"""
SQL_ADD_STEP = """
INSERT INTO aftersales.step (id, case_id, verb, status, by, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
SQL_LOCK = "SELECT id FROM aftersales.cases WHERE id = $1 FOR UPDATE"
SQL_MOVE = """
UPDATE aftersales.cases
   SET status = $3, expected_refund_by = $4, closed_at = $5, refunded_amount = $6, site_id = coalesce($7, site_id)
 WHERE id = $1 AND status = $2
"""
SQL_FREE_UNITS = "UPDATE aftersales.case_unit SET open = false WHERE case_id = $1 AND open"
SQL_GRADE = """
UPDATE aftersales.case_unit u SET grade = g.grade
  FROM unnest($2::uuid[], $3::text[]) AS g(unit_id, grade)
 WHERE u.case_id = $1 AND u.unit_id = g.unit_id
"""
SQL_GET = """
SELECT * FROM aftersales.cases
 WHERE id = $1 AND ($2::boolean OR shopper_id = $3 OR guest_digest = $4)
"""
SQL_LIST = """
SELECT * FROM aftersales.cases
 WHERE ($1::boolean OR shopper_id = $2 OR guest_digest = $3)
   AND ($4::uuid IS NULL OR trade_id = $4) AND ($5::uuid IS NULL OR order_id = $5)
   AND ($6::text IS NULL OR status = $6)
   AND ($7::timestamptz IS NULL OR (requested_at, id) < ($7, $8::uuid))
 ORDER BY requested_at DESC, id DESC LIMIT $9
"""
SQL_UNITS = """
SELECT case_id, unit_id, line_id, sku_id, paid, amount, grade FROM aftersales.case_unit
 WHERE case_id = ANY($1::uuid[]) ORDER BY case_id, position
"""
SQL_STEPS = """
SELECT case_id, verb, status, by, note, at FROM aftersales.step WHERE case_id = ANY($1::uuid[]) ORDER BY seq
"""


async def add(
    tx: Tx,
    *,
    case_id: UUID,
    trade_id: UUID,
    order_id: UUID,
    owner: Owned | None,
    kind: Kind,
    reason: str,
    note: str,
    amount: int,
    currency: str,
    expected_refund_by: datetime,
    now: datetime,
) -> bool:
    """Write the case; False when its id is taken."""
    shopper_id, digest = _owner(owner)
    added = await tx.value(
        SQL_ADD,
        case_id,
        trade_id,
        order_id,
        shopper_id,
        digest,
        kind,
        reason,
        note,
        amount,
        currency,
        expected_refund_by,
        now,
    )
    return added is not None


async def add_units(tx: Tx, case_id: UUID, units: Sequence[NewCaseUnit]) -> int:
    """Write the units that are in no open case, waiting for rivals to end; returns how many these are."""
    return await tx.execute(
        SQL_ADD_UNITS,
        case_id,
        [unit.unit_id for unit in units],
        list(range(len(units))),
        [unit.line_id for unit in units],
        [unit.sku_id for unit in units],
        [unit.paid for unit in units],
        [unit.amount for unit in units],
    )


async def add_step(
    tx: Tx, case_id: UUID, *, verb: str, status: str, by: str, note: str, at: datetime
) -> None:
    await tx.execute(SQL_ADD_STEP, ids.new_id(), case_id, verb, status, by, note, at)


async def lock(tx: Tx, case_id: UUID) -> Case:
    """Take the case's row lock and read it. Raises NoCase."""
    tx.locking(LOCK)
    if await tx.value(SQL_LOCK, case_id) is None:
        raise NoCase
    return await get(tx, case_id, None)


async def move(
    tx: Tx,
    case: Case,
    *,
    status: str,
    expected_refund_by: datetime,
    closed_at: datetime | None,
    refunded_amount: int,
    site_id: UUID | None,
) -> None:
    """Move on from exactly the status that was read; a closed case lets its units go."""
    moved = await tx.execute(
        SQL_MOVE, case.id, case.status, status, expected_refund_by, closed_at, refunded_amount, site_id
    )
    if moved != 1:
        raise AssertionError("the case moved under its lock")
    if closed_at is not None:
        await tx.execute(SQL_FREE_UNITS, case.id)


async def grade(tx: Tx, case_id: UUID, grades: Mapping[UUID, str]) -> None:
    await tx.execute(SQL_GRADE, case_id, list(grades), list(grades.values()))


async def get(session: Session, case_id: UUID, owner: Owned | None) -> Case:
    """Read a case of this owner (None: staff). Raises NoCase, for somebody else's too."""
    row = await session.row(SQL_GET, case_id, owner is None, *_owner(owner))
    if row is None:
        raise NoCase
    return (await _whole(session, [row]))[0]


async def list_page(
    session: Session,
    *,
    owner: Owned | None,
    trade_id: UUID | None,
    order_id: UUID | None,
    status: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Case]:
    """Newest first."""
    after_at, after_id = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    rows = await session.rows(
        SQL_LIST, owner is None, *_owner(owner), trade_id, order_id, status, after_at, after_id, limit + 1
    )
    items = await _whole(session, rows[:limit])
    more = len(rows) > limit
    return Page(
        items=items,
        next_cursor=Cursor.encode((items[-1].requested_at, items[-1].id)) if more else None,
    )


async def _whole(session: Session, rows: Sequence[Row]) -> tuple[Case, ...]:
    if not rows:
        return ()
    found = [row["id"] for row in rows]
    units: dict[UUID, list[CaseUnit]] = defaultdict(list)
    for row in await session.rows(SQL_UNITS, found):
        values = dict(row)
        units[values.pop("case_id")].append(CaseUnit(**values))
    steps: dict[UUID, list[Row]] = defaultdict(list)
    for row in await session.rows(SQL_STEPS, found):
        steps[row["case_id"]].append(row)
    return tuple(_case(row, units[row["id"]], steps[row["id"]]) for row in rows)


def _case(row: Row, units: Sequence[CaseUnit], steps: Sequence[Row]) -> Case:
    kind: Kind = row["kind"]
    status: Status = row["status"]
    return Case(
        id=row["id"],
        trade_id=row["trade_id"],
        order_id=row["order_id"],
        kind=kind,
        status=status,
        units=tuple(units),
        reason=row["reason"],
        note=row["note"],
        amount=row["amount"],
        currency=row["currency"],
        expected_refund_by=row["expected_refund_by"],
        refunded_amount=row["refunded_amount"],
        requested_at=row["requested_at"],
        holder=holder(kind, status),
        site_id=row["site_id"],
        closed_at=row["closed_at"],
        history=tuple(
            Step(
                verb=line["verb"],
                status=line["status"],
                by=line["by"],
                note=line["note"],
                at=line["at"],
                holder=holder(kind, line["status"]),
            )
            for line in steps
        ),
    )


def _owner(owner: Owned | None) -> tuple[UUID | None, bytes | None]:
    if owner is None:
        return None, None
    token = owner.guest_token
    return owner.shopper_id, hashlib.sha256(token.encode()).digest() if token else None
