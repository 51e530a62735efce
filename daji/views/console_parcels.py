"""Parcels with the numbers of their orders. One statement a page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

# What few parcels meet is looked up first, as an array, for which the planner does not walk through all of them.
SQL_PARCEL_ROWS = """
SELECT s.id, s.order_id, o.number, o.trade_id, s.carrier, s.status, s.tracking_no, s.weight_g, s.created_at,
       s.handed_over_at, s.delivered_at, o.promised_by, s.address ->> 'city' AS city
  FROM delivery.shipment s
  JOIN orders."order" o ON o.id = s.order_id
 WHERE ($1::text IS NULL OR s.status = $1)
   AND ($2::text IS NULL OR s.carrier = $2)
   AND ($3::text IS NULL
        OR s.id = ANY(ARRAY(
                    SELECT x.id FROM delivery.shipment x WHERE x.tracking_no = $3
                    UNION ALL SELECT x.id FROM orders."order" n JOIN delivery.shipment x ON x.order_id = n.id
                               WHERE n.number = upper($3))))
   AND (NOT $4
        OR s.id = ANY(ARRAY(
                    SELECT x.id FROM delivery.shipment x JOIN orders."order" n ON n.id = x.order_id
                     WHERE x.status NOT IN ('delivered', 'returned', 'cancelled') AND n.promised_by < $5)))
   AND ($6::uuid IS NULL OR s.id < $6)
 ORDER BY s.id DESC LIMIT $7
"""


class ParcelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A shipment in the list; grams."""

    id: UUID
    order_id: UUID
    number: str
    trade_id: UUID
    carrier: str
    status: str
    tracking_no: str | None
    weight_g: int
    created_at: datetime
    handed_over_at: datetime | None
    delivered_at: datetime | None
    promised_by: datetime
    city: str | None


async def list_parcels(
    session: Session,
    *,
    at: datetime,
    status: str | None = None,
    carrier: str | None = None,
    text: str | None = None,
    late: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ParcelRow]:
    """Newest first; `text` is a tracking or order number, `late` leaves those whose promise is broken."""
    size = page_size(limit)
    before = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    wanted = (text or "").replace("\0", "").strip()[:100] or None
    rows = await session.rows(SQL_PARCEL_ROWS, status, carrier, wanted, late, at, before, size + 1)
    items = tuple(ParcelRow(**dict(row)) for row in rows[:size])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if len(rows) > size else None)
