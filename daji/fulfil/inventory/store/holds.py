"""Statements that promise and consume.

Each locks its balance rows in (sku_id, site_id) order, then the hold rows under them, judges what it has locked
and writes only when all of it is good. Under READ COMMITTED a locked row is read again after the wait, so the
judgement is made on what the rival left. One statement each: the lock on a hot row lasts one round trip less.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory.facts import HoldLine, Promise
from daji.kit import ids
from daji.kit.db import Row, Tx

# `turn`: two holds of one buyer at two places lock different balances, so the limit needs a lock of its own. It
# is taken first and in order; the limit is judged by a later statement, which sees what the rival committed.
SQL_HOLD = """
WITH wanted AS MATERIALIZED (
  SELECT w.holder, w.sku_id, w.site_id, w.qty, w.hold_id, w.expires_at, w.at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::timestamptz[], $7::timestamptz[])
         AS w(holder, sku_id, site_id, qty, hold_id, expires_at, at)
), keys AS MATERIALIZED (
  SELECT b.holder, b.key FROM unnest($8::uuid[], $9::text[]) AS b(holder, key)
), need AS MATERIALIZED (
  SELECT sku_id, site_id, sum(qty)::bigint AS qty FROM wanted GROUP BY sku_id, site_id
), turn AS MATERIALIZED (
  SELECT pg_advisory_xact_lock(k.key)
    FROM (SELECT DISTINCT hashtextextended(b.key || w.sku_id::text, 0) AS key
            FROM wanted w JOIN keys b USING (holder) ORDER BY 1) AS k
), locked AS MATERIALIZED (
  SELECT b.sku_id, b.site_id, b.on_hand - b.held AS available
    FROM inventory.balance b
    JOIN need n ON n.sku_id = b.sku_id AND n.site_id = b.site_id
    JOIN inventory.site s ON s.id = b.site_id AND s.active
   WHERE (SELECT count(*) FROM turn) >= 0
   ORDER BY b.sku_id, b.site_id
     FOR UPDATE OF b
), verdict AS MATERIALIZED (
  SELECT count(*) = (SELECT count(*) FROM need) AND coalesce(bool_and(l.available >= n.qty), false) AS good
    FROM locked l JOIN need n USING (sku_id, site_id)
), taken AS (
  UPDATE inventory.balance b SET held = b.held + n.qty
    FROM need n, verdict v
   WHERE v.good AND b.sku_id = n.sku_id AND b.site_id = n.site_id AND b.on_hand - b.held >= n.qty
  RETURNING b.sku_id, b.site_id
), kept AS (
  INSERT INTO inventory.hold AS h (id, holder, sku_id, site_id, pending, expires_at, held_at)
  SELECT w.hold_id, w.holder, w.sku_id, w.site_id, w.qty, w.expires_at, w.at
    FROM wanted w JOIN taken t USING (sku_id, site_id)
  ON CONFLICT (holder, sku_id, site_id) DO UPDATE
     SET pending = h.pending + excluded.pending, released = 0,
         expires_at = excluded.expires_at, held_at = excluded.held_at
  RETURNING h.id, h.holder, h.sku_id
), keyed AS (
  INSERT INTO inventory.hold_buyer (buyer_key, sku_id, hold_id)
  SELECT DISTINCT b.key, k.sku_id, k.id FROM kept k JOIN keys b USING (holder)
  ON CONFLICT DO NOTHING
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_held, ref, by, at)
  SELECT w.sku_id, w.site_id, 'hold', w.qty, w.holder::text, 'system', w.at
    FROM wanted w JOIN taken t USING (sku_id, site_id) ORDER BY w.at, w.sku_id, w.site_id
)
SELECT n.sku_id, n.site_id, n.qty AS wanted, coalesce(l.available, 0) AS available, v.good
  FROM need n CROSS JOIN verdict v LEFT JOIN locked l USING (sku_id, site_id)
 ORDER BY n.sku_id, n.site_id
