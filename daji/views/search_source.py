"""What the search index is made of: listed products with names, price, stock and stars, and what changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.carriage import Carried
from daji.kit.db import Row, Session
from daji.shop.catalog import api as catalog
from daji.shop.search import api as search
from daji.views.store_cards import stock_word

SOLD_DAYS = 90
TOPICS = (
    "catalog.product_changed",
    "pricing.prices_changed",
    "inventory.stock_changed",
    "reviews.review_posted",
    "reviews.review_moderated",
    "reviews.review_replied",
)
_PRICED = frozenset({"catalog.product_changed", "pricing.prices_changed"})
_STOCKED = "inventory.stock_changed"

# Of product `p`; null where it never had any.
_AVAILABLE = """
       SELECT sum(v.on_hand - v.held)::bigint AS available
         FROM catalog.sku s
         JOIN inventory.balance v ON v.sku_id = s.id
         JOIN inventory.site t ON t.id = v.site_id AND t.active AND t.seller_id IS NOT DISTINCT FROM p.seller_id
        WHERE s.product_id = p.id AND s.status = 'active'
"""
_DOCUMENT = """
SELECT p.id, p.code, p.slug, p.texts, p.attributes, p.options, p.listed_at, b.slug AS brand_slug, b.names AS brand,
       (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'slug', c.slug, 'names', c.names, 'schema', c.attribute_schema)
                         ORDER BY cardinality(c.path))
          FROM catalog.category c WHERE c.id = ANY(k.path)) AS categories,
       (SELECT jsonb_agg(jsonb_build_object('code', s.code, 'barcode', s.barcode, 'option_values', s.option_values)
                         ORDER BY s.id)
          FROM catalog.sku s WHERE s.product_id = p.id AND s.status = 'active') AS skus,
       offer.lowest, coming.changes_at, coalesce(stock.available, 0) AS available,
       coalesce(r.count, 0) AS review_count, coalesce(r.sum, 0) AS review_sum
  FROM catalog.product p
  JOIN catalog.category k ON k.id = p.category_id
  LEFT JOIN catalog.brand b ON b.id = p.brand_id
  LEFT JOIN reviews.summary r ON r.product_id = p.id
  LEFT JOIN LATERAL (
       SELECT min(x.amount) AS lowest
         FROM (SELECT DISTINCT ON (s.id) f.amount
                 FROM catalog.sku s
                 JOIN pricing.price f ON f.sku_id = s.id
                 JOIN pricing.price_list l ON l.id = f.list_id
                WHERE s.product_id = p.id AND s.status = 'active' AND l.channel = $1 AND f.withdrawn_at IS NULL
                  AND f.valid_from <= $2 AND (f.valid_to IS NULL OR f.valid_to > $2)
                ORDER BY s.id, l.priority DESC, l.code) x) offer ON true
  LEFT JOIN LATERAL (
       SELECT min(CASE WHEN f.valid_from > $2 THEN f.valid_from ELSE f.valid_to END) AS changes_at
         FROM catalog.sku s
         JOIN pricing.price f ON f.sku_id = s.id
        WHERE s.product_id = p.id AND s.status = 'active' AND f.withdrawn_at IS NULL
          AND (f.valid_to IS NULL OR f.valid_to > $2)) coming ON true
  LEFT JOIN LATERAL (
__AVAILABLE__) stock ON true
""".replace("__AVAILABLE__", _AVAILABLE)
SQL_STRETCH = (
    _DOCUMENT + " WHERE p.status = 'listed' AND ($3::uuid IS NULL OR p.id > $3) ORDER BY p.id LIMIT $4"
)
SQL_SOLD_IN = """
SELECT DISTINCT s.product_id FROM pricing.price f JOIN catalog.sku s ON s.id = f.sku_id
 WHERE f.withdrawn_at IS NULL AND f.list_id = ANY(ARRAY(SELECT l.id FROM pricing.price_list l WHERE l.channel = $1))
"""
SQL_LISTED = "SELECT count(*) FROM catalog.product WHERE status = 'listed'"
SQL_CHOSEN = _DOCUMENT + " WHERE p.status = 'listed' AND p.id = ANY($3::uuid[])"
SQL_STOCKS = """
SELECT p.id, coalesce((__AVAILABLE__), 0) AS available FROM catalog.product p WHERE p.id = ANY($1::uuid[])
""".replace("__AVAILABLE__", _AVAILABLE)
SQL_PRODUCTS_OF_SKUS = "SELECT id, product_id FROM catalog.sku WHERE id = ANY($1::uuid[])"
SQL_SOLD = """
SELECT l.product_id, sum(l.qty)::bigint AS sold
  FROM orders."order" o JOIN orders.line l ON l.order_id = o.id
 WHERE o.placed_at > $1 AND o.status <> 'cancelled' GROUP BY l.product_id
