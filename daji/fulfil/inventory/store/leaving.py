"""Statements that consume what was promised: goods leave, or turn out not to have left.

Locked and judged as in `holds`; the balances are locked by a statement of their own before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory.facts import HoldLine, Leaving
from daji.fulfil.inventory.store.holds import SQL_LOCK_PLACES, Judged, columns_of, judged
from daji.kit.db import Tx

SQL_SHIP = """
WITH asked AS MATERIALIZED (
  SELECT a.holder, a.sku_id, a.site_id, a.qty, a.ref, a.by, a.at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[])
         AS a(holder, sku_id, site_id, qty, ref, by, at)
), need AS MATERIALIZED (
  SELECT sku_id, site_id, sum(qty)::bigint AS qty FROM asked GROUP BY sku_id, site_id
), locked AS MATERIALIZED (
  SELECT b.sku_id, b.site_id
    FROM inventory.balance b JOIN need n ON n.sku_id = b.sku_id AND n.site_id = b.site_id
   ORDER BY b.sku_id, b.site_id
     FOR UPDATE OF b
), mine AS MATERIALIZED (
  SELECT h.id, h.holder, h.sku_id, h.site_id, h.confirmed AS held
    FROM asked a
    JOIN locked l ON l.sku_id = a.sku_id AND l.site_id = a.site_id
    JOIN inventory.hold h ON h.holder = a.holder AND h.sku_id = a.sku_id AND h.site_id = a.site_id
   ORDER BY h.sku_id, h.site_id, h.holder
     FOR UPDATE OF h
), verdict AS MATERIALIZED (
  SELECT count(*) = (SELECT count(*) FROM asked) AND coalesce(bool_and(m.held >= a.qty), false) AS good
    FROM mine m JOIN asked a USING (holder, sku_id, site_id)
), gone AS (
  UPDATE inventory.balance b SET on_hand = b.on_hand - n.qty, held = b.held - n.qty
    FROM need n, verdict v WHERE v.good AND b.sku_id = n.sku_id AND b.site_id = n.site_id
), used AS (
  UPDATE inventory.hold h SET confirmed = h.confirmed - a.qty, shipped = h.shipped + a.qty
    FROM mine m JOIN asked a USING (holder, sku_id, site_id) CROSS JOIN verdict v
   WHERE v.good AND h.id = m.id
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_on_hand, delta_held, ref, by, at)
  SELECT a.sku_id, a.site_id, 'ship', -a.qty, -a.qty, a.ref, a.by, a.at
    FROM asked a, verdict v WHERE v.good ORDER BY a.at, a.sku_id, a.site_id
)
SELECT a.sku_id, a.site_id, a.qty AS wanted, coalesce(m.held, 0) AS there, v.good
  FROM asked a CROSS JOIN verdict v LEFT JOIN mine m USING (holder, sku_id, site_id)
 ORDER BY a.sku_id, a.site_id
"""
SQL_UNSHIP = """
WITH asked AS MATERIALIZED (
  SELECT a.sku_id, a.site_id, a.qty
    FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS a(sku_id, site_id, qty)
), locked AS MATERIALIZED (
  SELECT b.sku_id, b.site_id
    FROM inventory.balance b JOIN asked a ON a.sku_id = b.sku_id AND a.site_id = b.site_id
   ORDER BY b.sku_id, b.site_id
     FOR UPDATE OF b
), mine AS MATERIALIZED (
  SELECT h.id, h.sku_id, h.site_id, h.shipped
    FROM inventory.hold h JOIN locked l ON l.sku_id = h.sku_id AND l.site_id = h.site_id
   WHERE h.holder = $1::uuid
   ORDER BY h.sku_id, h.site_id
     FOR UPDATE OF h
), verdict AS MATERIALIZED (
  SELECT count(*) = (SELECT count(*) FROM asked) AND coalesce(bool_and(m.shipped >= a.qty), false) AS good
    FROM mine m JOIN asked a USING (sku_id, site_id)
), back AS (
  UPDATE inventory.balance b SET on_hand = b.on_hand + a.qty, held = b.held + a.qty
    FROM asked a, verdict v WHERE v.good AND b.sku_id = a.sku_id AND b.site_id = a.site_id
), restored AS (
  UPDATE inventory.hold h SET shipped = h.shipped - a.qty, confirmed = h.confirmed + a.qty
    FROM mine m JOIN asked a USING (sku_id, site_id) CROSS JOIN verdict v
   WHERE v.good AND h.id = m.id
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_on_hand, delta_held, ref, by, at)
  SELECT a.sku_id, a.site_id, 'unship', a.qty, a.qty, $5::text, $6::text, $7::timestamptz
    FROM asked a, verdict v WHERE v.good ORDER BY a.sku_id, a.site_id
)
SELECT a.sku_id, a.site_id, a.qty AS wanted, coalesce(m.shipped, 0) AS there, v.good
  FROM asked a CROSS JOIN verdict v LEFT JOIN mine m USING (sku_id, site_id)
 ORDER BY a.sku_id, a.site_id
"""


async def ship(tx: Tx, leaving: Sequence[Leaving]) -> tuple[Judged, ...]:
    """Consume confirmed holds, all or none; the lines that were not covered."""
    tx.locking("inventory.balance")
    pairs = [(one, line) for one in leaving for line in one.lines]
    skus, sites, counts = columns_of([line for _, line in pairs])
    await tx.rows(SQL_LOCK_PLACES, skus, sites)
    rows = await tx.rows(
        SQL_SHIP,
        [one.holder for one, _ in pairs],
        skus,
        sites,
        counts,
        [one.ref for one, _ in pairs],
        [one.by for one, _ in pairs],
        [one.at for one, _ in pairs],
    )
    uncovered = tuple(judged(row, "there") for row in rows if row["there"] < row["wanted"])
    if not uncovered and not all(row["good"] for row in rows):
        raise AssertionError("a line of a holder stands twice")
    return uncovered


async def unship(
    tx: Tx, *, holder: UUID, lines: Sequence[HoldLine], ref: str, by: str, now: datetime
) -> tuple[Judged, ...]:
    """Bring shipped goods back under their hold, all or none; the lines of which less was shipped."""
    tx.locking("inventory.balance")
    skus, sites, counts = columns_of(lines)
    await tx.rows(SQL_LOCK_PLACES, skus, sites)
    rows = await tx.rows(SQL_UNSHIP, holder, skus, sites, counts, ref, by, now)
    return tuple(judged(row, "there") for row in rows if row["there"] < row["wanted"])
