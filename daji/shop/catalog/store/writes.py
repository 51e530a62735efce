"""SQL that writes products, SKUs and history; one statement however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from daji.kit.db import Tx
from daji.shop.catalog import naming
from daji.shop.catalog.facts import HistoryEntry, Product, Sku

SQL_INSERT_PRODUCTS = """
INSERT INTO catalog.product (id, seller_id, code, slug, category_id, brand_id, status, texts, attributes, options, media,
       image_names, search_text, sort_title, version, created_at, updated_at, listed_at)
SELECT r.id, r.seller_id, r.code, r.slug, r.category_id, r.brand_id, r.status, r.texts, r.attributes, r.options, r.media,
       r.image_names, r.search_text, r.sort_title, r.version, r.created_at, r.created_at, r.listed_at
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, seller_id uuid, code text, slug text, category_id uuid,
       brand_id uuid, status text, texts jsonb, attributes jsonb, options jsonb, media jsonb, image_names jsonb,
       search_text text, sort_title text, version int, created_at timestamptz, listed_at timestamptz)
"""
SQL_UPDATE_PRODUCTS = """
UPDATE catalog.product p
   SET slug = r.slug, category_id = r.category_id, brand_id = r.brand_id, status = r.status, texts = r.texts,
       attributes = r.attributes, options = r.options, media = r.media, image_names = r.image_names,
       search_text = r.search_text, sort_title = r.sort_title, listed_at = r.listed_at, version = r.version,
       updated_at = $2
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, slug text, category_id uuid, brand_id uuid, status text,
       texts jsonb, attributes jsonb, options jsonb, media jsonb, image_names jsonb, search_text text,
       sort_title text, listed_at timestamptz, version int)
 WHERE p.id = r.id AND p.version = r.version - 1
"""
SQL_INSERT_SKUS = """
INSERT INTO catalog.sku (id, product_id, code, barcode, option_values, weight_g, size_mm, status, media_id, created_at)
SELECT r.id, r.product_id, r.code, r.barcode, r.option_values, r.weight_g, r.size_mm, r.status, r.media_id, $2
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, product_id uuid, code text, barcode text,
       option_values jsonb, weight_g int, size_mm int[], status text, media_id uuid)
"""
SQL_UPDATE_SKUS = """
UPDATE catalog.sku s
   SET barcode = r.barcode, option_values = r.option_values, weight_g = r.weight_g, size_mm = r.size_mm,
       status = r.status, media_id = r.media_id
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, barcode text, option_values jsonb, weight_g int,
       size_mm int[], status text, media_id uuid)
 WHERE s.id = r.id
"""
SQL_INSERT_HISTORY = """
INSERT INTO catalog.history (id, product_id, verb, by, at, note, diff)
SELECT r.id, r.product_id, r.verb, r.by, r.at, r.note, r.diff
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, product_id uuid, verb text, by text, at timestamptz,
       note text, diff jsonb)
"""


async def insert_products(tx: Tx, added: Sequence[Product]) -> None:
    await tx.execute(SQL_INSERT_PRODUCTS, _product_rows(added))


async def update_products(tx: Tx, changed: Sequence[Product], now: datetime) -> int:
    """Write products whose version was raised by one; how many still had the version before."""
    return await tx.execute(SQL_UPDATE_PRODUCTS, _product_rows(changed), now)


async def insert_skus(tx: Tx, added: Sequence[Sku], now: datetime) -> None:
    await tx.execute(SQL_INSERT_SKUS, msgspec.json.encode(added).decode(), now)


async def update_skus(tx: Tx, changed: Sequence[Sku]) -> None:
    await tx.execute(SQL_UPDATE_SKUS, msgspec.json.encode(changed).decode())


async def insert_history(tx: Tx, entries: Sequence[HistoryEntry]) -> None:
    await tx.execute(SQL_INSERT_HISTORY, msgspec.json.encode(entries).decode())


def _product_rows(products: Sequence[Product]) -> str:
    rows = []
    for product in products:
        row: dict[str, object] = {
            field: getattr(product, field) for field in product.__struct_fields__ if field != "skus"
        }
        row["search_text"] = naming.search_text(product.code, product.texts)
        row["sort_title"] = naming.sort_title(product.texts)
        rows.append(row)
    return msgspec.json.encode(rows).decode()