"""
SQL_BUYER_TOTALS = """
SELECT s.holder, s.sku_id, o.on_hand, coalesce(p.pending, 0) AS pending
  FROM unnest($1::uuid[], $2::uuid[]) AS s(holder, sku_id)
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(b.on_hand), 0)::bigint AS on_hand
         FROM inventory.balance b JOIN inventory.site x ON x.id = b.site_id AND x.active
        WHERE b.sku_id = s.sku_id) AS o
 CROSS JOIN LATERAL (
       SELECT max(k.n) AS pending
         FROM (SELECT sum(h.pending)::bigint AS n
                 FROM unnest($3::uuid[], $4::text[]) AS y(holder, key)
                 JOIN inventory.hold_buyer c ON c.buyer_key = y.key AND c.sku_id = s.sku_id
                 JOIN inventory.hold h ON h.id = c.hold_id
                WHERE y.holder = s.holder
                GROUP BY c.buyer_key) AS k) AS p
"""
# The holder's latest holding decides: what an earlier one lost is history once the same holder holds again.
# A confirmation that is refused on first sight locks nothing, so that a late payer may hold afresh (U-15).
SQL_CONFIRM = """
WITH mine AS MATERIALIZED (
  SELECT holder, pending + confirmed AS open, released + shipped AS gone, held_at,
         max(held_at) OVER (PARTITION BY holder) AS last_at
    FROM inventory.hold WHERE holder = ANY($1::uuid[])
), hopeful AS MATERIALIZED (
  SELECT holder FROM mine GROUP BY holder
  HAVING sum(open) > 0 AND coalesce(bool_and(gone = 0) FILTER (WHERE held_at = last_at), false)
), locked AS MATERIALIZED (
  SELECT h.id, h.holder, h.pending, h.pending + h.confirmed AS open, h.released + h.shipped AS gone, h.held_at
    FROM inventory.hold h JOIN hopeful USING (holder)
   ORDER BY h.sku_id, h.site_id, h.holder
     FOR UPDATE OF h
), dated AS MATERIALIZED (
  SELECT *, max(held_at) OVER (PARTITION BY holder) AS last_at FROM locked
), verdict AS MATERIALIZED (
  SELECT holder FROM dated GROUP BY holder
  HAVING sum(open) > 0 AND coalesce(bool_and(gone = 0) FILTER (WHERE held_at = last_at), false)
), changed AS (
  UPDATE inventory.hold h SET confirmed = h.confirmed + h.pending, pending = 0, expires_at = NULL
    FROM locked l JOIN verdict v USING (holder)
   WHERE h.id = l.id AND l.pending > 0
  RETURNING h.id
), forgotten AS (
  DELETE FROM inventory.hold_buyer b USING changed c WHERE b.hold_id = c.id
)
SELECT holder FROM verdict
"""
# A statement sees rows as they were when it began, and what it makes of a row that it had to wait for depends on its
# plan. So the lock is a statement of its own, and the next one begins when the rival is done.
SQL_LOCK_HOLDER = """
SELECT b.sku_id FROM inventory.balance b
 WHERE (b.sku_id, b.site_id) IN (SELECT h.sku_id, h.site_id FROM inventory.hold h WHERE h.holder = $1)
 ORDER BY b.sku_id, b.site_id FOR UPDATE
