"""A product's page: texts, options, SKUs with price and stock, the way up the tree, stars. One statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit import made_of
from daji.kit.db import Session
from daji.kit.problems import NotFound
from daji.shop.catalog import api as catalog
from daji.views.shots import Shot
from daji.views.store_cards import LOW_STOCK, Stock, stock_word
from daji.views.store_shell import TrailStep

MAX_QTY_SHOWN = 999

_PRODUCT = """
SELECT p.id, p.code, p.slug, p.seller_id, p.category_id, p.texts, p.attributes, p.options, p.media, p.listed_at,
       b.names AS brand, m.name AS seller,
       coalesce(r.count, 0) AS review_count, coalesce(r.sum, 0) AS review_sum,
       ARRAY[coalesce(r.n1, 0), coalesce(r.n2, 0), coalesce(r.n3, 0), coalesce(r.n4, 0), coalesce(r.n5, 0)] AS histogram,
       (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'slug', c.slug, 'names', c.names,
                                            'schema', c.attribute_schema) ORDER BY cardinality(c.path))
          FROM catalog.category c WHERE c.id = ANY(k.path)) AS trail,
       (SELECT jsonb_agg(jsonb_build_object('id', m.id, 'width', m.width, 'height', m.height, 'blur', m.blur,
                                            'widths', jsonb_path_query_array(m.renditions, '$[*].width')))
          FROM media.media m
         WHERE m.kind = 'image'
           AND (m.id IN (SELECT (one ->> 'media_id')::uuid FROM jsonb_array_elements(p.media) AS x(one))
                OR m.id IN (SELECT s.media_id FROM catalog.sku s WHERE s.product_id = p.id))) AS shots,
       (SELECT jsonb_agg(jsonb_build_object('id', s.id, 'code', s.code, 'option_values', s.option_values,
                                            'weight_g', s.weight_g, 'media_id', s.media_id,
                                            'amount', offer.amount, 'compare_at', offer.compare_at,
                                            'currency', offer.currency, 'available', coalesce(stock.available, 0))
                         ORDER BY s.id)
          FROM catalog.sku s
          LEFT JOIN LATERAL (
               SELECT f.amount, f.compare_at, l.currency
                 FROM pricing.price f JOIN pricing.price_list l ON l.id = f.list_id
                WHERE f.sku_id = s.id AND l.channel = $2 AND f.withdrawn_at IS NULL
                  AND f.valid_from <= $3 AND (f.valid_to IS NULL OR f.valid_to > $3)
                ORDER BY l.priority DESC, l.code LIMIT 1) offer ON true
          LEFT JOIN LATERAL (
               SELECT sum(v.on_hand - v.held)::bigint AS available
                 FROM inventory.balance v
                 JOIN inventory.site t ON t.id = v.site_id AND t.active
                      AND t.seller_id IS NOT DISTINCT FROM p.seller_id
                WHERE v.sku_id = s.id) stock ON true
         WHERE s.product_id = p.id AND s.status = 'active') AS skus
  FROM catalog.product p
  JOIN catalog.category k ON k.id = p.category_id
  LEFT JOIN catalog.brand b ON b.id = p.brand_id
  LEFT JOIN marketplace.seller m ON m.id = p.seller_id
  LEFT JOIN reviews.summary r ON r.product_id = p.id
 WHERE p.status = 'listed' AND """
# Two statements: with one for both, the server would plan it anew each time, which takes longer than to run it.
SQL_BY_SLUG = _PRODUCT + "p.slug = $1"
SQL_BY_ID = _PRODUCT + "p.id = $1"


class SkuOffer(msgspec.Struct, frozen=True, kw_only=True):
    """One choice: `amount` None when it has no price here; `left` is told only when little is left."""

    id: UUID
    code: str
    option_values: dict[str, str]
    weight_g: int
    media_id: UUID | None
    amount: int | None
    compare_at: int | None
    currency: str | None
    stock: Stock
    left: int | None

    @property
    def buyable(self) -> bool:
        return self.amount is not None and self.stock != "sold_out"


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A property of the product; `names` come from the category's schema, the bare key when it gives none.

    `words` are the value as a reader sees it, by language, with its unit; `value` is the same without the words.
    """

    code: str
    names: dict[str, str]
    value: str
    words: dict[str, str]


