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
# A mean of few stars is drawn towards four, as if five buyers had given four each.
SQL_HOME = """
WITH listed AS (
    SELECT p.id, p.listed_at, p.category_id, b.code AS brand, b.slug AS brand_slug,
           (coalesce(r.sum, 0) + 20.0) / (coalesce(r.count, 0) + 5) AS liked, coalesce(r.count, 0) AS said
      FROM catalog.product p
      LEFT JOIN catalog.brand b ON b.id = p.brand_id
      LEFT JOIN reviews.summary r ON r.product_id = p.id
     WHERE p.status = 'listed'
       AND EXISTS (SELECT FROM catalog.sku s JOIN pricing.price f ON f.sku_id = s.id
                     JOIN pricing.price_list n ON n.id = f.list_id AND n.channel = $1
                    WHERE s.product_id = p.id AND s.status = 'active' AND f.withdrawn_at IS NULL
                      AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2))
), sold AS (
    SELECT l.product_id AS id, sum(l.qty) AS qty
      FROM orders."order" o JOIN orders.line l ON l.order_id = o.id
     WHERE o.placed_at > $3 AND o.status <> 'cancelled'
     GROUP BY l.product_id
), sale AS (
    SELECT s.product_id AS id, min(f.amount::numeric / f.compare_at) AS left_over
      FROM pricing.price f
      JOIN pricing.price_list n ON n.id = f.list_id AND n.channel = $1
      JOIN catalog.sku s ON s.id = f.sku_id AND s.status = 'active'
     WHERE f.compare_at > f.amount AND f.withdrawn_at IS NULL
       AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
     GROUP BY s.product_id
)
(SELECT 'newest' AS list, id, NULL AS brand FROM listed ORDER BY listed_at DESC, id DESC LIMIT $4)
UNION ALL (SELECT 'loved', id, NULL FROM listed WHERE said > 0 ORDER BY liked DESC, said DESC, id LIMIT $4)
UNION ALL (SELECT 'sold', l.id, NULL FROM listed l JOIN sold USING (id) ORDER BY sold.qty DESC, l.id LIMIT $4)
UNION ALL (SELECT 'sale', l.id, NULL FROM listed l JOIN sale USING (id) ORDER BY sale.left_over, l.id LIMIT $4)
UNION ALL (SELECT 'brand:' || x.brand, x.id, x.slug
             FROM (SELECT l.brand, l.brand_slug AS slug, l.id, row_number() OVER (PARTITION BY l.brand ORDER BY l.liked DESC, l.id) AS n
                     FROM listed l WHERE l.brand = ANY($5::text[])) x WHERE x.n <= 6)
UNION ALL (SELECT 'category:' || x.root, x.id, NULL
             FROM (SELECT c.path[1] AS root, l.id,
                          row_number() OVER (PARTITION BY c.path[1] ORDER BY l.liked DESC, l.id) AS n
                     FROM listed l JOIN catalog.category c ON c.id = l.category_id) x WHERE x.n = 1)
"""


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
    rows = await session.rows(SQL_HOME, channel, at, at - SOLD_WITHIN, min(limit, MOST), list(brands))
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