"""
SQL_MARK = "SELECT coalesce(max(seq), 0) FROM kit.outbox"
SQL_MISSING = """
SELECT place.seq FROM generate_series(greatest($1 - $2::bigint, 1), $1::bigint) AS place(seq)
 WHERE NOT EXISTS (SELECT FROM kit.outbox o WHERE o.seq = place.seq)
"""
# Two looks: as one with OR, the plan walks through all that ever happened, in its order.
SQL_CHANGES = """
(SELECT seq, topic, CASE WHEN topic = ANY($3::text[]) THEN payload END AS payload
   FROM kit.outbox WHERE seq > $1 ORDER BY seq LIMIT $4)
UNION ALL
SELECT seq, topic, CASE WHEN topic = ANY($3::text[]) THEN payload END AS payload
  FROM kit.outbox WHERE seq = ANY($2::bigint[]) AND seq <= $1
 ORDER BY seq LIMIT $4
"""
SQL_REPLAYED = """
SELECT ((CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)
        - '0/0'::pg_lsn)::bigint
"""
SQL_CATEGORIES_AT = "SELECT max(updated_at) FROM catalog.category WHERE updated_at > $1"
SQL_CATEGORIES_CHANGED = """
SELECT DISTINCT p.id AS product_id
  FROM catalog.category c
  JOIN catalog.category below ON c.id = ANY(below.path)
  JOIN catalog.product p ON p.category_id = below.id AND p.status = 'listed'
 WHERE c.updated_at > $1
"""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A product for the index; `changes_at` is when its price in some channel changes by itself next."""

    document: search.Document
    changes_at: datetime | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the outbox and the products and SKUs that it names.

    `priced` when their prices may change at other times from now on, `counted` when no more than their stock changed.
    """

    seq: int
    product_ids: tuple[UUID, ...] = ()
    sku_ids: tuple[UUID, ...] = ()
    priced: bool = False
    counted: bool = False


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    product_id: UUID | None = None
    sku_ids: tuple[UUID, ...] = ()


async def list_sources(
    session: Session,
    *,
    channel: str,
    at: datetime,
    sold: Mapping[UUID, int],
    after: UUID | None = None,
    limit: int = 500,
) -> tuple[Source, ...]:
    """Listed products by id, a stretch at a time."""
    rows = await session.rows(SQL_STRETCH, channel, at, after, limit)
    return tuple(_source(row, sold) for row in rows)


async def sources(
    session: Session, *, channel: str, at: datetime, sold: Mapping[UUID, int], product_ids: Sequence[UUID]
) -> tuple[Source, ...]:
    """These products, as far as they are listed."""
    rows = await session.rows(SQL_CHOSEN, channel, at, list(product_ids))
    return tuple(_source(row, sold) for row in rows)


async def stocks(session: Session, *, product_ids: Sequence[UUID]) -> dict[UUID, search.Stock]:
    """How much there is of these products, in the words of the index."""
    rows = await session.rows(SQL_STOCKS, list(product_ids))
    return {row["id"]: stock_word(row["available"]) for row in rows}


async def sold_in(session: Session, *, channel: str) -> tuple[UUID, ...]:
    """Products that have a price in a channel, or will have one, listed or not."""
    return tuple(row["product_id"] for row in await session.rows(SQL_SOLD_IN, channel))


async def products_of(session: Session, *, sku_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The product of each SKU."""
    rows = await session.rows(SQL_PRODUCTS_OF_SKUS, list(sku_ids))
    return {row["id"]: row["product_id"] for row in rows}


async def sold_lately(session: Session, *, at: datetime) -> dict[UUID, int]:
    """Units sold of each product in the last 90 days."""
    rows = await session.rows(SQL_SOLD, at - timedelta(days=SOLD_DAYS))
    return {row["product_id"]: row["sold"] for row in rows}


async def count_listed(session: Session) -> int:
    return int(await session.value(SQL_LISTED))


async def mark(session: Session) -> int:
    """The last place of the outbox."""
    return int(await session.value(SQL_MARK))


async def missing(session: Session, *, last: int, back: int) -> tuple[int, ...]:
    """Places of the `back` before one that are empty: who took them may still commit."""
    return tuple(row["seq"] for row in await session.rows(SQL_MISSING, last, back))


