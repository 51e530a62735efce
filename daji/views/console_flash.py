"""Flash sales for those who run them: what is sold, what waits for money, who stands in line, and whether it adds up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.grow.flash import api as flash
from daji.kit.db import Session

SQL_FIGURES = """
WITH pieces AS (
  SELECT coalesce(sum(c.qty) FILTER (WHERE c.status = 'held' AND t.status <> 'placed'), 0)::int AS sold,
         coalesce(sum(c.qty) FILTER (WHERE c.status = 'held' AND t.status = 'placed'), 0)::int AS unpaid,
         coalesce(sum(c.qty) FILTER (WHERE c.status = 'returned'), 0)::int AS returned,
         coalesce(sum(c.qty * l.price) FILTER (WHERE c.status = 'held' AND t.status <> 'placed'), 0)::bigint AS revenue,
         count(DISTINCT c.trade_id) FILTER (WHERE c.status = 'held') AS orders
    FROM flash.claim c JOIN flash.line l ON l.id = c.line_id JOIN orders.trade t ON t.id = c.trade_id
   WHERE c.sale_id = $1
), queue AS (
  SELECT coalesce(sum(issued), 0)::bigint AS joined, coalesce(sum(called), 0)::bigint AS called,
         coalesce(sum(greatest(issued - called, 0)), 0)::bigint AS waiting, count(*) AS lanes
    FROM flash.lane WHERE sale_id = $1
), till AS (
  SELECT count(*) FILTER (WHERE trade_id IS NULL AND expires_at > $2) AS at_till
    FROM flash.admission WHERE sale_id = $1
)
SELECT * FROM pieces, queue, till
"""
SQL_GOODS = """
SELECT s.id AS sku_id, s.code, p.id AS product_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (SELECT coalesce(sum(b.on_hand - b.held), 0) FROM inventory.balance b
          JOIN inventory.site i ON i.id = b.site_id AND i.active WHERE b.sku_id = s.id)::bigint AS available
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id
 WHERE s.id = ANY($1::uuid[])
"""
# What must hold whatever happened: counters against rows, the sale's hold against what nobody took, the buyer's limit.
SQL_CHECK = """
WITH claimed AS (
  SELECT line_id, sum(qty)::int AS qty FROM flash.claim WHERE sale_id = $1 AND status = 'held' GROUP BY line_id
), held AS (
  SELECT sku_id, sum(pending + confirmed)::bigint AS qty FROM inventory.hold WHERE holder = $1 GROUP BY sku_id
), counted AS (
  SELECT k.key, sum(c.qty)::int AS qty
    FROM flash.claim c CROSS JOIN unnest(c.buyer_keys) AS k(key)
   WHERE c.sale_id = $1 AND c.status = 'held' GROUP BY k.key
)
SELECT coalesce(sum(greatest(coalesce(c.qty, 0) - l.quota, 0)), 0)::int AS oversold,
       coalesce(sum(abs(l.taken - coalesce(c.qty, 0))), 0)::int AS miscounted,
       coalesce(sum(abs(CASE WHEN s.status = 'closed' OR s.status = 'draft' THEN 0 ELSE l.quota - l.taken END
                        - coalesce(h.qty, 0))), 0)::int AS leaked,
       (SELECT count(*) FROM counted n WHERE n.qty > (SELECT per_buyer FROM flash.sale WHERE id = $1))::int AS over_limit,
       (SELECT count(*) FROM flash.buyer b LEFT JOIN counted n ON n.key = b.buyer_key
         WHERE b.sale_id = $1 AND b.taken <> coalesce(n.qty, 0))::int AS buyers_miscounted
  FROM flash.sale s JOIN flash.line l ON l.sale_id = s.id
  LEFT JOIN claimed c ON c.line_id = l.id LEFT JOIN held h ON h.sku_id = l.sku_id
 WHERE s.id = $1
"""


class FlashFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces by what became of them, and people by where they stand; `revenue` in minor units, goods only."""

    sold: int
    unpaid: int
    returned: int
    revenue: int
    orders: int
    joined: int
    called: int
    waiting: int
    lanes: int
    at_till: int


class FlashGoods(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU of a sale, and how many pieces the ordinary sale still has."""

    sku_id: UUID
    code: str
    product_id: UUID
    titles: dict[str, str]
    available: int


class FlashCheck(msgspec.Struct, frozen=True, kw_only=True):
    """All zero, or an invariant is broken (README of the room)."""

    oversold: int
    miscounted: int
    leaked: int
    over_limit: int
    buyers_miscounted: int


class FlashScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as those see it who run it."""

    sale: flash.Sale
    figures: FlashFigures
    goods: tuple[FlashGoods, ...]
    at: datetime


async def get_screen(session: Session, *, sale_id: UUID, at: datetime) -> FlashScreen:
    """Everything that the console shows of a sale. Raises flash.SaleUnknown. Three statements."""
    sale = await flash.get_sale(session, sale_id=sale_id)
    return FlashScreen(
        sale=sale,
        figures=await get_figures(session, sale_id=sale_id, at=at),
        goods=await list_goods(session, sku_ids=tuple(line.sku_id for line in sale.lines)),
        at=at,
    )


async def get_figures(session: Session, *, sale_id: UUID, at: datetime) -> FlashFigures:
    """Count a sale; all zero for one that nobody saw yet. One statement."""
    row = await session.row(SQL_FIGURES, sale_id, at)
    return FlashFigures(**dict(row or {}))


async def list_goods(session: Session, *, sku_ids: tuple[UUID, ...]) -> tuple[FlashGoods, ...]:
    """What the SKUs of a sale are. One statement."""
    return tuple(FlashGoods(**dict(row)) for row in await session.rows(SQL_GOODS, list(sku_ids)))


async def check(session: Session, *, sale_id: UUID) -> FlashCheck:
    """Count again what the counters say; give it a `snapshot`. One statement."""
    row = await session.row(SQL_CHECK, sale_id)
    return FlashCheck(**dict(row or {}))
