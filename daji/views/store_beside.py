"""What stands beside a product: what real orders brought home with it, and what is like it. Two statements."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.views.store_cards import Card, cards

LOOK_BACK = timedelta(days=180)
MOST_TRADES = 500
MOST_ALIKE = 100
"""The newest of a category, among which the best liked are chosen: a large one has thousands."""

SQL_BESIDE = """
WITH mine AS (
    SELECT o.trade_id
      FROM orders.line l JOIN orders."order" o ON o.id = l.order_id
     WHERE l.product_id = $1 AND o.placed_at > $3 AND o.status <> 'cancelled'
     ORDER BY l.id DESC LIMIT $4
), together AS (
    SELECT l.product_id, count(DISTINCT o.trade_id) AS times
      FROM (SELECT DISTINCT trade_id FROM mine) m
      JOIN orders."order" o ON o.trade_id = m.trade_id AND o.status <> 'cancelled'
      JOIN orders.line l ON l.order_id = o.id
     WHERE l.product_id <> $1
     GROUP BY l.product_id
), alike AS (
    SELECT p.id, coalesce(r.sum, 0) AS liked
      FROM (SELECT n.id FROM catalog.product n WHERE n.category_id = $2 AND n.status = 'listed' AND n.id <> $1
             ORDER BY n.created_at DESC, n.id DESC LIMIT $6) p
      LEFT JOIN reviews.summary r ON r.product_id = p.id
)
(SELECT t.product_id AS id, t.times
   FROM together t JOIN catalog.product p ON p.id = t.product_id AND p.status = 'listed'
  ORDER BY t.times DESC, t.product_id LIMIT $5)
UNION ALL
(SELECT a.id, 0 FROM alike a
  WHERE a.id NOT IN (SELECT t.product_id FROM together t) ORDER BY a.liked DESC, a.id LIMIT $5)
"""


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """`together` was bought in the same purchases, most often first; `alike` is of the same category."""

    together: tuple[Card, ...]
    alike: tuple[Card, ...]


async def get_beside(
    session: Session, *, product_id: UUID, category_id: UUID, channel: str, at: datetime, limit: int = 4
) -> Beside:
    """What to show beside a product, at most `limit` of each; goods that cannot be bought now are left out."""
    rows = await session.rows(
        SQL_BESIDE, product_id, category_id, at - LOOK_BACK, MOST_TRADES, limit, MOST_ALIKE
    )
    bought = {row["id"] for row in rows if row["times"]}
    shown = [
        card
        for card in await cards(
            session, product_ids=list(dict.fromkeys(row["id"] for row in rows)), channel=channel, at=at
        )
        if card.stock != "sold_out" and card.lowest is not None
    ]
    return Beside(
        together=tuple(card for card in shown if card.id in bought),
        alike=tuple(card for card in shown if card.id not in bought),
    )
