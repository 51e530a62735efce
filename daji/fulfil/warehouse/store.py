"""All SQL of warehouse work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.warehouse.facts import ListLine, Package, PickList, Release, Status, Verb
from daji.kit import ids
from daji.kit.db import Row, Session, Tx

SQL_RELEASE = """
WITH made AS (
  INSERT INTO warehouse.pick_list (id, order_id, site_id, number, created_at)
  SELECT l.id, l.order_id, l.site_id, l.number, $1::timestamptz
    FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) AS l(id, order_id, site_id, number)
  ON CONFLICT (order_id) DO NOTHING
  RETURNING id, order_id
), lined AS (
  INSERT INTO warehouse.pick_line (pick_list_id, line_id, position, sku_id, qty)
  SELECT made.id, l.line_id, l.position, l.sku_id, l.qty
    FROM made JOIN unnest($6::uuid[], $7::int[], $8::uuid[], $9::uuid[], $10::int[])
                   AS l(order_id, position, line_id, sku_id, qty) USING (order_id)
)
INSERT INTO warehouse.work (pick_list_id, verb, by, at)
SELECT id, 'release', 'system', $1::timestamptz FROM made
"""
SQL_LOCK = "SELECT id FROM warehouse.pick_list WHERE order_id = $1 FOR UPDATE"
SQL_GET = """
SELECT p.id, p.order_id, p.site_id, p.number, p.status, p.created_at,
       (SELECT jsonb_agg(jsonb_build_object('line_id', l.line_id, 'sku_id', l.sku_id, 'qty', l.qty,
                                            'picked', l.picked, 'short', l.short) ORDER BY l.position)
          FROM warehouse.pick_line l WHERE l.pick_list_id = p.id) AS lines,
       (SELECT jsonb_build_object('id', k.id, 'weight_g', k.weight_g, 'size_mm',
                                  CASE WHEN k.length_mm IS NOT NULL
                                       THEN jsonb_build_array(k.length_mm, k.width_mm, k.height_mm) END)
          FROM warehouse.package k WHERE k.pick_list_id = p.id) AS package,
       (SELECT jsonb_agg(jsonb_build_object('verb', w.verb, 'by', w.by, 'at', w.at) ORDER BY w.seq)
          FROM warehouse.work w WHERE w.pick_list_id = p.id) AS history
  FROM warehouse.pick_list p
 WHERE p.order_id = $1
"""
SQL_LIST = """
SELECT p.id, p.order_id, p.site_id, p.number, p.status, p.created_at,
       (SELECT jsonb_agg(jsonb_build_object('line_id', l.line_id, 'sku_id', l.sku_id, 'qty', l.qty,
                                            'picked', l.picked, 'short', l.short) ORDER BY l.position)
          FROM warehouse.pick_line l WHERE l.pick_list_id = p.id) AS lines,
       (SELECT jsonb_build_object('id', k.id, 'weight_g', k.weight_g, 'size_mm',
                                  CASE WHEN k.length_mm IS NOT NULL
                                       THEN jsonb_build_array(k.length_mm, k.width_mm, k.height_mm) END)
          FROM warehouse.package k WHERE k.pick_list_id = p.id) AS package,
       (SELECT jsonb_agg(jsonb_build_object('verb', w.verb, 'by', w.by, 'at', w.at) ORDER BY w.seq)
          FROM warehouse.work w WHERE w.pick_list_id = p.id) AS history
  FROM warehouse.pick_list p
 WHERE ($1::uuid IS NULL OR p.site_id = $1)
   AND ($2::text IS NULL OR p.status = $2)
   AND ($3::uuid IS NULL OR p.id > $3)
 ORDER BY p.id
 LIMIT $4
"""
SQL_WRITE_LINES = """
UPDATE warehouse.pick_line l SET picked = n.picked, short = n.short
  FROM unnest($2::uuid[], $3::int[], $4::int[]) AS n(line_id, picked, short)
 WHERE l.pick_list_id = $1 AND l.line_id = n.line_id
"""
SQL_CLAIM = """
WITH claimed AS (
  UPDATE warehouse.pick_list SET status = $3::text
   WHERE id = $1::uuid AND status = ANY($2::text[])
  RETURNING id
)
INSERT INTO warehouse.work (pick_list_id, verb, by, at)
SELECT id, $4::text, $5::text, $6::timestamptz FROM claimed
"""
SQL_PACK = """
INSERT INTO warehouse.package (id, pick_list_id, weight_g, length_mm, width_mm, height_mm)
VALUES ($1, $2, $3, $4, $5, $6)
"""


async def release(tx: Tx, *, orders: Sequence[Release], now: datetime) -> None:
    """Make the pick lists of orders in one statement; none for an order that has one."""
    lines = [
        (order.order_id, position, line)
        for order in orders
        for position, line in enumerate(order.lines, start=1)
    ]
    await tx.execute(
        SQL_RELEASE,
        now,
        [ids.new_id() for _ in orders],
        [order.order_id for order in orders],
        [order.site_id for order in orders],
        [order.number for order in orders],
        [order_id for order_id, _, _ in lines],
        [position for _, position, _ in lines],
        [line.line_id for _, _, line in lines],
        [line.sku_id for _, _, line in lines],
        [line.qty for _, _, line in lines],
    )


async def lock(tx: Tx, *, order_id: UUID) -> PickList | None:
    """Lock the list, then read it: what is read is what the last holder of the lock left."""
    tx.locking("warehouse.pick_list")
    if await tx.value(SQL_LOCK, order_id) is None:
        return None
    return await find(tx, order_id=order_id)


async def find(session: Session, *, order_id: UUID) -> PickList | None:
    row = await session.row(SQL_GET, order_id)
    return None if row is None else _pick_list(row)


async def listed(
    session: Session, *, site_id: UUID | None, status: Status | None, after: UUID | None, count: int
) -> tuple[PickList, ...]:
    return tuple(_pick_list(row) for row in await session.rows(SQL_LIST, site_id, status, after, count))


async def write_lines(tx: Tx, *, pick_list_id: UUID, lines: Sequence[ListLine]) -> None:
    await tx.execute(
        SQL_WRITE_LINES,
        pick_list_id,
        [line.line_id for line in lines],
        [line.picked for line in lines],
        [line.short for line in lines],
    )


async def claim(
    tx: Tx,
    *,
    pick_list_id: UUID,
    sources: Sequence[str],
    target: str,
    verb: Verb,
    by: str,
    now: datetime,
) -> bool:
    """Move the list on and note who did it; False when it stands somewhere else."""
    return await tx.execute(SQL_CLAIM, pick_list_id, list(sources), target, verb, by, now) == 1


async def add_package(tx: Tx, *, pick_list_id: UUID, package: Package) -> None:
    await tx.execute(SQL_PACK, package.id, pick_list_id, package.weight_g, *(package.size_mm or (None,) * 3))


def _pick_list(row: Row) -> PickList:
    return msgspec.convert({**dict(row), "history": row["history"] or ()}, PickList)
