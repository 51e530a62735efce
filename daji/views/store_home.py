"""Goods for the sections of the home page: newest, most loved, most bought, on sale, of a brand. Two statements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.views.store_cards import Card, cards

Sort = Literal["newest", "loved", "sold", "sale", "brand"]
SOLD_WITHIN = timedelta(days=30)
MOST = 24
_REDUCED, _OF_BRAND, _OF_CATEGORY, _ORDERS, _SOLD = 2_000, 100, 10, 5_000, 200
"""The latest, among which the best are chosen: however large the shop is, its front page looks at so many."""

# Asked product by product, in the order of the list, which ends after a dozen: as a join it would be answered for all.
_PRICED = """(SELECT true FROM catalog.sku s JOIN pricing.price f ON f.sku_id = s.id
                     JOIN pricing.price_list n ON n.id = f.list_id AND n.channel = $1
                    WHERE s.product_id = p.id AND s.status = 'active' AND f.withdrawn_at IS NULL
                      AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2) LIMIT 1)"""
# A mean of few stars is drawn towards four, as if five buyers had given four each.
SQL_HOME = """
WITH lately AS (
    SELECT o.id FROM orders."order" o
     WHERE o.placed_at > $3 AND o.status <> 'cancelled' ORDER BY o.placed_at DESC LIMIT $9
), sold AS (
    SELECT l.product_id AS id, sum(l.qty) AS qty FROM lately o JOIN orders.line l ON l.order_id = o.id
     GROUP BY l.product_id ORDER BY qty DESC, l.product_id LIMIT $10
), reduced AS (
    SELECT f.list_id, f.sku_id, f.amount, f.compare_at, f.valid_from, f.valid_to FROM pricing.price f
     WHERE f.compare_at > f.amount AND f.withdrawn_at IS NULL ORDER BY f.id DESC LIMIT $6
), sale AS (
    SELECT s.product_id AS id, min(f.amount::numeric / f.compare_at) AS left_over
      FROM reduced f
      JOIN pricing.price_list n ON n.id = f.list_id AND n.channel = $1
      JOIN catalog.sku s ON s.id = f.sku_id AND s.status = 'active'
     WHERE f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
     GROUP BY s.product_id
)
(SELECT 'newest' AS list, p.id, NULL AS brand FROM catalog.product p
  WHERE p.status = 'listed' AND {priced} ORDER BY p.listed_at DESC, p.id DESC LIMIT $4)
UNION ALL
(SELECT 'loved', p.id, NULL FROM reviews.summary r JOIN catalog.product p ON p.id = r.product_id
  WHERE p.status = 'listed' AND r.count > 0 AND {priced}
  ORDER BY (r.sum + 20.0) / (r.count + 5) DESC, r.count DESC, r.product_id DESC LIMIT $4)
UNION ALL
(SELECT 'sold', p.id, NULL FROM sold JOIN catalog.product p ON p.id = sold.id
  WHERE p.status = 'listed' AND {priced} ORDER BY sold.qty DESC, p.id LIMIT $4)
UNION ALL
(SELECT 'sale', p.id, NULL FROM sale JOIN catalog.product p ON p.id = sale.id
  WHERE p.status = 'listed' ORDER BY sale.left_over, p.id LIMIT $4)
UNION ALL
(SELECT 'brand:' || b.code, x.id, b.slug
   FROM catalog.brand b
  CROSS JOIN LATERAL (
        SELECT q.id FROM (SELECT p.id FROM catalog.product p
                           WHERE p.brand_id = b.id AND p.status = 'listed' AND {priced}
                           ORDER BY p.created_at DESC, p.id DESC LIMIT $7) q
          LEFT JOIN reviews.summary r ON r.product_id = q.id
         ORDER BY (coalesce(r.sum, 0) + 20.0) / (coalesce(r.count, 0) + 5) DESC, q.id LIMIT 6) x
  WHERE b.code = ANY($5::text[]))
UNION ALL
(SELECT 'category:' || root.id, x.id, NULL
   FROM catalog.category root
  CROSS JOIN LATERAL (
        SELECT q.id FROM catalog.category c
         CROSS JOIN LATERAL (SELECT p.id FROM catalog.product p
                              WHERE p.category_id = c.id AND p.status = 'listed' AND {priced}
                              ORDER BY p.created_at DESC, p.id DESC LIMIT $8) q
          LEFT JOIN reviews.summary r ON r.product_id = q.id
         WHERE c.path[1] = root.id
         ORDER BY (coalesce(r.sum, 0) + 20.0) / (coalesce(r.count, 0) + 5) DESC, q.id LIMIT 1) x
  WHERE root.parent_id IS NULL)
""".replace("{priced}", _PRICED)


class HomeGoods(msgspec.Struct, frozen=True, kw_only=True):
    """Cards by list, best first: `newest`, `loved`, `sold`, `sale`, `brand:<code>`; and one for each root category.

    `brands` are the slugs of those that have goods, by code.
    """

    brands: Mapping[str, str]
    lists: Mapping[str, tuple[Card, ...]]
    faces: Mapping[UUID, Card]

    def pick(self, sort: str, limit: int, *, brand: str | None = None) -> tuple[Card, ...]:
        return self.lists.get(f"brand:{brand}" if sort == "brand" else sort, ())[:limit]


async def get_home(
    session: Session, *, channel: str, at: datetime, brands: tuple[str, ...] = (), limit: int = 12
) -> HomeGoods:
    """Goods for the home page, at most `limit` of a list; what is sold out stands last in its list."""
    rows = await session.rows(
        SQL_HOME,
        channel,
        at,
        at - SOLD_WITHIN,
        min(limit, MOST),
        list(brands),
        _REDUCED,
        _OF_BRAND,
        _OF_CATEGORY,
        _ORDERS,
        _SOLD,
    )
    wanted = list(dict.fromkeys(row["id"] for row in rows))
    known = {one.id: one for one in await cards(session, product_ids=wanted, channel=channel, at=at)}
    lists: dict[str, list[Card]] = {}
    for row in rows:
        lists.setdefault(row["list"], []).append(known[row["id"]])
    faces = {
        UUID(name.removeprefix("category:")): found[0]
        for name, found in lists.items()
        if name.startswith("category:")
    }
    return HomeGoods(
        brands={row["list"].removeprefix("brand:"): row["brand"] for row in rows if row["brand"]},
        lists={
            name: tuple(sorted(found, key=lambda card: card.stock == "sold_out"))
            for name, found in lists.items()
            if not name.startswith("category:")
        },
        faces=faces,
    )