"""
SQL_LOCK_PLACES = """
SELECT b.sku_id FROM inventory.balance b
 WHERE (b.sku_id, b.site_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
 ORDER BY b.sku_id, b.site_id FOR UPDATE
"""
SQL_RELEASE = """
WITH asked AS MATERIALIZED (
  SELECT a.sku_id, a.site_id, a.qty
    FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS a(sku_id, site_id, qty)
), locked AS MATERIALIZED (
  SELECT b.sku_id, b.site_id
    FROM inventory.balance b
    JOIN inventory.hold h ON h.sku_id = b.sku_id AND h.site_id = b.site_id
   WHERE h.holder = $1::uuid AND h.pending + h.confirmed > 0
     AND ($2::uuid[] IS NULL OR (h.sku_id, h.site_id) IN (SELECT a.sku_id, a.site_id FROM asked a))
   ORDER BY b.sku_id, b.site_id
     FOR UPDATE OF b
), mine AS MATERIALIZED (
  SELECT h.id, h.sku_id, h.site_id, h.pending + h.confirmed AS open
    FROM inventory.hold h JOIN locked l ON l.sku_id = h.sku_id AND l.site_id = h.site_id
   WHERE h.holder = $1::uuid AND h.pending + h.confirmed > 0
   ORDER BY h.sku_id, h.site_id
     FOR UPDATE OF h
), share AS MATERIALIZED (
  SELECT m.id, m.sku_id, m.site_id, least(m.open, coalesce(a.qty, m.open)) AS qty
    FROM mine m LEFT JOIN asked a USING (sku_id, site_id)
), freed AS (
  UPDATE inventory.balance b SET held = b.held - s.qty
    FROM share s WHERE b.sku_id = s.sku_id AND b.site_id = s.site_id
), closed AS (
  UPDATE inventory.hold h
     SET pending = h.pending - least(h.pending, s.qty),
         confirmed = h.confirmed - (s.qty - least(h.pending, s.qty)),
         released = h.released + s.qty
    FROM share s WHERE h.id = s.id
  RETURNING h.id, h.pending
), forgotten AS (
  DELETE FROM inventory.hold_buyer b USING closed c WHERE b.hold_id = c.id AND c.pending = 0
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_held, ref, reason, by, at)
  SELECT sku_id, site_id, 'release', -qty, $1::uuid::text, $5::text, $6::text, $7::timestamptz
    FROM share ORDER BY sku_id, site_id
)
SELECT sku_id, qty FROM share
"""
SQL_MOVE = """
WITH locked AS MATERIALIZED (
  SELECT b.site_id, CASE WHEN s.active THEN b.on_hand - b.held ELSE 0 END AS available
    FROM inventory.balance b JOIN inventory.site s ON s.id = b.site_id
   WHERE b.sku_id = $2::uuid AND b.site_id IN ($3::uuid, $4::uuid)
   ORDER BY b.sku_id, b.site_id
     FOR UPDATE OF b
), mine AS MATERIALIZED (
  SELECT h.id, h.pending, h.confirmed, h.expires_at, h.held_at
    FROM inventory.hold h
   WHERE h.holder = $1::uuid AND h.sku_id = $2::uuid AND h.site_id = $3::uuid AND (SELECT count(*) FROM locked) > 0
     FOR UPDATE
), verdict AS MATERIALIZED (
  SELECT coalesce((SELECT pending + confirmed FROM mine), 0) AS held,
         coalesce((SELECT available FROM locked WHERE site_id = $4::uuid), 0) AS available
), good AS MATERIALIZED (
  SELECT m.id, m.expires_at, m.held_at, m.pending, least(m.pending, $5::bigint) AS waiting
    FROM mine m, verdict v
   WHERE v.held >= $5::bigint AND v.available >= $5::bigint
), shifted AS (
  UPDATE inventory.balance b
     SET held = b.held + CASE WHEN b.site_id = $3::uuid THEN -$5::bigint ELSE $5::bigint END
    FROM good
   WHERE b.sku_id = $2::uuid AND b.site_id IN ($3::uuid, $4::uuid)
), left_behind AS (
  UPDATE inventory.hold h
     SET pending = h.pending - g.waiting, confirmed = h.confirmed - ($5::bigint - g.waiting)
    FROM good g WHERE h.id = g.id
), arrived AS (
  INSERT INTO inventory.hold AS h (id, holder, sku_id, site_id, pending, confirmed, expires_at, held_at)
  SELECT $8::uuid, $1::uuid, $2::uuid, $4::uuid, waiting, $5::bigint - waiting, expires_at, held_at FROM good
  ON CONFLICT (holder, sku_id, site_id) DO UPDATE
     SET pending = h.pending + excluded.pending, confirmed = h.confirmed + excluded.confirmed,
         held_at = greatest(h.held_at, excluded.held_at)
  RETURNING h.id
), keyed AS (
  INSERT INTO inventory.hold_buyer (buyer_key, sku_id, hold_id)
  SELECT b.buyer_key, b.sku_id, a.id
    FROM good g JOIN inventory.hold_buyer b ON b.hold_id = g.id CROSS JOIN arrived a
   WHERE g.waiting > 0
  ON CONFLICT DO NOTHING
), forgotten AS (
  DELETE FROM inventory.hold_buyer b USING good g WHERE b.hold_id = g.id AND g.waiting = g.pending
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_held, ref, by, at)
  SELECT $2::uuid, w.site_id, w.kind, w.delta, $1::uuid::text, $6::text, $7::timestamptz
    FROM good
   CROSS JOIN (VALUES (1, $3::uuid, 'move_out', -$5::bigint), (2, $4::uuid, 'move_in', $5::bigint))
           AS w(n, site_id, kind, delta)
   ORDER BY w.n
)
SELECT held, available FROM verdict
"""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One line as the statement found it under its lock: what was asked and what was there for it."""

    sku_id: UUID
    site_id: UUID
    wanted: int
    there: int


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """What a holder's buyer holds unpaid of a SKU, by the busiest key, and what is on hand in all places."""

    holder: UUID
    sku_id: UUID
    on_hand: int
    pending: int


