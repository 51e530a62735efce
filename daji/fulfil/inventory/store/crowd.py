"""Statements that decide many holds of one balance together.

First the buyers' turns and the balance are locked, then everything that the decision needs is read by statements of
their own, which see what the last holder of the locks left; then all that was granted is written at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.inventory.facts import HoldWish
from daji.kit import ids
from daji.kit.db import Tx

# The same turns as in `holds.SQL_HOLD`, and in the same order.
SQL_TURNS = """
SELECT pg_advisory_xact_lock(k.key)
  FROM (SELECT DISTINCT hashtextextended(b.key || $1::uuid::text, 0) AS key FROM unnest($2::text[]) AS b(key)
         ORDER BY 1) AS k
"""
SQL_LOCK = """
SELECT b.on_hand - b.held AS available
  FROM inventory.balance b JOIN inventory.site s ON s.id = b.site_id AND s.active
 WHERE b.sku_id = $1 AND b.site_id = $2 FOR UPDATE OF b
"""
SQL_STANDING = """
SELECT holder, pending + confirmed + shipped AS qty FROM inventory.hold
 WHERE holder = ANY($3::uuid[]) AND sku_id = $1 AND site_id = $2 AND pending + confirmed + shipped > 0
"""
# Asked key by key: a join would read all buyers of a hot SKU for the few who are here.
SQL_UNPAID = """
SELECT k.key, p.pending,
       (SELECT coalesce(sum(b.on_hand), 0)::bigint
          FROM inventory.balance b JOIN inventory.site x ON x.id = b.site_id AND x.active
         WHERE b.sku_id = $1) AS on_hand
  FROM unnest($2::text[]) AS k(key)
 CROSS JOIN LATERAL (
       SELECT coalesce(sum((SELECT h.pending FROM inventory.hold h WHERE h.id = c.hold_id)), 0)::bigint AS pending
         FROM inventory.hold_buyer c WHERE c.buyer_key = k.key AND c.sku_id = $1) AS p
"""
SQL_HOLD_MANY = """
WITH taken AS (
  UPDATE inventory.balance SET held = held + $3::bigint
   WHERE sku_id = $1::uuid AND site_id = $2::uuid AND on_hand - held >= $3::bigint
  RETURNING sku_id, site_id
), kept AS (
  INSERT INTO inventory.hold AS h (id, holder, sku_id, site_id, pending, expires_at, held_at)
  SELECT w.id, w.holder, t.sku_id, t.site_id, w.qty, w.expires_at, w.at
    FROM taken t, unnest($4::uuid[], $5::uuid[], $6::bigint[], $7::timestamptz[], $8::timestamptz[])
                  AS w(id, holder, qty, expires_at, at)
  ON CONFLICT (holder, sku_id, site_id) DO UPDATE
     SET pending = h.pending + excluded.pending, released = 0,
         expires_at = excluded.expires_at, held_at = excluded.held_at
  RETURNING h.id, h.holder
), keyed AS (
  INSERT INTO inventory.hold_buyer (buyer_key, sku_id, hold_id)
  SELECT DISTINCT b.key, $1::uuid, k.id
    FROM unnest($9::text[], $10::uuid[]) AS b(key, holder) JOIN kept k ON k.holder = b.holder
  ON CONFLICT DO NOTHING
), logged AS (
  INSERT INTO inventory.movement (sku_id, site_id, kind, delta_held, ref, by, at)
  SELECT t.sku_id, t.site_id, 'hold', w.qty, w.holder::text, 'system', w.at
    FROM taken t, unnest($5::uuid[], $6::bigint[], $8::timestamptz[]) AS w(holder, qty, at)
)
SELECT count(*) FROM kept
"""


async def lock(tx: Tx, *, sku_id: UUID, site_id: UUID, buyer_keys: Sequence[str]) -> int | None:
    """Take the buyers' turns and the balance; pieces free there, None for a place that is closed or has none."""
    tx.locking("inventory.balance")
    if buyer_keys:
        await tx.rows(SQL_TURNS, sku_id, list(buyer_keys))
    available: int | None = await tx.value(SQL_LOCK, sku_id, site_id)
    return available


async def standing(tx: Tx, *, sku_id: UUID, site_id: UUID, holders: Sequence[UUID]) -> dict[UUID, int]:
    """Pieces that these holders hold here already."""
    rows = await tx.rows(SQL_STANDING, sku_id, site_id, list(holders))
    return {row["holder"]: row["qty"] for row in rows}


async def unpaid(tx: Tx, *, sku_id: UUID, buyer_keys: Sequence[str]) -> tuple[dict[str, int], int]:
    """Unpaid pieces of the SKU by buyer key, and what is on hand in all places."""
    rows = await tx.rows(SQL_UNPAID, sku_id, list(buyer_keys))
    held = {row["key"]: row["pending"] for row in rows}
    return held, rows[0]["on_hand"] if rows else 0


async def hold_many(tx: Tx, *, sku_id: UUID, site_id: UUID, wishes: Sequence[HoldWish]) -> int:
    """Hold for all of these under the lock, or for none; how many holds were written."""
    keyed = [(key, wish.holder) for wish in wishes for key in wish.buyer_keys]
    written: int = await tx.value(
        SQL_HOLD_MANY,
        sku_id,
        site_id,
        sum(wish.qty for wish in wishes),
        [ids.new_id() for _ in wishes],
        [wish.holder for wish in wishes],
        [wish.qty for wish in wishes],
        [wish.expires_at for wish in wishes],
        [wish.now for wish in wishes],
        [key for key, _ in keyed],
        [holder for _, holder in keyed],
    )
    return written
