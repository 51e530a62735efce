"""Reviews for moderation, with the words for what they are about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size

_MAX_TEXT = 100

SQL_REVIEW_ROWS = """
SELECT r.id, r.kind, r.order_id, o.trade_id, r.product_id, r.author, r.score, r.title, r.text, r.media_ids, r.status,
       r.reply, r.replied_at, r.posted_at, r.moderation_note AS note, p.slug,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (p.media -> 0 ->> 'media_id')::uuid AS media_id
  FROM reviews.review r
  LEFT JOIN catalog.product p ON p.id = r.product_id
  LEFT JOIN orders."order" o ON o.id = r.order_id
 WHERE ($1::text IS NULL OR r.status = $1)
   AND ($2::smallint IS NULL OR r.score <= $2)
   AND (NOT $3 OR r.reply IS NULL)
   AND ($4::text IS NULL OR strpos(lower(r.text || ' ' || r.title || ' ' || r.author), $4) > 0)
   AND ($5::uuid IS NULL OR r.product_id = $5)
   AND ($6::uuid IS NULL OR r.id < $6)
 ORDER BY r.id DESC LIMIT $7
"""


class ReviewRow(msgspec.Struct, frozen=True, kw_only=True):
    """A review with the product it is of; a review of an order's service has none."""

    review_id: UUID
    kind: str
    order_id: UUID
    trade_id: UUID | None
    product_id: UUID | None
    slug: str | None
    titles: dict[str, str] | None
    media_id: UUID | None
    author: str
    score: int
    title: str
    text: str
    media_ids: tuple[UUID, ...]
    status: str
    note: str
    reply: str | None
    replied_at: datetime | None
    posted_at: datetime


async def list_reviews(
    session: Session,
    *,
    status: str | None = None,
    most: int | None = None,
    unanswered: bool = False,
    text: str | None = None,
    product_id: UUID | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[ReviewRow]:
    """Reviews that meet all that is given, the last recorded first; `most` is the highest score wanted."""
    size = page_size(limit)
    last = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    wanted = (text or "").replace("\0", "").strip().lower()[:_MAX_TEXT] or None
    rows = await session.rows(SQL_REVIEW_ROWS, status, most, unanswered, wanted, product_id, last, size + 1)
    more = len(rows) > size
    return Page(
        items=tuple(_row(row) for row in rows[:size]),
        next_cursor=Cursor.encode((rows[size - 1]["id"],)) if more else None,
    )


def _row(row: Row) -> ReviewRow:
    given = {name: value for name, value in row.items() if name not in {"id", "media_ids", "note"}}
    return ReviewRow(review_id=row["id"], media_ids=tuple(row["media_ids"]), note=row["note"] or "", **given)