async def hold(tx: Tx, promises: Sequence[Promise]) -> tuple[Judged, ...]:
    """Make all promises or none; the balances that were short, none when they are made."""
    tx.locking("inventory.balance")
    pairs = [(promise, line) for promise in promises for line in promise.lines]
    rows = await tx.rows(
        SQL_HOLD,
        [promise.holder for promise, _ in pairs],
        *columns_of([line for _, line in pairs]),
        [ids.new_id() for _ in pairs],
        [promise.expires_at for promise, _ in pairs],
        [promise.at for promise, _ in pairs],
        *_keys(promises),
    )
    return tuple(judged(row, "available") for row in rows if row["available"] < row["wanted"])


async def buyer_totals(tx: Tx, promises: Sequence[Promise]) -> tuple[Total, ...]:
    pairs = [(promise.holder, sku_id) for promise in promises for sku_id in {x.sku_id for x in promise.lines}]
    rows = await tx.rows(
        SQL_BUYER_TOTALS, [holder for holder, _ in pairs], [sku_id for _, sku_id in pairs], *_keys(promises)
    )
    return tuple(Total(**row) for row in rows)


def _keys(promises: Sequence[Promise]) -> tuple[list[UUID], list[str]]:
    keys = [(promise.holder, key) for promise in promises for key in promise.buyer_keys]
    return [holder for holder, _ in keys], [key for _, key in keys]


async def confirm(tx: Tx, *, holders: Sequence[UUID]) -> set[UUID]:
    """Make pending holds firm; the holders whose promise is."""
    good = {row["holder"] for row in await tx.rows(SQL_CONFIRM, list(holders))}
    if good:
        # Said afterwards: a refusal has locked nothing, and the next step may be to hold again.
        tx.locking("inventory.hold")
    return good


async def release(
    tx: Tx, *, holder: UUID, lines: Sequence[HoldLine] | None, reason: str, by: str, now: datetime
) -> tuple[tuple[UUID, int], ...]:
    """Free what is open of these lines, or of all; (SKU, pieces) of what was freed."""
    tx.locking("inventory.balance")
    columns = (None, None, None) if lines is None else columns_of(lines)
    await tx.rows(SQL_LOCK_HOLDER, holder)
    rows = await tx.rows(SQL_RELEASE, holder, *columns, reason, by, now)
    return tuple((row["sku_id"], row["qty"]) for row in rows)


async def move(
    tx: Tx,
    *,
    holder: UUID,
    sku_id: UUID,
    from_site: UUID,
    to_site: UUID,
    qty: int,
    by: str,
    now: datetime,
) -> tuple[int, int]:
    """Move a promise if `qty` is held there and available here; (held there, available here) before it."""
    tx.locking("inventory.balance")
    await tx.rows(SQL_LOCK_PLACES, [sku_id, sku_id], [from_site, to_site])
    row = await tx.row(SQL_MOVE, holder, sku_id, from_site, to_site, qty, by, now, ids.new_id())
    return (0, 0) if row is None else (row["held"], row["available"])


def columns_of(lines: Sequence[HoldLine]) -> tuple[list[UUID], list[UUID], list[int]]:
    return [line.sku_id for line in lines], [line.site_id for line in lines], [line.qty for line in lines]


def judged(row: Row, column: str) -> Judged:
    return Judged(sku_id=row["sku_id"], site_id=row["site_id"], wanted=row["wanted"], there=row[column])
