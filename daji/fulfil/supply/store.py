"""All SQL of what suppliers announce."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.supply.facts import NewNotice, Notice, NoticeLine, Status
from daji.fulfil.supply.states import NOTICE
from daji.kit.db import Row, Session, Tx

_COLUMNS = """
SELECT n.id, n.number, n.supplier, n.site_id, n.expected_at, n.status, n.note, n.created_at, n.ended_at,
       (SELECT jsonb_agg(jsonb_build_object('sku_id', l.sku_id, 'expected', l.expected, 'received', l.received)
                         ORDER BY l.position)
          FROM supply.notice_line l WHERE l.notice_id = n.id) AS lines
  FROM supply.notice n
"""
SQL_ADD = """
WITH made AS (
  INSERT INTO supply.notice (id, number, supplier, site_id, expected_at, note, by, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (number) DO NOTHING
  RETURNING id
), lined AS (
  INSERT INTO supply.notice_line (notice_id, sku_id, position, expected)
  SELECT made.id, l.sku_id, l.position, l.qty
    FROM made, unnest($9::uuid[], $10::int[]) WITH ORDINALITY AS l(sku_id, qty, position)
)
SELECT id FROM made
"""
SQL_LOCK = "SELECT status FROM supply.notice WHERE id = $1 FOR UPDATE"
SQL_GET = f"{_COLUMNS} WHERE n.id = $1"
SQL_WRITE_LINES = """
INSERT INTO supply.notice_line AS l (notice_id, sku_id, position, expected, received)
SELECT $1::uuid, w.sku_id, w.position, w.expected, w.received
  FROM unnest($2::uuid[], $3::int[], $4::int[]) WITH ORDINALITY AS w(sku_id, expected, received, position)
ON CONFLICT (notice_id, sku_id) DO UPDATE SET received = excluded.received
"""
SQL_MOVE = """
UPDATE supply.notice
   SET status = $2, ended_at = CASE WHEN $2 IN ('closed', 'cancelled') THEN $4::timestamptz END
 WHERE id = $1 AND status = ANY($3::text[])
RETURNING status
"""


async def add(tx: Tx, *, notice_id: UUID, given: NewNotice, by: str, now: datetime) -> bool:
    """False when the number is known."""
    made = await tx.value(
        SQL_ADD,
        notice_id,
        given.number,
        given.supplier,
        given.site_id,
        given.expected_at,
        given.note,
        by,
        now,
        [sku_id for sku_id, _ in given.lines],
        [qty for _, qty in given.lines],
    )
    return made is not None


async def lock(tx: Tx, notice_id: UUID) -> Status | None:
    """Lock a notice; its status, None when there is none."""
    tx.locking("supply.notice")
    found: Status | None = await tx.value(SQL_LOCK, notice_id)
    return found


async def find(session: Session, *, notice_id: UUID) -> Notice | None:
    row = await session.row(SQL_GET, notice_id)
    return None if row is None else _notice(row)


async def write_lines(tx: Tx, *, notice_id: UUID, lines: Sequence[NoticeLine]) -> None:
    await tx.execute(
        SQL_WRITE_LINES,
        notice_id,
        [line.sku_id for line in lines],
        [line.expected for line in lines],
        [line.received for line in lines],
    )


async def move(tx: Tx, *, notice_id: UUID, status: Status, verb: str, now: datetime) -> bool:
    """Move a notice on from `status`; False when it has moved meanwhile."""
    moved = await tx.value(SQL_MOVE, notice_id, NOTICE.after(status, verb), [status], now)
    return moved is not None


def _notice(row: Row) -> Notice:
    return msgspec.convert({**dict(row), "lines": row["lines"] or []}, Notice)
