"""What orders take from a sale and give back. Each change is one conditional update.

Lock order within the room: the sale (shared), the admission, buyers in the order of their keys, lines in the order of
their ids. A claim's row is covered by the trade that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.grow.flash.facts import Claimed
from daji.kit import ids
from daji.kit.db import Row, Tx

SQL_SHARE = """
SELECT status, opens_at, closes_at, per_buyer FROM flash.sale WHERE id = $1 FOR KEY SHARE
"""
SQL_SPEND = """
UPDATE flash.admission SET trade_id = $4
 WHERE id = $1 AND sale_id = $2 AND buyer = $3 AND trade_id IS NULL AND expires_at > $5
RETURNING id
"""
SQL_SPENT = "SELECT trade_id FROM flash.admission WHERE id = $1 AND sale_id = $2 AND buyer = $3"
SQL_COUNT_BUYER = """
INSERT INTO flash.buyer AS b (sale_id, buyer_key, taken)
SELECT $1, k.key, $3::int FROM unnest($2::text[]) AS k(key) WHERE $3::int <= $4::int ORDER BY k.key
ON CONFLICT (sale_id, buyer_key) DO UPDATE SET taken = b.taken + excluded.taken
 WHERE b.taken + excluded.taken <= $4
RETURNING buyer_key
"""
# Claims refer to the line, so whoever writes one holds it FOR KEY SHARE: a full lock would wait for all of them in turn,
# and they for each other.
SQL_TAKE = """
WITH wanted AS MATERIALIZED (
  SELECT w.line_id, sum(w.qty)::int AS qty FROM unnest($2::uuid[], $3::int[]) AS w(line_id, qty) GROUP BY w.line_id
), locked AS MATERIALIZED (
  SELECT l.id, l.quota - l.taken AS free FROM flash.line l JOIN wanted w ON w.line_id = l.id
   WHERE l.sale_id = $1 ORDER BY l.id FOR NO KEY UPDATE OF l
), verdict AS MATERIALIZED (
  SELECT count(*) = (SELECT count(*) FROM wanted) AND coalesce(bool_and(l.free >= w.qty), false) AS good
    FROM locked l JOIN wanted w ON w.line_id = l.id
)
UPDATE flash.line l SET taken = l.taken + w.qty
  FROM wanted w, verdict v
 WHERE v.good AND l.id = w.line_id AND l.taken + w.qty <= l.quota
RETURNING l.id
"""
SQL_CLAIM = """
INSERT INTO flash.claim AS c (id, sale_id, line_id, trade_id, site_id, qty, buyer_keys, status, claimed_at, moved_at)
SELECT n.id, $1, n.line_id, $2, n.site_id, n.qty, $7::text[], 'held', $8, $8
  FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::int[]) AS n(id, line_id, site_id, qty)
"""
SQL_OPEN_CLAIMS = """
SELECT c.id, c.sale_id, c.line_id, l.sku_id, c.site_id, c.qty, c.buyer_keys
  FROM flash.claim c JOIN flash.line l ON l.id = c.line_id
 WHERE c.trade_id = $1 AND c.status = $2
 ORDER BY c.line_id, c.site_id
"""
SQL_RETURN = """
UPDATE flash.claim SET status = 'returned', moved_at = $2
 WHERE id = ANY($1::uuid[]) AND status = 'held'
RETURNING id
"""
SQL_TAKE_AGAIN = """
UPDATE flash.claim SET status = 'held', moved_at = $2
 WHERE id = ANY($1::uuid[]) AND status = 'returned'
RETURNING id
"""
SQL_DISCOUNT_BUYER = """
UPDATE flash.buyer b SET taken = b.taken - $3
  FROM (SELECT k.key FROM unnest($2::text[]) AS k(key) ORDER BY k.key) AS k
 WHERE b.sale_id = $1 AND b.buyer_key = k.key AND b.taken >= $3
