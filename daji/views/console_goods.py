"""Products as the console lists them: state, prices, stock; and what was done to one, change by change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.shop.catalog import api as catalog
from daji.views.console_order import Moment, with_names

LOW_STOCK = 10
_NEWEST = 10_000
"""So many SKUs may be too new to have been counted anywhere; an older one of which there never was any is not low."""

SQL_GOODS = """
SELECT p.id, p.code, p.slug, p.status, p.version, p.category_id, p.brand_id, p.created_at, p.listed_at,
       (p.media -> 0 ->> 'media_id')::uuid AS media_id,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles,
       c.names AS category, b.names AS brand, offer.lowest, offer.highest, offer.currency,
       coalesce(offer.priced, 0)::bigint AS priced, kinds.skus, kinds.code AS sku_code,
       coalesce(stock.available, 0)::bigint AS available, coalesce(stock.on_hand, 0)::bigint AS on_hand
  FROM unnest($1::uuid[]) WITH ORDINALITY AS wanted(id, n)
  JOIN catalog.product p ON p.id = wanted.id
  JOIN catalog.category c ON c.id = p.category_id
  LEFT JOIN catalog.brand b ON b.id = p.brand_id
  LEFT JOIN LATERAL (
       SELECT count(*) AS skus, min(s.code) AS code FROM catalog.sku s
        WHERE s.product_id = p.id AND s.status = 'active') kinds ON true
  LEFT JOIN LATERAL (
       SELECT min(x.amount) AS lowest, max(x.amount) AS highest, min(x.currency) AS currency, count(*) AS priced
         FROM (SELECT DISTINCT ON (s.id) f.amount, l.currency
                 FROM catalog.sku s
                 JOIN pricing.price f ON f.sku_id = s.id
                 JOIN pricing.price_list l ON l.id = f.list_id
                WHERE s.product_id = p.id AND s.status = 'active' AND f.withdrawn_at IS NULL
                  AND l.channel = coalesce($2, (SELECT min(n.channel) FROM pricing.price_list n))
                  AND f.valid_from <= $3 AND (f.valid_to IS NULL OR f.valid_to > $3)
                ORDER BY s.id, l.priority DESC, l.code) x) offer ON true
  LEFT JOIN LATERAL (
       SELECT sum(k.on_hand - k.held) AS available, sum(k.on_hand) AS on_hand
         FROM catalog.sku s
         JOIN inventory.balance k ON k.sku_id = s.id
        WHERE s.product_id = p.id AND s.status = 'active') stock ON true
 ORDER BY wanted.n
"""
# Who can be low at all is read from what is marked, retired or too new to have been counted; only they are summed up.
SQL_LOW = """
WITH few AS MATERIALIZED (
  SELECT s.product_id FROM inventory.scarce c JOIN catalog.sku s ON s.id = c.sku_id
   UNION SELECT s.product_id FROM catalog.sku s WHERE s.status <> 'active'
   UNION SELECT s.product_id FROM (SELECT n.id, n.product_id FROM catalog.sku n ORDER BY n.id DESC LIMIT $9) s
          WHERE NOT EXISTS (SELECT FROM inventory.balance k WHERE k.sku_id = s.id)
)
SELECT p.id, p.created_at
  FROM few JOIN catalog.product p ON p.id = few.product_id
 WHERE ($1::uuid IS NULL OR p.category_id IN (SELECT c.id FROM catalog.category c WHERE c.path @> ARRAY[$1::uuid]))
   AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::text IS NULL OR p.status = $3)
   AND ($4::text IS NULL OR strpos(p.search_text, $4) > 0)
   AND p.status <> 'archived'
   AND $5 >= (SELECT coalesce(sum(k.on_hand - k.held), 0) FROM catalog.sku s
                LEFT JOIN inventory.balance k ON k.sku_id = s.id
               WHERE s.product_id = p.id AND s.status = 'active')
   AND ($6::timestamptz IS NULL OR (p.created_at, p.id) < ($6, $7::uuid))
 ORDER BY p.created_at DESC, p.id DESC LIMIT $8
