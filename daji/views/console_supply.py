"""Announced deliveries as the console shows them: how much of each has come, with words for goods and places."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.supply import api as supply
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

_MAX_TEXT = 100

SQL_NOTICE_ROWS = """
SELECT n.id, n.number, n.supplier, n.site_id, w.name AS site_name, n.expected_at, n.status,
       l.expected, l.received, l.skus
  FROM supply.notice n
  JOIN inventory.site w ON w.id = n.site_id
 CROSS JOIN LATERAL (
       SELECT sum(x.expected)::bigint AS expected, sum(x.received)::bigint AS received, count(*) AS skus
         FROM supply.notice_line x WHERE x.notice_id = n.id) l
 WHERE ($1::text IS NULL OR n.status = $1)
   AND (NOT $2 OR n.status IN ('announced', 'receiving'))
   AND ($3::uuid IS NULL OR n.site_id = $3)
   AND ($4::text IS NULL OR n.number ILIKE $5 OR n.supplier ILIKE $5
        OR n.id IN (SELECT x.notice_id FROM supply.notice_line x JOIN catalog.sku s ON s.id = x.sku_id
                     WHERE s.code = $4 OR s.barcode = $4))
   AND ($6::timestamptz IS NULL OR (n.expected_at, n.id) < ($6, $7::uuid))
 ORDER BY n.expected_at DESC, n.id DESC LIMIT $8
"""
SQL_NOTICE_WORDS = """
SELECT s.id AS sku_id, s.code, p.id AS product_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (p.media -> 0 ->> 'media_id')::uuid AS media_id
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id WHERE s.id = ANY($1::uuid[])
"""
SQL_SITE_NAME = "SELECT name FROM inventory.site WHERE id = $1"


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in the list; `expected` and `received` are pieces, `skus` its lines."""

    id: UUID
    number: str
    supplier: str
    site_id: UUID
    site_name: str
    expected_at: datetime
    status: supply.Status
    expected: int
    received: int
    skus: int


class NoticeGoods(msgspec.Struct, frozen=True, kw_only=True):
    """A line with its words, None when the SKU is gone."""

    sku_id: UUID
    expected: int
    received: int
    code: str | None = None
    product_id: UUID | None = None
    titles: dict[str, str] | None = None
    media_id: UUID | None = None


class NoticeScreen(msgspec.Struct, frozen=True, kw_only=True):
    """A notice and its goods."""

    notice: supply.Notice
    site_name: str
    goods: tuple[NoticeGoods, ...]


async def list_notices(
    session: Session,
    *,
    status: supply.Status | None = None,
    only_open: bool = False,
    site_id: UUID | None = None,
    text: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[NoticeRow]:
    """The last expected first; `text` is a part of a number or supplier, or a whole SKU code. One statement."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    wanted = (text or "").replace("\0", "").strip()[:_MAX_TEXT] or None
    like = (
        None
        if wanted is None
        else "%" + wanted.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    )
    rows = await session.rows(
        SQL_NOTICE_ROWS, status, only_open, site_id, wanted, like, after[0], after[1], size + 1
    )
    items = tuple(msgspec.convert(dict(row), NoticeRow) for row in rows[:size])
    more = len(rows) > size
    return Page(
        items=items, next_cursor=Cursor.encode((items[-1].expected_at, items[-1].id)) if more else None
    )


async def get_notice_screen(session: Session, *, notice_id: UUID) -> NoticeScreen:
    """One notice with the words of its goods, in three statements. Raises NotFound."""
    notice = await supply.get_notice(session, notice_id=notice_id)
    words = {
        row["sku_id"]: dict(row)
        for row in await session.rows(SQL_NOTICE_WORDS, [line.sku_id for line in notice.lines])
    }
    return NoticeScreen(
        notice=notice,
        site_name=await session.value(SQL_SITE_NAME, notice.site_id) or "",
        goods=tuple(
            msgspec.convert(
                {
                    **words.get(line.sku_id, {"sku_id": line.sku_id}),
                    "expected": line.expected,
                    "received": line.received,
                },
                NoticeGoods,
            )
            for line in notice.lines
        ),
    )