"""
SQL_PUT_BACK = """
WITH back AS MATERIALIZED (
  SELECT w.line_id, sum(w.qty)::int AS qty, sum(w.lost)::int AS lost
    FROM unnest($2::uuid[], $3::int[], $4::int[]) AS w(line_id, qty, lost) GROUP BY w.line_id
)
UPDATE flash.line l SET taken = l.taken - b.qty, quota = l.quota - b.lost
  FROM back b WHERE l.sale_id = $1 AND l.id = b.line_id AND l.taken >= b.qty
RETURNING l.id
"""
SQL_SHRINK = """
UPDATE flash.line SET quota = quota - $3 WHERE sale_id = $1 AND id = $2 AND quota - $3 >= taken
"""


async def share(tx: Tx, sale_id: UUID) -> Row | None:
    """Keep the sale from being stopped until this transaction ends; its status, period and limit."""
    tx.locking("flash.sale")
    return await tx.row(SQL_SHARE, sale_id)


async def spend(
    tx: Tx, *, pass_id: UUID, sale_id: UUID, buyer: str, trade_id: UUID, now: datetime
) -> str | None:
    """Use the pass for this trade; None when it is used now, else why not: `spent` or `invalid`."""
    if await tx.value(SQL_SPEND, pass_id, sale_id, buyer, trade_id, now) is not None:
        return None
    row = await tx.row(SQL_SPENT, pass_id, sale_id, buyer)
    return "spent" if row is not None and row["trade_id"] is not None else "invalid"


async def count_buyer(tx: Tx, *, sale_id: UUID, buyer_keys: Sequence[str], qty: int, allowed: int) -> bool:
    """Count the pieces for every name of the buyer; False when any of them would have too many."""
    counted = await tx.rows(SQL_COUNT_BUYER, sale_id, list(buyer_keys), qty, allowed)
    return len(counted) == len(buyer_keys)


async def take(tx: Tx, *, sale_id: UUID, claims: Sequence[Claimed]) -> bool:
    """Take the pieces of all lines or of none."""
    lines = {claim.line_id for claim in claims}
    taken = await tx.rows(SQL_TAKE, sale_id, [c.line_id for c in claims], [c.qty for c in claims])
    return len(taken) == len(lines)


async def claim(
    tx: Tx,
    *,
    sale_id: UUID,
    trade_id: UUID,
    claims: Sequence[Claimed],
    buyer_keys: Sequence[str],
    now: datetime,
) -> None:
    await tx.execute(
        SQL_CLAIM,
        sale_id,
        trade_id,
        [ids.new_id() for _ in claims],
        [c.line_id for c in claims],
        [c.site_id for c in claims],
        [c.qty for c in claims],
        list(buyer_keys),
        now,
    )


async def claims_of(tx: Tx, *, trade_id: UUID, status: str) -> list[Row]:
    """Rows (id, sale_id, line_id, sku_id, site_id, qty, buyer_keys) of what a trade claimed."""
    return await tx.rows(SQL_OPEN_CLAIMS, trade_id, status)


async def mark_returned(tx: Tx, *, claim_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    return {row["id"] for row in await tx.rows(SQL_RETURN, list(claim_ids), now)}


async def mark_held(tx: Tx, *, claim_ids: Sequence[UUID], now: datetime) -> int:
    return len(await tx.rows(SQL_TAKE_AGAIN, list(claim_ids), now))


async def discount_buyer(tx: Tx, *, sale_id: UUID, buyer_keys: Sequence[str], qty: int) -> None:
    await tx.execute(SQL_DISCOUNT_BUYER, sale_id, list(buyer_keys), qty)


async def put_back(tx: Tx, *, sale_id: UUID, claims: Sequence[Claimed], lost: bool) -> None:
    """Give the pieces back to their lines; `lost` ones leave the sale for good."""
    await tx.rows(
        SQL_PUT_BACK,
        sale_id,
        [c.line_id for c in claims],
        [c.qty for c in claims],
        [c.qty if lost else 0 for c in claims],
    )


async def shrink(tx: Tx, *, sale_id: UUID, line_id: UUID, qty: int) -> None:
    """Let the sale have fewer pieces, when they went elsewhere."""
    await tx.execute(SQL_SHRINK, sale_id, line_id, qty)
