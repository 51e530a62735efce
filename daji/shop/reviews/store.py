"""All SQL of reviews. The tally changes in the statement that changes the review, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.shop.reviews.facts import Reply, Review, Summary

SQL_POST = """
WITH posted AS (
    INSERT INTO reviews.review (id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids,
           status, source_ref, posted_at, recorded_at)
    SELECT r.id, r.kind, r.order_id, r.line_id, r.product_id, r.author, r.author_id, r.score, r.title, r.text,
           r.media_ids, r.status, r.source_ref, r.posted_at, r.recorded_at
      FROM json_to_recordset($1::text::json)
           AS r(id uuid, kind text, order_id uuid, line_id uuid, product_id uuid, author text, author_id uuid, score int,
                title text, text text, media_ids uuid[], status text, source_ref text, posted_at timestamptz,
                recorded_at timestamptz)
    ON CONFLICT DO NOTHING RETURNING id, product_id, score
), tallied AS (
    INSERT INTO reviews.summary AS s (product_id, count, sum, n1, n2, n3, n4, n5)
    SELECT product_id, count(*), sum(score), count(*) FILTER (WHERE score = 1), count(*) FILTER (WHERE score = 2),
           count(*) FILTER (WHERE score = 3), count(*) FILTER (WHERE score = 4), count(*) FILTER (WHERE score = 5)
      FROM posted WHERE product_id IS NOT NULL GROUP BY product_id ORDER BY product_id
    ON CONFLICT (product_id) DO UPDATE
       SET count = s.count + excluded.count, sum = s.sum + excluded.sum, n1 = s.n1 + excluded.n1,
           n2 = s.n2 + excluded.n2, n3 = s.n3 + excluded.n3, n4 = s.n4 + excluded.n4, n5 = s.n5 + excluded.n5
)
SELECT id FROM posted
"""
SQL_MODERATE = """
WITH moved AS (
    UPDATE reviews.review SET status = $3, moderated_by = $4, moderation_note = $5
     WHERE id = $1 AND status = $2 RETURNING product_id, score, CASE $3 WHEN 'shown' THEN 1 ELSE -1 END AS way
), tallied AS (
    UPDATE reviews.summary s
       SET count = s.count + m.way, sum = s.sum + m.way * m.score,
           n1 = s.n1 + m.way * (m.score = 1)::int, n2 = s.n2 + m.way * (m.score = 2)::int,
           n3 = s.n3 + m.way * (m.score = 3)::int, n4 = s.n4 + m.way * (m.score = 4)::int,
           n5 = s.n5 + m.way * (m.score = 5)::int
      FROM moved m WHERE s.product_id = m.product_id
)
SELECT count(*) FROM moved
"""
SQL_REPLY = "UPDATE reviews.review SET reply = $2, replied_by = $3, replied_at = $4 WHERE id = $1"
SQL_REVIEW = """
SELECT id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids, status, source_ref,
       reply, replied_by, replied_at, posted_at
  FROM reviews.review WHERE id = $1
"""
SQL_TWIN = """
SELECT id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids, status, source_ref,
       reply, replied_by, replied_at, posted_at
  FROM reviews.review
 WHERE line_id = $1 OR ($1::uuid IS NULL AND kind = 'service' AND order_id = $2 AND coalesce(source_ref, '') = $3)
"""
SQL_FOR_PRODUCT = """
SELECT id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids, status, source_ref,
       reply, replied_by, replied_at, posted_at
  FROM reviews.review
 WHERE product_id = $1 AND status = 'shown' AND ($2::timestamptz IS NULL OR (posted_at, id) < ($2, $3::uuid))
   AND ($5::int IS NULL OR score = $5) AND (NOT $6::boolean OR media_ids <> '{}')
 ORDER BY posted_at DESC, id DESC LIMIT $4
"""
SQL_FOR_ORDER = """
SELECT id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids, status, source_ref,
       reply, replied_by, replied_at, posted_at
  FROM reviews.review WHERE order_id = $1 ORDER BY id
