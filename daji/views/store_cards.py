"""Product lists of the storefront: cards with price, stock and stars. Two statements a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit import made_of
from daji.kit.db import Session
from daji.kit.paging import BadCursor, Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import FieldProblem, Invalid
from daji.shop.catalog import api as catalog
from daji.views.shots import Shot, shot_from

Stock = Literal["in_stock", "low", "sold_out"]
Sort = Literal["newest", "price_up", "price_down", "title"]

SORTS: tuple[Sort, ...] = ("newest", "price_up", "price_down", "title")
LOW_STOCK = 10
MAX_TEXT = 200

SQL_CARDS = """
SELECT p.id, p.slug, p.category_id, p.seller_id, m.id AS media_id,
       CASE WHEN m.id IS NOT NULL THEN
       jsonb_build_object('id', m.id, 'width', m.width, 'height', m.height, 'blur', m.blur,
                          'widths', jsonb_path_query_array(m.renditions, '$[*].width'))
       END AS shot,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'subtitle') FROM jsonb_each(p.texts) AS t(lang, body)) AS subtitles,
       offer.lowest, offer.highest, offer.compare_at, offer.currency, coalesce(stock.available, 0) AS available,
       coalesce(r.count, 0) AS review_count, coalesce(r.sum, 0) AS review_sum
  FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted(id, n)
  JOIN catalog.product p ON p.id = wanted.id AND p.status = 'listed'
  LEFT JOIN media.media m ON m.id = (p.media -> 0 ->> 'media_id')::uuid AND m.kind = 'image'
  LEFT JOIN reviews.summary r ON r.product_id = p.id
  LEFT JOIN LATERAL (
       SELECT min(x.amount) AS lowest, max(x.amount) AS highest, min(x.currency) AS currency,
              (array_agg(x.compare_at ORDER BY x.amount))[1] AS compare_at
         FROM (SELECT DISTINCT ON (s.id) f.amount, f.compare_at, l.currency
                 FROM catalog.sku s
                 JOIN pricing.price f ON f.sku_id = s.id
                 JOIN pricing.price_list l ON l.id = f.list_id
                WHERE s.product_id = p.id AND s.status = 'active' AND l.channel = $2 AND f.withdrawn_at IS NULL
                  AND f.valid_from <= $3 AND (f.valid_to IS NULL OR f.valid_to > $3)
                ORDER BY s.id, l.priority DESC, l.code) x) offer ON true
  LEFT JOIN LATERAL (
       SELECT sum(b.on_hand - b.held)::bigint AS available
         FROM catalog.sku s
         JOIN inventory.balance b ON b.sku_id = s.id
         JOIN inventory.site t ON t.id = b.site_id AND t.active AND t.seller_id IS NOT DISTINCT FROM p.seller_id
        WHERE s.product_id = p.id AND s.status = 'active') stock ON true
 ORDER BY wanted.n
"""
SQL_CHEAPEST = """
SELECT p.id, offer.lowest
  FROM catalog.product p
 CROSS JOIN LATERAL (
       SELECT min(x.amount) AS lowest
         FROM (SELECT DISTINCT ON (s.id) f.amount
                 FROM catalog.sku s
                 JOIN pricing.price f ON f.sku_id = s.id
                 JOIN pricing.price_list l ON l.id = f.list_id
                WHERE s.product_id = p.id AND s.status = 'active' AND l.channel = $1 AND f.withdrawn_at IS NULL
                  AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
                ORDER BY s.id, l.priority DESC, l.code) x) offer
 WHERE p.status = 'listed' AND offer.lowest IS NOT NULL
   AND ($3::uuid IS NULL OR p.category_id IN (SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$3::uuid]))
   AND ($4::text IS NULL OR p.search_text LIKE $4)
   AND ($5::bigint IS NULL OR (offer.lowest, p.id) > ($5, $6::uuid))
 ORDER BY offer.lowest, p.id LIMIT $7
"""
SQL_DEAREST = """
SELECT p.id, offer.lowest
  FROM catalog.product p
 CROSS JOIN LATERAL (
       SELECT min(x.amount) AS lowest
         FROM (SELECT DISTINCT ON (s.id) f.amount
                 FROM catalog.sku s
                 JOIN pricing.price f ON f.sku_id = s.id
                 JOIN pricing.price_list l ON l.id = f.list_id
                WHERE s.product_id = p.id AND s.status = 'active' AND l.channel = $1 AND f.withdrawn_at IS NULL
                  AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
                ORDER BY s.id, l.priority DESC, l.code) x) offer
 WHERE p.status = 'listed' AND offer.lowest IS NOT NULL
   AND ($3::uuid IS NULL OR p.category_id IN (SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$3::uuid]))
   AND ($4::text IS NULL OR p.search_text LIKE $4)
   AND ($5::bigint IS NULL OR (offer.lowest, p.id) < ($5, $6::uuid))
 ORDER BY offer.lowest DESC, p.id DESC LIMIT $7
