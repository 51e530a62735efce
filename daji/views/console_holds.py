"""Goods that are promised: to whom, where, until when. One statement a page."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

SQL_HOLD_ROWS = """
SELECT h.id, h.holder AS trade_id, h.sku_id, h.site_id, h.pending, h.confirmed, h.held_at,
       CASE WHEN h.pending > 0 THEN h.expires_at END AS expires_at, t.number AS trade_number,
       t.contact_name AS buyer, s.code AS sku_code, w.code AS site_code, w.name AS site_name,
       (SELECT jsonb_object_agg(x.lang, x.body ->> 'title') FROM jsonb_each(p.texts) AS x(lang, body)) AS titles
  FROM inventory.hold h
  JOIN inventory.site w ON w.id = h.site_id
  LEFT JOIN orders.trade t ON t.id = h.holder
  LEFT JOIN catalog.sku s ON s.id = h.sku_id
  LEFT JOIN catalog.product p ON p.id = s.product_id
 WHERE h.pending + h.confirmed > 0
   AND ($1::uuid IS NULL OR h.site_id = $1)
   AND ($2::text IS NULL
        OR h.sku_id = ANY(ARRAY(SELECT k.id FROM catalog.sku k WHERE k.code = $2 OR k.barcode = $2))
        OR h.holder = ANY(ARRAY(SELECT o.id FROM orders.trade o WHERE o.number = upper($2))))
   AND CASE $3::text WHEN 'pending' THEN h.pending > 0 WHEN 'confirmed' THEN h.confirmed > 0 ELSE true END
   AND (NOT $4::bool OR (h.pending > 0 AND h.expires_at < $5::timestamptz))
   AND ($6::uuid IS NULL OR h.id < $6)
 ORDER BY h.id DESC LIMIT $7
"""


class HoldRow(msgspec.Struct, frozen=True, kw_only=True):
    """One promise: `pending` pieces wait for money until `expires_at`, `confirmed` ones are paid for."""

    id: UUID
    trade_id: UUID
    trade_number: str | None
    buyer: str
    sku_id: UUID
    sku_code: str | None
    titles: dict[str, str] | None
    site_id: UUID
    site_code: str
    site_name: str
    pending: int
    confirmed: int
    held_at: datetime
    expires_at: datetime | None


async def list_holds(
    session: Session,
    *,
    at: datetime,
    site_id: UUID | None = None,
    text: str | None = None,
    state: str | None = None,
    overdue: bool = False,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[HoldRow]:
    """Open promises, newest first; `text` is a SKU code, a barcode or an order number."""
    size = page_size(limit)
    before = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    wanted = (text or "").replace("\0", "").strip()[:100] or None
    rows = await session.rows(SQL_HOLD_ROWS, site_id, wanted, state, overdue, at, before, size + 1)
    items = tuple(HoldRow(**{**dict(row), "buyer": masked(row["buyer"])}) for row in rows[:size])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if len(rows) > size else None)


def masked(name: str | None) -> str:
    """The first character of a name, which is enough to know somebody by on the phone."""
    return f"{name[0]}**" if name else ""