"""
SQL_LIST = """
SELECT id, kind, order_id, line_id, product_id, author, author_id, score, title, text, media_ids, status, source_ref,
       reply, replied_by, replied_at, posted_at
  FROM reviews.review
 WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""
SQL_SUMMARIES = """
SELECT product_id, count, sum, n1, n2, n3, n4, n5 FROM reviews.summary
 WHERE product_id = ANY($1::uuid[]) AND count > 0
"""
SQL_BY_SCORE = "SELECT score, count(*) AS n FROM reviews.review WHERE status = 'shown' GROUP BY score"


async def post(tx: Tx, said: Sequence[tuple[Review, datetime]]) -> set[UUID]:
    """Insert reviews, each recorded at its time, and count them; less those whose line, or order's service, has one."""
    tx.locking("reviews.summary")
    written = [{**msgspec.structs.asdict(review), "recorded_at": now} for review, now in said]
    rows = await tx.rows(SQL_POST, msgspec.json.encode(written).decode())
    return {row["id"] for row in rows}


async def moderate(tx: Tx, *, review_id: UUID, before: str, after: str, by: str, note: str) -> bool:
    """Move the review's status and its tally; False when it is not in `before`."""
    tx.locking("reviews.summary")
    moved: int = await tx.value(SQL_MODERATE, review_id, before, after, by, note)
    return moved == 1


async def reply(tx: Tx, *, review_id: UUID, text: str, by: str, now: datetime) -> bool:
    return await tx.execute(SQL_REPLY, review_id, text, by, now) == 1


async def review(session: Session, review_id: UUID) -> Review | None:
    row = await session.row(SQL_REVIEW, review_id)
    return _review(row) if row else None


async def twin(
    session: Session, *, line_id: UUID | None, order_id: UUID, source_ref: str | None
) -> Review | None:
    """The review that stands where a new one would."""
    row = await session.row(SQL_TWIN, line_id, order_id, source_ref or "")
    return _review(row) if row else None


async def for_product(
    session: Session,
    *,
    product_id: UUID,
    after: tuple[datetime, UUID] | None,
    limit: int,
    score: int | None,
    pictured: bool,
) -> list[Review]:
    at, last = after or (None, None)
    rows = await session.rows(SQL_FOR_PRODUCT, product_id, at, last, limit, score, pictured)
    return [_review(row) for row in rows]


async def for_order(session: Session, order_id: UUID) -> tuple[Review, ...]:
    return tuple(_review(row) for row in await session.rows(SQL_FOR_ORDER, order_id))


async def listed(session: Session, *, status: str | None, after: UUID | None, limit: int) -> list[Review]:
    return [_review(row) for row in await session.rows(SQL_LIST, status, after, limit)]


async def summaries(session: Session, product_ids: Sequence[UUID]) -> dict[UUID, Summary]:
    return {
        row["product_id"]: Summary(
            count=row["count"],
            sum=row["sum"],
            histogram=(row["n1"], row["n2"], row["n3"], row["n4"], row["n5"]),
        )
        for row in await session.rows(SQL_SUMMARIES, product_ids)
    }


async def by_score(session: Session) -> dict[int, int]:
    return {row["score"]: row["n"] for row in await session.rows(SQL_BY_SCORE)}


def _review(row: Row) -> Review:
    reply = None
    if row["reply"] is not None:
        reply = Reply(text=row["reply"], by=row["replied_by"], at=row["replied_at"])
    return Review(
        id=row["id"],
        kind=row["kind"],
        order_id=row["order_id"],
        line_id=row["line_id"],
        product_id=row["product_id"],
        author=row["author"],
        author_id=row["author_id"],
        score=row["score"],
        title=row["title"],
        text=row["text"],
        media_ids=tuple(row["media_ids"]),
        status=row["status"],
        source_ref=row["source_ref"],
        reply=reply,
        posted_at=row["posted_at"],
    )
