"""All SQL of warehouse work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.warehouse.facts import ListLine, Package, PickList, Release, Status, Stint, Verb
from daji.kit import ids
from daji.kit.db import Row, Session, Tx

SQL_RELEASE = """
WITH made AS (
  INSERT INTO warehouse.pick_list (id, order_id, site_id, number, created_at)
  SELECT l.id, l.order_id, l.site_id, l.number, l.at
    FROM unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
         AS l(at, id, order_id, site_id, number)
  ON CONFLICT (order_id) DO NOTHING
  RETURNING id, order_id, created_at
), lined AS (
  INSERT INTO warehouse.pick_line (pick_list_id, line_id, position, sku_id, qty)
  SELECT made.id, l.line_id, l.position, l.sku_id, l.qty
    FROM made JOIN unnest($6::uuid[], $7::int[], $8::uuid[], $9::uuid[], $10::int[])
                   AS l(order_id, position, line_id, sku_id, qty) USING (order_id)
)
INSERT INTO warehouse.work (pick_list_id, verb, by, at)
SELECT id, 'release', 'system', created_at FROM made
"""
SQL_LOCK = "SELECT id FROM warehouse.pick_list WHERE order_id = ANY($1::uuid[]) ORDER BY order_id FOR UPDATE"
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
 WHERE p.order_id = ANY($1::uuid[])
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
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[]) AS n(pick_list_id, line_id, picked, short)
 WHERE l.pick_list_id = n.pick_list_id AND l.line_id = n.line_id
"""
SQL_CLAIM = """
WITH claimed AS (
  UPDATE warehouse.pick_list p SET status = $1::text
    FROM unnest($4::uuid[], $5::text[], $6::timestamptz[]) AS w(order_id, by, at)
   WHERE p.order_id = w.order_id AND p.status = ANY($2::text[])
  RETURNING p.id, p.order_id, w.by, w.at
), told AS (
  INSERT INTO warehouse.work (pick_list_id, verb, by, at) SELECT id, $3::text, by, at FROM claimed
)
SELECT order_id FROM claimed
"""
SQL_PACK = """
WITH claimed AS (
  UPDATE warehouse.pick_list p SET status = $1::text
    FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::uuid[], $7::int[], $8::int[], $9::int[], $10::int[])
         AS w(order_id, by, at, package_id, weight_g, length_mm, width_mm, height_mm)
   WHERE p.order_id = w.order_id AND p.status = ANY($2::text[])
  RETURNING p.id, p.order_id, w.by, w.at, w.package_id, w.weight_g, w.length_mm, w.width_mm, w.height_mm
), told AS (
  INSERT INTO warehouse.work (pick_list_id, verb, by, at) SELECT id, 'pack', by, at FROM claimed
), boxed AS (
  INSERT INTO warehouse.package (id, pick_list_id, weight_g, length_mm, width_mm, height_mm)
  SELECT package_id, id, weight_g, length_mm, width_mm, height_mm FROM claimed
)
SELECT order_id FROM claimed
"""
LOCK = "warehouse.pick_list"


async def release(tx: Tx, *, orders: Sequence[Release], at: Sequence[datetime]) -> None:
    """Make the pick lists of orders, each at its time, in one statement; none for an order that has one."""
    lines = [
        (order.order_id, position, line)
        for order in orders
        for position, line in enumerate(order.lines, start=1)
    ]
    await tx.execute(
        SQL_RELEASE,
        list(at),
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


async def lock(tx: Tx, *, order_ids: Sequence[UUID]) -> dict[UUID, PickList]:
    """Lock the lists, then read them: what is read is what the last holder of the lock left."""
    tx.locking(LOCK)
    await tx.rows(SQL_LOCK, list(order_ids))
    return await find(tx, order_ids=order_ids)


async def find(session: Session, *, order_ids: Sequence[UUID]) -> dict[UUID, PickList]:
    """The pick lists of those orders that have one."""
    return {row["order_id"]: _pick_list(row) for row in await session.rows(SQL_GET, list(order_ids))}


async def listed(
    session: Session, *, site_id: UUID | None, status: Status | None, after: UUID | None, count: int
) -> tuple[PickList, ...]:
    return tuple(_pick_list(row) for row in await session.rows(SQL_LIST, site_id, status, after, count))


async def write_lines(tx: Tx, *, lines: Sequence[tuple[UUID, ListLine]]) -> None:
    """Write (pick list, line)s."""
    await tx.execute(
        SQL_WRITE_LINES,
        [pick_list_id for pick_list_id, _ in lines],
        [line.line_id for _, line in lines],
        [line.picked for _, line in lines],
        [line.short for _, line in lines],
    )


async def claim(
    tx: Tx, *, stints: Sequence[Stint], sources: Sequence[str], target: str, verb: Verb
) -> set[UUID]:
    """Move lists on and note who did it; the orders of those that stood in one of the sources."""
    tx.locking(LOCK)
    rows = await tx.rows(SQL_CLAIM, target, list(sources), verb, *_stints(stints))
    return {row["order_id"] for row in rows}


async def pack(
    tx: Tx,
    *,
    stints: Sequence[Stint],
    packages: Sequence[Package],
    sources: Sequence[str],
    target: str,
) -> set[UUID]:
    """Like `claim`, and a box for each."""
    tx.locking(LOCK)
    sides = [package.size_mm or (None, None, None) for package in packages]
    rows = await tx.rows(
        SQL_PACK,
        target,
        list(sources),
        *_stints(stints),
        [package.id for package in packages],
        [package.weight_g for package in packages],
        *([side[n] for side in sides] for n in range(3)),
    )
    return {row["order_id"] for row in rows}


def _stints(stints: Sequence[Stint]) -> tuple[list[object], ...]:
    return [one.order_id for one in stints], [one.by for one in stints], [one.at for one in stints]


def _pick_list(row: Row) -> PickList:
    return msgspec.convert({**dict(row), "history": row["history"] or ()}, PickList)