class ProductPage(msgspec.Struct, frozen=True, kw_only=True):
    """`media` are its pictures, `shots` what is known of these and of its SKUs' pictures, `model_id` its 3D model.

    `histogram` counts the shown reviews with 1 to 5 stars, in this order.
    """

    id: UUID
    code: str
    slug: str
    seller_id: UUID | None
    seller: str | None
    brand: dict[str, str] | None
    texts: dict[str, catalog.Text]
    options: tuple[catalog.Option, ...]
    media: tuple[catalog.MediaRef, ...]
    shots: dict[UUID, Shot]
    model_id: UUID | None
    attributes: tuple[Attribute, ...]
    trail: tuple[TrailStep, ...]
    skus: tuple[SkuOffer, ...]
    review_count: int
    review_sum: int
    histogram: tuple[int, ...]
    listed_at: datetime | None

    @property
    def gallery(self) -> tuple[UUID, ...]:
        """Pictures to look through: the product's own, then those of its SKUs that are not among them."""
        own = [one.media_id for one in self.media]
        return tuple(dict.fromkeys([*own, *(sku.media_id for sku in self.skus if sku.media_id)]))

    @property
    def pictured(self) -> str | None:
        """The option whose values look different, such as the colour; None when no picture follows a choice."""
        for option in self.options:
            seen = {value.code: set[UUID | None]() for value in option.values}
            for sku in self.skus:
                seen.setdefault(sku.option_values.get(option.code, ""), set()).add(sku.media_id)
            pictures = [found for found in seen.values() if found]
            told_apart = len({frozenset(found) for found in pictures}) == len(pictures)
            if (
                told_apart
                and len(pictures) > 1
                and all(len(one) == 1 and None not in one for one in pictures)
            ):
                return option.code
        return None


class _SkuRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    option_values: dict[str, str]
    weight_g: int
    media_id: UUID | None
    amount: int | None
    compare_at: int | None
    currency: str | None
    available: int


async def get_product_page(
    session: Session, *, channel: str, at: datetime, slug: str | None = None, product_id: UUID | None = None
) -> ProductPage:
    """A listed product by slug or id; NotFound for one that is not for sale here, too."""
    # A slug is ASCII; anything else can be no product's, and U+0000 could not even be asked for.
    asked = slug if slug is not None and slug.isascii() and slug.isprintable() else None
    if product_id is not None:
        row = await session.row(SQL_BY_ID, product_id, channel, at)
    else:
        row = await session.row(SQL_BY_SLUG, asked, channel, at)
    if row is None:
        raise NotFound(kind="product")
    made_of.note((row["id"],))
    trail: list[dict[str, Any]] = row["trail"] or []
    media = msgspec.convert(row["media"], tuple[catalog.MediaRef, ...])
    return ProductPage(
        id=row["id"],
        code=row["code"],
        slug=row["slug"],
        seller_id=row["seller_id"],
        seller=row["seller"],
        brand=row["brand"],
        texts=msgspec.convert(row["texts"], dict[str, catalog.Text]),
        options=msgspec.convert(row["options"], tuple[catalog.Option, ...]),
        media=tuple(one for one in media if one.kind == "image"),
        shots={shot.id: shot for shot in msgspec.convert(row["shots"] or [], tuple[Shot, ...])},
        model_id=next((one.media_id for one in media if one.kind == "model3d"), None),
        attributes=_attributes(row["attributes"], trail),
        trail=msgspec.convert(trail, tuple[TrailStep, ...]),
        skus=tuple(_sku(sku) for sku in msgspec.convert(row["skus"] or [], tuple[_SkuRow, ...])),
        review_count=row["review_count"],
        review_sum=row["review_sum"],
        histogram=tuple(row["histogram"]),
        listed_at=row["listed_at"],
    )


def _sku(row: _SkuRow) -> SkuOffer:
    stock = stock_word(row.available)
    return SkuOffer(
        id=row.id,
        code=row.code,
        option_values=row.option_values,
        weight_g=row.weight_g,
        media_id=row.media_id,
        amount=row.amount,
        compare_at=row.compare_at,
        currency=row.currency,
        stock=stock,
        left=row.available if 0 < row.available <= LOW_STOCK else None,
    )


def _attributes(values: dict[str, Any], trail: list[dict[str, Any]]) -> tuple[Attribute, ...]:
    """Name each attribute as the nearest category's schema does: `title`, or `x-names` by language."""
    properties: dict[str, Any] = {}
    for step in trail:
        properties.update(step.get("schema", {}).get("properties", {}))
    found = []
    for code, value in values.items():
        declared = properties.get(code)
        schema = declared if isinstance(declared, dict) else {}
        names = schema.get("x-names")
        title = schema.get("title")
        if not isinstance(names, dict):
            names = {"zh": title, "en": title} if isinstance(title, str) else {}
        words = catalog.in_words(schema, value)
        found.append(Attribute(code=code, names=names, value=_plain(value), words=words))
    return tuple(found)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " · ".join(_plain(item) for item in value)
    if isinstance(value, bool):
        return "✓" if value else "—"
    return "" if value is None else str(value)