"""

_BY_PRICE: Mapping[str, str] = {"price_up": SQL_CHEAPEST, "price_down": SQL_DEAREST}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A listed product as a list shows it.

    `lowest` and `highest` are prices of its SKUs now, in minor units of `currency`; None when none is priced.
    How much is on the shelf stays inside: `stock` says only whether there is some (U-113).
    """

    id: UUID
    slug: str
    category_id: UUID
    seller_id: UUID | None
    media_id: UUID | None
    shot: Shot | None
    titles: dict[str, str]
    subtitles: dict[str, str]
    lowest: int | None
    highest: int | None
    compare_at: int | None
    currency: str | None
    stock: Stock
    review_count: int
    review_sum: int


def stock_word(available: int) -> Stock:
    """Say how much there is without saying how much."""
    if available <= 0:
        return "sold_out"
    return "low" if available <= LOW_STOCK else "in_stock"


async def list_cards(
    session: Session,
    *,
    channel: str,
    at: datetime,
    category_id: UUID | None = None,
    text: str | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Card]:
    """Listed products, a page at a time; `category_id` takes the whole subtree.

    Raises
    ------
    Invalid
        For an unknown sort order or a text that is too long or not storable.
    kit.paging.BadCursor
        For a cursor of another list.
    """
    wanted = clean_text(text)
    if sort in _BY_PRICE:
        page = await _by_price(
            session,
            channel=channel,
            at=at,
            category_id=category_id,
            text=wanted,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    elif sort in SORTS:
        found = await catalog.list_products(
            session,
            category_id=category_id,
            status="listed",
            text=wanted,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
        page = Page(items=tuple(item.id for item in found.items), next_cursor=found.next_cursor)
    else:
        raise Invalid(fields=(FieldProblem(pointer="sort", code="unknown_value", params={"allowed": SORTS}),))
    return Page(
        items=await cards(session, product_ids=page.items, channel=channel, at=at),
        next_cursor=page.next_cursor,
    )


async def cards(
    session: Session, *, product_ids: Sequence[UUID], channel: str, at: datetime
) -> tuple[Card, ...]:
    """Cards in the order asked, of those that are listed. One statement, none for nothing."""
    if not product_ids:
        return ()
    made_of.note(product_ids)
    rows = await session.rows(SQL_CARDS, list(product_ids), channel, at)
    return tuple(
        Card(
            id=row["id"],
            slug=row["slug"],
            category_id=row["category_id"],
            seller_id=row["seller_id"],
            media_id=row["media_id"],
            shot=shot_from(row["shot"]),
            titles=row["titles"],
            subtitles=row["subtitles"],
            lowest=row["lowest"],
            highest=row["highest"],
            compare_at=row["compare_at"],
            currency=row["currency"],
            stock=stock_word(row["available"]),
            review_count=row["review_count"],
            review_sum=row["review_sum"],
        )
        for row in rows
    )


async def _by_price(
    session: Session,
    *,
    channel: str,
    at: datetime,
    category_id: UUID | None,
    text: str | None,
    sort: str,
    cursor: str | None,
    limit: int | None,
) -> Page[UUID]:
    size = page_size(limit)
    of, amount, last = Cursor.decode(cursor, (str, int, UUID)) if cursor else (sort, None, None)
    if of != sort:
        raise BadCursor
    rows = await session.rows(
        _BY_PRICE[sort], channel, at, category_id, _pattern(text), amount, last, size + 1
    )
    shown = rows[:size]
    more = len(rows) > size
    return Page(
        items=tuple(row["id"] for row in shown),
        next_cursor=Cursor.encode((sort, shown[-1]["lowest"], shown[-1]["id"])) if more else None,
    )


def clean_text(text: str | None) -> str | None:
    """Refuse what no product can be called; nothing to look for is no filter."""
    if text is None or not text.strip():
        return None
    if len(text) > MAX_TEXT:
        raise Invalid(fields=(FieldProblem(pointer="q", code="too_long", params={"maximum": MAX_TEXT}),))
    if "\0" in text or not text.isprintable():
        raise Invalid(fields=(FieldProblem(pointer="q", code="wrong_type"),))
    return text


def _pattern(text: str | None) -> str | None:
    r"""Fold like the catalogue folds its `search_text`; `%`, `_` and `\` stand for themselves."""
    if text is None:
        return None
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return "%" + folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
