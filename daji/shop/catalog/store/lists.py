"""SQL of product lists: one statement per sort order, so that no text of a request ever becomes SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session
from daji.shop.catalog import naming
from daji.shop.catalog.facts import ProductCard

SQL_NEWEST = """
SELECT p.id, p.code, p.slug, p.seller_id, p.category_id, p.brand_id, p.status, p.version, p.created_at, p.listed_at,
       p.sort_title, (p.media -> 0 ->> 'media_id')::uuid AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'subtitle') FROM jsonb_each(p.texts) AS t(lang, body)) AS subtitles,
       ARRAY(SELECT s.id FROM catalog.sku s WHERE s.product_id = p.id AND s.status = 'active' ORDER BY s.id) AS sku_ids
  FROM catalog.product p
 WHERE ($1::uuid IS NULL
        OR p.category_id = ANY (ARRAY(SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$1::uuid])))
   AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::uuid IS NULL OR p.seller_id = $3)
   AND ($4::text IS NULL OR p.status = $4)
   AND ($5::text IS NULL AND $6::uuid[] IS NULL OR p.search_text LIKE $5 OR p.id = ANY($6::uuid[]))
   AND ($7::timestamptz IS NULL OR (p.created_at, p.id) < ($7, $8::uuid))
 ORDER BY p.created_at DESC, p.id DESC LIMIT $9
"""
SQL_OLDEST = """
SELECT p.id, p.code, p.slug, p.seller_id, p.category_id, p.brand_id, p.status, p.version, p.created_at, p.listed_at,
       p.sort_title, (p.media -> 0 ->> 'media_id')::uuid AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'subtitle') FROM jsonb_each(p.texts) AS t(lang, body)) AS subtitles,
       ARRAY(SELECT s.id FROM catalog.sku s WHERE s.product_id = p.id AND s.status = 'active' ORDER BY s.id) AS sku_ids
  FROM catalog.product p
 WHERE ($1::uuid IS NULL
        OR p.category_id = ANY (ARRAY(SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$1::uuid])))
   AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::uuid IS NULL OR p.seller_id = $3)
   AND ($4::text IS NULL OR p.status = $4)
   AND ($5::text IS NULL AND $6::uuid[] IS NULL OR p.search_text LIKE $5 OR p.id = ANY($6::uuid[]))
   AND ($7::timestamptz IS NULL OR (p.created_at, p.id) > ($7, $8::uuid))
 ORDER BY p.created_at, p.id LIMIT $9
"""
SQL_TITLE = """
SELECT p.id, p.code, p.slug, p.seller_id, p.category_id, p.brand_id, p.status, p.version, p.created_at, p.listed_at,
       p.sort_title, (p.media -> 0 ->> 'media_id')::uuid AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'subtitle') FROM jsonb_each(p.texts) AS t(lang, body)) AS subtitles,
       ARRAY(SELECT s.id FROM catalog.sku s WHERE s.product_id = p.id AND s.status = 'active' ORDER BY s.id) AS sku_ids
  FROM catalog.product p
 WHERE ($1::uuid IS NULL
        OR p.category_id = ANY (ARRAY(SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$1::uuid])))
   AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::uuid IS NULL OR p.seller_id = $3)
   AND ($4::text IS NULL OR p.status = $4)
   AND ($5::text IS NULL AND $6::uuid[] IS NULL OR p.search_text LIKE $5 OR p.id = ANY($6::uuid[]))
   AND ($7::text IS NULL OR (p.sort_title, p.id) > ($7, $8::uuid))
 ORDER BY p.sort_title, p.id LIMIT $9
"""

SQL_OF_CODE = """
SELECT s.product_id AS id FROM catalog.sku s WHERE s.code = $1
UNION SELECT p.id FROM catalog.product p WHERE p.code = $1
"""
# Three letters in a row lead to it, whatever else there is (tables.py); `LIKE` then has the word. Nobody looks for the
# words of what is a code.
SQL_OF_TEXT = """
WITH coded AS MATERIALIZED (
  SELECT s.product_id AS id FROM catalog.sku s WHERE s.code = $1
  UNION SELECT p.id FROM catalog.product p WHERE p.code = $1
)
SELECT id, true AS coded FROM coded
UNION ALL
SELECT w.id, false FROM (SELECT p.id FROM catalog.product p
                          WHERE NOT ($5 AND EXISTS (SELECT FROM coded))
                            AND catalog.grams(p.search_text) @> $2::text[] AND p.search_text LIKE $3 LIMIT $4) w
"""
MANY = 5_000
"""So many goods with a word in them are looked up; one that more of them have is soon met on a walk along the list."""

SORTS: Mapping[str, tuple[str, str, type]] = {
    "newest": (SQL_NEWEST, "created_at", datetime),
    "oldest": (SQL_OLDEST, "created_at", datetime),
    "title": (SQL_TITLE, "sort_title", str),
}
"""Sort key → (statement, column the cursor holds beside the id, its type)."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; a category stands for all below it.

    What `text_pattern` matches (LIKE) and what is in `product_ids` add up.
    """

    category_id: UUID | None = None
    brand_id: UUID | None = None
    seller_id: UUID | None = None
    status: str | None = None
    text_pattern: str | None = None
    product_ids: Sequence[UUID] | None = None


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Products that bear a text as their code, or have a SKU that does, and those with it in their words.

    `worded` is None where these are too many to be named, or the text is too short to be looked up.
    """

    coded: list[UUID]
    worded: list[UUID] | None


async def matches(session: Session, *, text: str) -> Matches:
    """What a text means; one with a digit that is a code means nothing else. One statement."""
    grams, whole = naming.grams(text), any(one.isdigit() for one in text)
    if not grams:
        coded = [row["id"] for row in await session.rows(SQL_OF_CODE, text)]
        return Matches(coded=coded, worded=[] if coded and whole else None)
    rows = await session.rows(SQL_OF_TEXT, text, grams, naming.pattern(text), MANY + 1, whole)
    worded = [row["id"] for row in rows if not row["coded"]]
    return Matches(
        coded=[row["id"] for row in rows if row["coded"]], worded=None if len(worded) > MANY else worded
    )


async def cards(
    session: Session, *, narrow: Filter, sort: str, after: tuple[object, UUID] | None, limit: int
) -> list[tuple[ProductCard, datetime | str]]:
    """Cards with the value their sort key has."""
    sql, column, _ = SORTS[sort]
    key, last = after or (None, None)
    rows = await session.rows(
        sql,
        narrow.category_id,
        narrow.brand_id,
        narrow.seller_id,
        narrow.status,
        narrow.text_pattern,
        narrow.product_ids,
        key,
        last,
        limit,
    )
    return [(_card(row), row[column]) for row in rows]


def _card(row: Row) -> ProductCard:
    return ProductCard(
        id=row["id"],
        code=row["code"],
        slug=row["slug"],
        seller_id=row["seller_id"],
        category_id=row["category_id"],
        brand_id=row["brand_id"],
        status=row["status"],
        titles=row["titles"],
        subtitles=row["subtitles"],
        media_id=row["media_id"],
        sku_ids=tuple(row["sku_ids"]),
        version=row["version"],
        created_at=row["created_at"],
        listed_at=row["listed_at"],
    )
