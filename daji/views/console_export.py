"""The catalogue as a table that can be imported again: one line a SKU, in the columns of an import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit import money
from daji.kit.db import Row, Session
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

PAGE = 200

SQL_COLUMNS = """
SELECT ARRAY(SELECT DISTINCT k FROM catalog.product p, jsonb_object_keys(p.texts) AS k ORDER BY k) AS langs,
       ARRAY(SELECT DISTINCT k FROM catalog.product p, jsonb_object_keys(p.attributes) AS k ORDER BY k) AS attributes,
       ARRAY(SELECT DISTINCT o ->> 'code' AS k FROM catalog.product p, jsonb_array_elements(p.options) AS o ORDER BY k)
         AS options
"""
SQL_EXPORT = """
SELECT p.id, p.code, p.texts, p.attributes, p.image_names, p.status, m.code AS seller_code, b.code AS brand,
       b.names AS brand_names,
       (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'names', c.names) ORDER BY cardinality(c.path))
          FROM catalog.category leaf JOIN catalog.category c ON c.id = ANY(leaf.path)
         WHERE leaf.id = p.category_id) AS trail,
       (SELECT coalesce(jsonb_agg(to_jsonb(s) || jsonb_build_object('amount', f.amount, 'compare_at', f.compare_at)
                                  ORDER BY s.id), '[]'::jsonb)
          FROM catalog.sku s
          LEFT JOIN LATERAL (
               SELECT x.amount, x.compare_at FROM pricing.price x
                WHERE x.sku_id = s.id AND x.list_id = $1 AND x.withdrawn_at IS NULL
                  AND x.valid_from <= $2 AND (x.valid_to IS NULL OR x.valid_to > $2) LIMIT 1) f ON true
         WHERE s.product_id = p.id AND s.status = 'active') AS skus
  FROM catalog.product p
  LEFT JOIN catalog.brand b ON b.id = p.brand_id
  LEFT JOIN marketplace.seller m ON m.id = p.seller_id
 WHERE p.status <> 'archived' AND ($3::uuid IS NULL OR p.id > $3)
 ORDER BY p.id LIMIT $4
"""

_LANGS = ("zh", "en")


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """What the lines of an export have in common."""

    header: tuple[str, ...]
    list_id: UUID | None
    currency: str
    at: datetime


class ExportPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines, and the product after which the next begin; None: there are no more."""

    rows: tuple[tuple[str, ...], ...]
    after: UUID | None


async def begin(session: Session, *, price_list: UUID | None, at: datetime) -> Export:
    """Work out the columns; without a price list the columns of prices stay empty. Raises NotFound."""
    chosen = await pricing.get_list(session, list_id=price_list) if price_list else None
    row = await session.row(SQL_COLUMNS)
    found: Mapping[str, Any] = dict(row) if row else {"langs": [], "attributes": [], "options": []}
    langs = [*_LANGS, *(lang for lang in found["langs"] if lang not in _LANGS)]
    header = ["product_code", "sku_code", "seller_code", "category"]
    header += [f"category.{lang}" for lang in _LANGS]
    header += ["brand", *(f"brand.{lang}" for lang in _LANGS)]
    header += [f"{name}.{lang}" for lang in langs for name in ("title", "subtitle", "description")]
    header += ["price", "compare_at", "currency", "weight_g", "length_mm", "width_mm", "height_mm"]
    header += ["barcode", "images", "list"]
    header += [f"option.{code}" for code in found["options"]]
    header += [f"attribute.{code}" for code in found["attributes"]]
    return Export(
        header=tuple(header),
        list_id=chosen.id if chosen else None,
        currency=chosen.currency if chosen else "CNY",
        at=at,
    )


async def read_page(session: Session, export: Export, *, after: UUID | None) -> ExportPage:
    """The SKUs of the next `PAGE` products. One statement."""
    rows = await session.rows(SQL_EXPORT, export.list_id, export.at, after, PAGE)
    lines = [
        tuple(line.get(name, "") for name in export.header)
        for row in rows
        for line in _lines(row, export.currency)
    ]
    return ExportPage(rows=tuple(lines), after=rows[-1]["id"] if len(rows) == PAGE else None)


def _lines(row: Row, currency: str) -> list[dict[str, str]]:
    """The first line of a product says all of it; the others add a SKU each."""
    lines = []
    for number, sku in enumerate(row["skus"]):
        line = {
            "product_code": row["code"],
            "sku_code": sku["code"],
            "seller_code": row["seller_code"] or "",
            "price": _major(sku["amount"], currency),
            "compare_at": _major(sku["compare_at"], currency),
            "currency": currency,
            "weight_g": str(sku["weight_g"]),
            "barcode": sku["barcode"] or "",
            **{f"option.{code}": value for code, value in sku["option_values"].items()},
        }
        if sku["size_mm"]:
            line |= dict(zip(("length_mm", "width_mm", "height_mm"), map(str, sku["size_mm"]), strict=True))
        lines.append(line | _head(row) if number == 0 else line)
    return lines


def _head(row: Row) -> dict[str, str]:
    trail = row["trail"]
    head = {
        "category": " > ".join(one["code"] for one in trail),
        "brand": row["brand"] or "",
        "images": " | ".join(row["image_names"]),
        "list": "1" if row["status"] == "listed" else "0",
    }
    for lang in _LANGS:
        head[f"category.{lang}"] = " > ".join(one["names"].get(lang) or one["code"] for one in trail)
        head[f"brand.{lang}"] = (row["brand_names"] or {}).get(lang, "")
    for lang, text in row["texts"].items():
        head |= {f"{name}.{lang}": text.get(name, "") for name in ("title", "subtitle", "description")}
    return head | {
        f"attribute.{code}": catalog.written_attribute(value) for code, value in row["attributes"].items()
    }


def _major(amount: int | None, currency: str) -> str:
    return "" if amount is None else str(money.Money(amount, currency).to_decimal())
