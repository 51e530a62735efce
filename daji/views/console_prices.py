"""One price list as a table: every SKU with what it costs in it now, and what it will next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

_MAX_TEXT = 100

SQL_PRICE_ROWS = """
SELECT s.id AS sku_id, s.code AS sku_code, s.option_values, p.id AS product_id, p.options, p.sort_title,
       coalesce(s.media_id, (p.media -> 0 ->> 'media_id')::uuid) AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       p.status, now.amount, now.compare_at, now.valid_from, now.valid_to,
       nxt.amount AS next_amount, nxt.compare_at AS next_compare_at, nxt.valid_from AS next_from, nxt.valid_to AS next_to
  FROM catalog.sku s
  JOIN catalog.product p ON p.id = s.product_id
  LEFT JOIN LATERAL (
       SELECT f.amount, f.compare_at, f.valid_from, f.valid_to FROM pricing.price f
        WHERE f.sku_id = s.id AND f.list_id = $1 AND f.withdrawn_at IS NULL
          AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
        LIMIT 1) now ON true
  LEFT JOIN LATERAL (
       SELECT f.amount, f.compare_at, f.valid_from, f.valid_to FROM pricing.price f
        WHERE f.sku_id = s.id AND f.list_id = $1 AND f.withdrawn_at IS NULL AND f.valid_from > $2
        ORDER BY f.valid_from LIMIT 1) nxt ON true
 WHERE s.status = 'active' AND p.status <> 'archived'
   AND ($10::uuid[] IS NULL OR p.id = ANY($10))
   AND ($3::text IS NULL OR strpos(p.search_text, $3) > 0 OR s.code = $4)
   AND ($5::uuid IS NULL OR p.category_id IN (SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$5::uuid]))
   AND ($6::text = 'all' OR ($6 = 'priced' AND now.amount IS NOT NULL)
        OR ($6 = 'unpriced' AND now.amount IS NULL) OR ($6 = 'planned' AND nxt.amount IS NOT NULL))
   AND ($7::text IS NULL OR (p.sort_title, s.id) > ($7, $8::uuid))
 ORDER BY p.sort_title, s.id LIMIT $9
"""


class PriceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU in one list; amounts in minor units of the list's currency, None where there is no price."""

    sku_id: UUID
    sku_code: str
    product_id: UUID
    titles: dict[str, str]
    option_texts: dict[str, str]
    media_id: UUID | None
    status: str
    amount: int | None
    compare_at: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    next_amount: int | None
    next_compare_at: int | None
    next_from: datetime | None
    next_to: datetime | None


async def list_prices(
    session: Session,
    *,
    list_id: UUID,
    at: datetime,
    text: str | None = None,
    category_id: UUID | None = None,
    show: str = "all",
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[PriceRow]:
    """The active SKUs by product title; `show` is `all`, `priced`, `unpriced` or `planned`. Three statements at most.

    Raises
    ------
    NotFound
        No such list.
    BadCursor
    """
    await pricing.get_list(session, list_id=list_id)
    size = page_size(limit)
    title, last = Cursor.decode(cursor, (str, UUID)) if cursor else (None, None)
    plain = (text or "").replace("\0", "").strip()[:_MAX_TEXT] or None
    folded = catalog.folded(plain) if plain else None
    # Where few are meant, the planner goes from them; otherwise a walk by title soon meets some.
    meant = await catalog.list_meant(session, text=plain) if plain else None
    rows = await session.rows(
        SQL_PRICE_ROWS, list_id, at, folded, plain, category_id, show, title, last, size + 1, meant
    )
    more = len(rows) > size
    return Page(
        items=tuple(_row(row) for row in rows[:size]),
        next_cursor=Cursor.encode((rows[size - 1]["sort_title"], rows[size - 1]["sku_id"])) if more else None,
    )


def _row(row: Row) -> PriceRow:
    given = {name: row[name] for name in PriceRow.__struct_fields__ if name != "option_texts"}
    return PriceRow(
        **given,
        option_texts={lang: _choice(lang, row["options"], row["option_values"]) for lang in row["titles"]},
    )


def _choice(lang: str, options: list[dict[str, Any]], chosen: Mapping[str, str]) -> str:
    return " / ".join(
        value["names"].get(lang) or next(iter(value["names"].values()), value["code"])
        for option in options
        for value in option["values"]
        if chosen.get(option["code"]) == value["code"]
    )
