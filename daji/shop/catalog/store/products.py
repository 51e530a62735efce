"""SQL that reads products and SKUs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.shop.catalog import rules
from daji.shop.catalog.facts import (
    HistoryEntry,
    MediaRef,
    Option,
    Product,
    Sku,
    SkuForSale,
    Text,
)

SQL_PRODUCT = """
SELECT p.id, p.seller_id, p.code, p.slug, p.category_id, p.brand_id, p.status, p.texts, p.attributes, p.options,
       p.media, p.image_names, p.version, p.created_at, p.listed_at,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.status, s.id), '[]'::jsonb)
          FROM catalog.sku s WHERE s.product_id = p.id) AS skus
  FROM catalog.product p WHERE p.id = $1
"""
SQL_PRODUCT_BY_SLUG = """
SELECT p.id, p.seller_id, p.code, p.slug, p.category_id, p.brand_id, p.status, p.texts, p.attributes, p.options,
       p.media, p.image_names, p.version, p.created_at, p.listed_at,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.status, s.id), '[]'::jsonb)
          FROM catalog.sku s WHERE s.product_id = p.id) AS skus
  FROM catalog.product p WHERE p.slug = $1
"""
SQL_PRODUCTS_BY_CODE = """
SELECT p.id, p.seller_id, p.code, p.slug, p.category_id, p.brand_id, p.status, p.texts, p.attributes, p.options,
       p.media, p.image_names, p.version, p.created_at, p.listed_at,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.status, s.id), '[]'::jsonb)
          FROM catalog.sku s WHERE s.product_id = p.id) AS skus
  FROM catalog.product p WHERE p.code = ANY($1::text[])
"""
SQL_LOCK_BY_CODE = "SELECT id FROM catalog.product WHERE code = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE"
SQL_LOCK_PRODUCT = "SELECT id FROM catalog.product WHERE id = $1 FOR NO KEY UPDATE"
SQL_CODE_EXISTS = "SELECT EXISTS (SELECT FROM catalog.product WHERE code = $1)"
SQL_SKU_OWNERS = "SELECT code, product_id FROM catalog.sku WHERE code = ANY($1::text[])"
SQL_SKU = """
SELECT id, product_id, code, barcode, option_values, weight_g, size_mm, status, media_id
  FROM catalog.sku WHERE id = $1
"""
SQL_SKU_IDS = "SELECT code, id FROM catalog.sku WHERE code = ANY($1::text[])"
SQL_ACTIVE_SKU_IDS = """
SELECT id FROM catalog.sku WHERE product_id = ANY($1::uuid[]) AND status = 'active' ORDER BY product_id, id
"""
SQL_FOR_SALE = """
SELECT s.id, s.code, s.product_id, p.slug, p.seller_id, p.options, s.option_values, s.weight_g, p.category_id,
       coalesce(s.media_id, (p.media -> 0 ->> 'media_id')::uuid) AS media_id,
       s.status = 'active' AND p.status = 'listed' AS sellable,
       (SELECT jsonb_object_agg(t.lang, t.body ->> 'title') FROM jsonb_each(p.texts) AS t(lang, body)) AS titles
  FROM catalog.sku s JOIN catalog.product p ON p.id = s.product_id
 WHERE s.id = ANY($1::uuid[])
"""
SQL_HISTORY = """
SELECT id, product_id, verb, by, at, note, diff FROM catalog.history
 WHERE product_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def product(session: Session, product_id: UUID) -> Product | None:
    row = await session.row(SQL_PRODUCT, product_id)
    return read_product(row) if row else None


async def product_by_slug(session: Session, slug: str) -> Product | None:
    row = await session.row(SQL_PRODUCT_BY_SLUG, slug)
    return read_product(row) if row else None


async def locked_product(tx: Tx, product_id: UUID) -> Product | None:
    """Lock the product, then read it: a row read while waiting for the lock could be a version too old."""
    tx.locking("catalog.product")
    if await tx.row(SQL_LOCK_PRODUCT, product_id) is None:
        return None
    return await product(tx, product_id)


async def lock_by_code(tx: Tx, codes: Collection[str]) -> None:
    """Lock the products of an import batch, in id order.

    Not announced as `catalog.product`: the batch goes on to lock balances of SKUs that it made itself, which
    nobody else can hold, so the written order's promise stands although the announcement would be refused.
    """
    await tx.rows(SQL_LOCK_BY_CODE, list(codes))


async def by_code(session: Session, codes: Collection[str]) -> dict[str, Product]:
    rows = await session.rows(SQL_PRODUCTS_BY_CODE, list(codes))
    return {row["code"]: read_product(row) for row in rows}


async def code_exists(session: Session, code: str) -> bool:
    found: bool = await session.value(SQL_CODE_EXISTS, code)
    return found


async def sku_owners(session: Session, codes: Collection[str]) -> dict[str, UUID]:
    """Product of each SKU code that exists."""
    return {row["code"]: row["product_id"] for row in await session.rows(SQL_SKU_OWNERS, list(codes))}


async def sku(session: Session, sku_id: UUID) -> Sku | None:
    row = await session.row(SQL_SKU, sku_id)
    return msgspec.convert(dict(row), Sku) if row else None


async def sku_ids(session: Session, codes: Collection[str]) -> dict[str, UUID]:
    return {row["code"]: row["id"] for row in await session.rows(SQL_SKU_IDS, list(codes))}


async def active_sku_ids(session: Session, product_ids: Sequence[UUID]) -> list[UUID]:
    return [row["id"] for row in await session.rows(SQL_ACTIVE_SKU_IDS, list(product_ids))]


async def for_sale(session: Session, sku_ids: Sequence[UUID]) -> tuple[SkuForSale, ...]:
    return tuple(_for_sale(row) for row in await session.rows(SQL_FOR_SALE, sku_ids))


async def history(
    session: Session, *, product_id: UUID, after: UUID | None, limit: int
) -> list[HistoryEntry]:
    return [HistoryEntry(**row) for row in await session.rows(SQL_HISTORY, product_id, after, limit)]


def read_product(row: Row) -> Product:
    return Product(
        id=row["id"],
        seller_id=row["seller_id"],
        code=row["code"],
        slug=row["slug"],
        category_id=row["category_id"],
        brand_id=row["brand_id"],
        status=row["status"],
        texts=msgspec.convert(row["texts"], dict[str, Text]),
        attributes=row["attributes"],
        options=msgspec.convert(row["options"], tuple[Option, ...]),
        media=msgspec.convert(row["media"], tuple[MediaRef, ...]),
        image_names=tuple(row["image_names"]),
        skus=msgspec.convert(row["skus"], tuple[Sku, ...]),
        version=row["version"],
        created_at=row["created_at"],
        listed_at=row["listed_at"],
    )


def _for_sale(row: Row) -> SkuForSale:
    options = msgspec.convert(row["options"], tuple[Option, ...])
    return SkuForSale(
        id=row["id"],
        code=row["code"],
        product_id=row["product_id"],
        slug=row["slug"],
        seller_id=row["seller_id"],
        titles=row["titles"],
        option_texts=rules.option_texts(tuple(row["titles"]), options, row["option_values"]),
        weight_g=row["weight_g"],
        category_id=row["category_id"],
        media_id=row["media_id"],
        sellable=row["sellable"],
    )