async def changes(session: Session, *, after: int, missing: Sequence[int], limit: int) -> tuple[Change, ...]:
    """What was told after a place, and at places that were still empty when they were passed."""
    rows = await session.rows(SQL_CHANGES, after, list(missing), list(TOPICS), limit)
    return tuple(
        _change(
            row["seq"],
            row["topic"],
            msgspec.convert(row["payload"], _Told) if row["payload"] is not None else _Told(),
        )
        for row in rows
    )


def change_of(told: Carried) -> Change:
    """What a carried event says of goods."""
    known = told.topic in TOPICS
    return _change(told.seq, told.topic, msgspec.json.decode(told.payload, type=_Told) if known else _Told())


def _change(seq: int, topic: str, told: _Told) -> Change:
    return Change(
        seq=seq,
        product_ids=() if told.product_id is None else (told.product_id,),
        sku_ids=told.sku_ids,
        priced=topic in _PRICED,
        counted=topic == _STOCKED,
    )


async def replayed(session: Session) -> int:
    """Up to where in the writing server's log this session shows everything."""
    return int(await session.value(SQL_REPLAYED) or 0)


async def categories_at(session: Session, *, since: datetime) -> datetime:
    """When a category changed last; `since` when none did after it."""
    found: datetime | None = await session.value(SQL_CATEGORIES_AT, since)
    return found or since


async def moved_categories(session: Session, *, since: datetime) -> tuple[tuple[UUID, ...], datetime]:
    """Products below categories that changed after `since`, and when the last of these changed.

    A category tells no event, so that its own time is asked for: one small statement, and the products only then.
    """
    last = await categories_at(session, since=since)
    if last == since:
        return (), since
    return tuple(row["product_id"] for row in await session.rows(SQL_CATEGORIES_CHANGED, since)), last


def _source(row: Row, sold: Mapping[UUID, int]) -> Source:
    trail: list[dict[str, Any]] = row["categories"] or []
    texts: dict[str, dict[str, str]] = row["texts"]
    skus: list[dict[str, Any]] = row["skus"] or []
    codes = [row["code"], *(sku["code"] for sku in skus), *(sku["barcode"] for sku in skus if sku["barcode"])]
    brand = search.BrandRef(slug=row["brand_slug"], names=row["brand"]) if row["brand_slug"] else None
    document = search.Document(
        product_id=row["id"],
        slug=row["slug"],
        titles={lang: text["title"] for lang, text in texts.items()},
        subtitles={lang: text["subtitle"] for lang, text in texts.items() if text.get("subtitle")},
        codes=tuple(dict.fromkeys(codes)),
        brand=brand,
        categories=tuple(
            search.CategoryRef(id=UUID(step["id"]), slug=step["slug"], names=step["names"]) for step in trail
        ),
        traits=(*_attributes(row["attributes"], trail), *_options(row["options"], skus)),
        price=row["lowest"],
        stock=stock_word(row["available"]),
        sold=sold.get(row["id"], 0),
        review_count=row["review_count"],
        review_sum=row["review_sum"],
        listed_at=row["listed_at"],
    )
    return Source(document=document, changes_at=row["changes_at"])


def _attributes(values: Mapping[str, Any], trail: Sequence[Mapping[str, Any]]) -> tuple[search.Trait, ...]:
    declared: dict[str, Any] = {}
    for step in trail:
        declared.update(step.get("schema", {}).get("properties", {}))
    found = []
    for code, value in values.items():
        given = declared.get(code)
        schema = given if isinstance(given, dict) else {}
        names = _names(schema)
        for one in value if isinstance(value, list) else [value]:
            if one is None or isinstance(one, dict | list) or one == "":
                continue
            plain = ("yes" if one else "no") if isinstance(one, bool) else str(one)
            words = {} if isinstance(one, bool) else catalog.in_words(schema, one)
            found.append(search.Trait(code=code, names=names, value=plain, value_names=words))
    return tuple(found)


def _names(schema: Mapping[str, Any]) -> dict[str, str]:
    names, title = schema.get("x-names"), schema.get("title")
    if isinstance(names, dict):
        return names
    return {"zh": title, "en": title} if isinstance(title, str) else {}


def _options(
    options: Sequence[Mapping[str, Any]], skus: Sequence[Mapping[str, Any]]
) -> tuple[search.Trait, ...]:
    """Choices that an active SKU offers."""
    offered = {pair for sku in skus for pair in sku["option_values"].items()}
    return tuple(
        search.Trait(
            code=option["code"], names=option["names"], value=value["code"], value_names=value["names"]
        )
        for option in options
        for value in option["values"]
        if (option["code"], value["code"]) in offered
    )