"""
SQL_BRAND_NAMES = "SELECT id, names FROM catalog.brand WHERE id = ANY($1::uuid[])"
SQL_CATEGORY_NAMES = "SELECT id, names FROM catalog.category WHERE id = ANY($1::uuid[])"


class GoodsRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product in the console's table.

    `lowest` and `highest` are prices now, in minor units of `currency`; `priced` of `skus` have one. `available` pieces
    may still be promised, over all places.
    """

    product_id: UUID
    code: str
    slug: str
    status: str
    version: int
    titles: dict[str, str]
    media_id: UUID | None
    category_id: UUID
    category: dict[str, str]
    brand_id: UUID | None
    brand: dict[str, str] | None
    skus: int
    sku_code: str | None
    priced: int
    lowest: int | None
    highest: int | None
    currency: str | None
    available: int
    on_hand: int
    created_at: datetime
    listed_at: datetime | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One value that differs: where it stands, and what it was and is (null: nothing)."""

    path: str
    before: Any
    after: Any


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """One deed on a product; `by` is a name where we know one."""

    id: UUID
    verb: str
    by: str
    at: datetime
    note: str
    changes: tuple[Change, ...]


async def list_goods(
    session: Session,
    *,
    at: datetime,
    channel: str | None = None,
    category_id: UUID | None = None,
    brand_id: UUID | None = None,
    status: str | None = None,
    text: str | None = None,
    low: bool = False,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[GoodsRow]:
    """Products that meet all that is given, two statements a page; `low` are those with at most `LOW_STOCK` to sell.

    Prices are those of `channel`, the first one when none is named. Low stock is listed newest first.

    Raises
    ------
    Invalid, BadCursor
    """
    if low:
        page = await _list_low(
            session,
            category_id=category_id,
            brand_id=brand_id,
            status=status,
            text=text,
            cursor=cursor,
            limit=limit,
        )
    else:
        found = await catalog.list_products(
            session,
            category_id=category_id,
            brand_id=brand_id,
            status=status,
            text=text,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
        page = Page(items=tuple(card.id for card in found.items), next_cursor=found.next_cursor)
    rows = await session.rows(SQL_GOODS, list(page.items), channel, at)
    return Page(
        items=tuple(GoodsRow(product_id=row["id"], **_but_id(row)) for row in rows),
        next_cursor=page.next_cursor,
    )


def _but_id(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


async def _list_low(
    session: Session,
    *,
    category_id: UUID | None,
    brand_id: UUID | None,
    status: str | None,
    text: str | None,
    cursor: str | None,
    limit: int | None,
) -> Page[UUID]:
    size = page_size(limit)
    made, last = Cursor.decode(cursor, (datetime, UUID)) if cursor else (None, None)
    wanted = " ".join((text or "").replace("\0", "").casefold().split()) or None
    rows = await session.rows(
        SQL_LOW, category_id, brand_id, status, wanted, LOW_STOCK, made, last, size + 1, _NEWEST
    )
    more = len(rows) > size
    return Page(
        items=tuple(row["id"] for row in rows[:size]),
        next_cursor=Cursor.encode((rows[size - 1]["created_at"], rows[size - 1]["id"])) if more else None,
    )


async def list_revisions(
    session: Session, *, product_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[Revision]:
    """What was done to a product, the last first, each with the values that differ."""
    found = await catalog.list_history(session, product_id=product_id, cursor=cursor, limit=limit)
    named = await with_names(
        session,
        [
            Moment(
                source="order", code=entry.verb, at=entry.at, by=entry.by, public=False, note=str(entry.id)
            )
            for entry in found.items
        ],
    )
    who = {moment.note: moment.by for moment in named}
    names = await _names(session, [entry.diff for entry in found.items])
    return Page(
        items=tuple(
            Revision(
                id=entry.id,
                verb=entry.verb,
                by=who[str(entry.id)],
                at=entry.at,
                note=entry.note,
                changes=tuple(_changes(entry.diff, names)),
            )
            for entry in found.items
        ),
        next_cursor=found.next_cursor,
    )


async def _names(session: Session, diffs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Names of the categories and brands that diffs speak of, by their ids as text."""
    found: dict[str, Any] = {}
    for field, sql in (("category_id", SQL_CATEGORY_NAMES), ("brand_id", SQL_BRAND_NAMES)):
        ids = {UUID(value) for diff in diffs for value in diff.get(field, ()) if value}
        if ids:
            found |= {str(row["id"]): row["names"] for row in await session.rows(sql, list(ids))}
    return found


def _changes(diff: Mapping[str, Any], names: Mapping[str, Any]) -> Iterator[Change]:
    for field, (before, after) in diff.items():
        if field in {"category_id", "brand_id"}:
            yield Change(path=field, before=names.get(before, before), after=names.get(after, after))
        else:
            yield from _apart(field, _keyed(before), _keyed(after))


def _keyed(value: Any) -> Any:
    """Lay SKUs, options and their values out by code and pictures by id, so that one change shows as one."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return {
            str(one.get("code") or one.get("media_id") or number): _bare(one)
            for number, one in enumerate(value)
        }
    if isinstance(value, dict):
        # A SKU that was added or retired by itself.
        return {value["code"]: _bare(value)} if "product_id" in value else _bare(value)
    return value


def _bare(value: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the ids of a SKU, which say nothing to people."""
    hidden = {"id", "product_id", "code"} if "product_id" in value else set()
    return {name: _keyed(inner) for name, inner in value.items() if name not in hidden}


def _apart(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                yield from _apart(f"{path}.{name}", before.get(name), after.get(name))
    else:
        yield Change(path=path, before=before, after=after)
