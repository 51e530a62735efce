"""Sales and their lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.grow.flash.facts import Plan, Sale, SaleLine, Status
from daji.kit import ids
from daji.kit.db import Row, Session, Tx

SQL_ADD = """
INSERT INTO flash.sale (id, titles, channel, currency, status, opens_at, closes_at, per_buyer, audience, pass_minutes,
                        pay_minutes, admit_percent, version, made_by, created_at, updated_at)
VALUES ($1, $2::text::jsonb, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $14)
"""
SQL_CHANGE = """
UPDATE flash.sale
   SET titles = $3::text::jsonb, channel = $4, currency = $5, opens_at = $6, closes_at = $7, per_buyer = $8,
       audience = $9, pass_minutes = $10, pay_minutes = $11, admit_percent = $12, version = version + 1,
       updated_at = $13
 WHERE id = $1 AND version = $2 AND status = ANY($14::text[])
RETURNING id
"""
SQL_ADD_LINES = """
INSERT INTO flash.line (id, sale_id, sku_id, price, quota)
SELECT l.id, $1, l.sku_id, l.price, l.quota
  FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::int[]) AS l(id, sku_id, price, quota)
"""
SQL_DROP_LINES = "DELETE FROM flash.line WHERE sale_id = $1"
SQL_GET = """
SELECT s.id, s.titles, s.channel, s.currency, s.status, s.opens_at, s.closes_at, s.per_buyer, s.audience,
       s.pass_minutes, s.pay_minutes, s.admit_percent, s.version,
       l.id AS line_id, l.sku_id, l.price, l.quota, l.taken
  FROM flash.sale s LEFT JOIN flash.line l ON l.sale_id = s.id
 WHERE s.id = ANY($1::uuid[])
 ORDER BY s.id DESC, l.id
"""
SQL_LIST = """
SELECT id FROM flash.sale
 WHERE ($1::text[] IS NULL OR status = ANY($1)) AND ($2::uuid IS NULL OR id < $2)
 ORDER BY id DESC LIMIT $3
"""
SQL_SHOWN = """
SELECT id FROM flash.sale
 WHERE status IN ('scheduled', 'open', 'sold_out') AND closes_at > $1
 ORDER BY opens_at, id LIMIT $2
"""
# Orders hold the row FOR KEY SHARE while they take pieces: this waits for them, and they for this.
SQL_LOCK = "SELECT id FROM flash.sale WHERE id = $1 FOR UPDATE"
SQL_LOCK_ROUND = "SELECT id FROM flash.sale WHERE id = $1 FOR NO KEY UPDATE"
SQL_MOVE = """
UPDATE flash.sale SET status = $3, version = version + 1, updated_at = $4
 WHERE id = $1 AND status = ANY($2::text[])
RETURNING id
"""


async def add(tx: Tx, *, sale_id: UUID, plan: Plan, status: str, by: str, now: datetime) -> None:
    await tx.execute(SQL_ADD, sale_id, *_columns(plan, status=status), by, now)
    await _add_lines(tx, sale_id, plan)


async def change(
    tx: Tx, *, sale_id: UUID, version: int, plan: Plan, statuses: Sequence[str], now: datetime
) -> bool:
    """Write the sale anew if nobody else did meanwhile and its status still allows it."""
    tx.locking("flash.sale")
    columns = _columns(plan)
    if await tx.value(SQL_CHANGE, sale_id, version, *columns, now, list(statuses)) is None:
        return False
    await tx.execute(SQL_DROP_LINES, sale_id)
    await _add_lines(tx, sale_id, plan)
    return True


async def _add_lines(tx: Tx, sale_id: UUID, plan: Plan) -> None:
    await tx.execute(
        SQL_ADD_LINES,
        sale_id,
        [ids.new_id() for _ in plan.lines],
        [line.sku_id for line in plan.lines],
        [line.price for line in plan.lines],
        [line.quota for line in plan.lines],
    )


def _columns(plan: Plan, *, status: str | None = None) -> list[object]:
    named = [msgspec.json.encode(plan.titles).decode(), plan.channel, plan.currency]
    return [
        *named,
        *([status] if status is not None else []),
        plan.opens_at,
        plan.closes_at,
        plan.per_buyer,
        plan.audience,
        plan.pass_minutes,
        plan.pay_minutes,
        plan.admit_percent,
    ]


async def by_ids(session: Session, sale_ids: Sequence[UUID]) -> tuple[Sale, ...]:
    """Sales with their lines, in the order of the ids asked for."""
    rows = await session.rows(SQL_GET, list(sale_ids))
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return tuple(_sale(found[sale_id]) for sale_id in sale_ids if sale_id in found)


async def listed(
    session: Session, *, statuses: Sequence[Status] | None, before: UUID | None, count: int
) -> tuple[Sale, ...]:
    rows = await session.rows(SQL_LIST, None if statuses is None else list(statuses), before, count)
    return await by_ids(session, [row["id"] for row in rows])


async def shown(session: Session, *, now: datetime, count: int) -> tuple[Sale, ...]:
    rows = await session.rows(SQL_SHOWN, now, count)
    return await by_ids(session, [row["id"] for row in rows])


async def lock(tx: Tx, sale_id: UUID) -> bool:
    """Lock the sale against orders that take from it, until this transaction ends."""
    tx.locking("flash.sale")
    return await tx.value(SQL_LOCK, sale_id) is not None


async def lock_round(tx: Tx, sale_id: UUID) -> bool:
    """Lock the sale against other rounds and staff; orders go on."""
    tx.locking("flash.sale")
    return await tx.value(SQL_LOCK_ROUND, sale_id) is not None


async def move(tx: Tx, *, sale_id: UUID, sources: Iterable[str], target: str, now: datetime) -> bool:
    """Claim the transition; False when somebody was faster."""
    tx.locking("flash.sale")
    return await tx.value(SQL_MOVE, sale_id, list(sources), target, now) is not None


def _sale(rows: Sequence[Row]) -> Sale:
    first = dict(rows[0])
    lines = tuple(
        SaleLine(
            id=row["line_id"],
            sku_id=row["sku_id"],
            price=row["price"],
            quota=row["quota"],
            taken=row["taken"],
        )
        for row in rows
        if row["line_id"] is not None
    )
    for name in ("line_id", "sku_id", "price", "quota", "taken"):
        del first[name]
    return Sale(**first, lines=lines)
