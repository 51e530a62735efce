"""The order list of the console: every axis at a glance, narrowed by what staff look for. One statement a page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

_MAX_TEXT = 100

_COLUMNS = """
SELECT t.id, t.number, t.placed_at, t.channel, t.status, t.payment, t.contact_name, t.total + t.difference AS due,
       t.currency, o.deliveries, o.aftersales, o.late, coalesce(o.pieces, 0) AS pieces
"""
_CHILDREN = """
  LEFT JOIN LATERAL (
       SELECT array_agg(c.delivery ORDER BY c.position) AS deliveries,
              array_agg(c.aftersales ORDER BY c.position) AS aftersales,
              bool_or(c.promised_by < $1 AND c.delivery IN ('released', 'picking', 'packed', 'shipped')) AS late,
              sum((SELECT sum(l.qty) FROM orders.line l WHERE l.order_id = c.id))::bigint AS pieces
         FROM orders."order" c WHERE c.trade_id = t.id) o ON true
 WHERE ($2::text IS NULL OR t.status = $2)
   AND ($10::uuid[] IS NULL OR t.id = ANY($10))
   AND ($3::text IS NULL OR t.payment = $3)
   AND ($4::text IS NULL OR t.channel = $4)
   AND ($5::timestamptz IS NULL OR t.placed_at >= $5)
   AND ($6::timestamptz IS NULL OR t.placed_at < $6)
"""
# What few orders meet is looked up first, as an array: the planner then goes from those few to their trades, where it
# would walk through all trades for a subquery behind an OR.
_LOOKED_UP = """
   AND ($7::timestamptz IS NULL OR (t.placed_at, t.id) < ($7, $8::uuid))
   AND ($11::text IS NULL
        OR t.id = ANY(ARRAY(
                    SELECT x.id FROM orders.trade x WHERE x.number >= upper($11) AND x.number < upper($11) || '~'
                    UNION ALL SELECT x.id FROM orders.trade x WHERE x.contact_phone = $11
                    UNION ALL SELECT x.id FROM orders.trade x WHERE lower(x.contact_email) = lower($11)
                    UNION ALL SELECT x.id FROM orders.trade x WHERE x.contact_name = $11
                    UNION ALL SELECT x.id FROM orders.trade x WHERE x.external_ref = $11
                    UNION ALL SELECT x.trade_id FROM orders."order" x WHERE x.number = upper($11)
                    UNION ALL SELECT c.trade_id FROM orders.line l JOIN orders."order" c ON c.id = l.order_id
                               WHERE l.code = $11)))
   AND (NOT $12 OR t.id = ANY(ARRAY(SELECT x.trade_id FROM orders."order" x
                                     WHERE x.delivery IN ('released', 'picking', 'packed') AND x.promised_by < $1)))
   AND ($13::text IS NULL OR EXISTS (SELECT FROM orders."order" d WHERE d.trade_id = t.id AND d.delivery = $13))
 ORDER BY t.placed_at DESC, t.id DESC LIMIT $9
"""
# Orders bear the moment of their trade, so that their own index gives the page.
_OF_DELIVERY = """
   AND d.delivery = $11
   AND ($5::timestamptz IS NULL OR d.placed_at >= $5) AND ($6::timestamptz IS NULL OR d.placed_at < $6)
   AND ($7::timestamptz IS NULL OR (d.placed_at, d.trade_id) < ($7, $8::uuid))
   AND NOT EXISTS (SELECT FROM orders."order" e
                    WHERE e.trade_id = d.trade_id AND e.delivery = $11 AND e.position < d.position)
 ORDER BY d.placed_at DESC, d.trade_id DESC LIMIT $9
"""
SQL_ORDER_ROWS = _COLUMNS + "FROM orders.trade t" + _CHILDREN + _LOOKED_UP
SQL_ORDERS_OF_DELIVERY = (
    _COLUMNS + 'FROM orders."order" d JOIN orders.trade t ON t.id = d.trade_id' + _CHILDREN + _OF_DELIVERY
)


class Narrow(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; None does not matter. The period is half-open.

    `late` leaves orders that should have arrived and have not even left; `trade_ids` are those that were ticked.
    """

    status: str | None = None
    payment: str | None = None
    delivery: str | None = None
    channel: str | None = None
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    text: str | None = None
    late: bool = False
    trade_ids: tuple[UUID, ...] | None = None


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """A trade in the list; `deliveries` and `aftersales` are those of its orders, in their order.

    `due` is in minor units of `currency`; `late` says that a promise is broken and the goods are not there yet.
    """

    id: UUID
    number: str
    placed_at: datetime
    channel: str
    status: str
    payment: str
    contact_name: str
    due: int
    currency: str
    deliveries: tuple[str, ...]
    aftersales: tuple[str, ...]
    late: bool
    pieces: int


async def list_orders(
    session: Session, *, narrow: Narrow, at: datetime, cursor: str | None = None, limit: int | None = None
) -> Page[OrderRow]:
    """Trades, the last placed first. Raises BadCursor, Invalid."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    # PostgreSQL keeps every character but NUL.
    text = (narrow.text or "").replace("\0", "").strip()[:_MAX_TEXT] or None
    common = (
        at,
        narrow.status,
        narrow.payment,
        narrow.channel,
        narrow.placed_from,
        narrow.placed_to,
        after[0],
        after[1],
        size + 1,
        None if narrow.trade_ids is None else list(narrow.trade_ids),
    )
    if narrow.delivery is not None and text is None and not narrow.late:
        rows = await session.rows(SQL_ORDERS_OF_DELIVERY, *common, narrow.delivery)
    else:
        rows = await session.rows(SQL_ORDER_ROWS, *common, text, narrow.late, narrow.delivery)
    items = tuple(
        OrderRow(
            id=row["id"],
            number=row["number"],
            placed_at=row["placed_at"],
            channel=row["channel"],
            status=row["status"],
            payment=row["payment"],
            contact_name=row["contact_name"],
            due=row["due"],
            currency=row["currency"],
            deliveries=tuple(row["deliveries"] or ()),
            aftersales=tuple(row["aftersales"] or ()),
            late=bool(row["late"]),
            pieces=row["pieces"],
        )
        for row in rows[:size]
    )
    more = len(rows) > size
    return Page(items=items, next_cursor=Cursor.encode((items[-1].placed_at, items[-1].id)) if more else None)
