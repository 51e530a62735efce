"""SQL of categories and brands, and of the names that must be unique."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.shop.catalog.facts import Brand, Category

# An arbitrary number that no other advisory lock of the house uses: "catalogue names".
SQL_LOCK_NAMES = "SELECT pg_advisory_xact_lock(7203114508)"

SQL_TAKEN_SLUGS = """
SELECT 'product' AS kind, slug FROM catalog.product WHERE slug = ANY($1::text[])
UNION ALL SELECT 'category', slug FROM catalog.category WHERE slug = ANY($2::text[])
UNION ALL SELECT 'brand', slug FROM catalog.brand WHERE slug = ANY($3::text[])
"""
SQL_CATEGORIES = """
SELECT id, parent_id, code, slug, path, names, attribute_schema, position FROM catalog.category
 ORDER BY cardinality(path), position, code
"""
SQL_CATEGORY = """
SELECT id, parent_id, code, slug, path, names, attribute_schema, position FROM catalog.category WHERE id = $1
"""
SQL_CATEGORIES_BY_CODE = """
SELECT id, parent_id, code, slug, path, names, attribute_schema, position FROM catalog.category
 WHERE code = ANY($1::text[])
"""
SQL_SCHEMAS = """
SELECT c.attribute_schema FROM catalog.category leaf
  CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS step(id, depth)
  JOIN catalog.category c ON c.id = step.id
 WHERE leaf.id = $1 ORDER BY step.depth
"""
SQL_SCHEMAS_OF_MANY = """
SELECT leaf.id, c.attribute_schema FROM catalog.category leaf
  CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS step(id, depth)
  JOIN catalog.category c ON c.id = step.id
 WHERE leaf.id = ANY($1::uuid[]) AND c.attribute_schema <> '{}'::jsonb ORDER BY leaf.id, step.depth
"""
SQL_INSERT_CATEGORIES = """
INSERT INTO catalog.category (id, parent_id, code, slug, path, names, attribute_schema, position, changed_by,
       created_at, updated_at)
SELECT r.id, r.parent_id, r.code, r.slug, r.path, r.names, r.attribute_schema, r.position, $2, $3, $3
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, parent_id uuid, code text, slug text, path uuid[],
       names jsonb, attribute_schema jsonb, position int)
"""
SQL_UPDATE_CATEGORY = """
UPDATE catalog.category SET names = $2::text::jsonb, attribute_schema = $3::text::jsonb, position = $4,
       changed_by = $5, updated_at = $6
 WHERE id = $1
"""
# Everything below the moved node keeps its tail and gets the new head; $2 is the new path of the node itself.
SQL_MOVE_CATEGORY = """
UPDATE catalog.category
   SET path = $2::uuid[] || path[array_position(path, $1::uuid) + 1 :],
       parent_id = CASE WHEN id = $1 THEN $3::uuid ELSE parent_id END, changed_by = $4, updated_at = $5
 WHERE path @> ARRAY[$1::uuid]
"""
SQL_DEEPEST = """
SELECT max(cardinality(path) - array_position(path, $1::uuid)) FROM catalog.category WHERE path @> ARRAY[$1::uuid]
"""

SQL_BRANDS = """
SELECT id, code, slug, names FROM catalog.brand WHERE $1::text IS NULL OR code > $1 ORDER BY code LIMIT $2
"""
SQL_BRAND = "SELECT id, code, slug, names FROM catalog.brand WHERE id = $1"
SQL_RENAME_BRAND = "UPDATE catalog.brand SET names = $2::text::jsonb, made_by = $3 WHERE id = $1"
SQL_BRANDS_BY_CODE = "SELECT id, code, slug, names FROM catalog.brand WHERE code = ANY($1::text[])"
SQL_INSERT_BRANDS = """
INSERT INTO catalog.brand (id, code, slug, names, made_by, created_at)
SELECT r.id, r.code, r.slug, r.names, $2, $3
  FROM jsonb_to_recordset($1::text::jsonb) AS r(id uuid, code text, slug text, names jsonb)
"""


class Slugs(msgspec.Struct, kw_only=True):
    """Slugs in use, by kind: a product may be called like a category."""

    product: set[str] = set()
    category: set[str] = set()
    brand: set[str] = set()


async def lock_names(tx: Tx) -> None:
    """Let one transaction at a time give codes and slugs, before any row lock, so that "is it free?" stays true.

    Taken by creation and imports only, so it ranks before every lock of the written order and is waited for by
    nobody who holds one.
    """
    await tx.execute(SQL_LOCK_NAMES)


async def taken_slugs(
    session: Session,
    *,
    products: Collection[str] = (),
    categories: Collection[str] = (),
    brands: Collection[str] = (),
) -> Slugs:
    taken = Slugs()
    for row in await session.rows(SQL_TAKEN_SLUGS, list(products), list(categories), list(brands)):
        getattr(taken, row["kind"]).add(row["slug"])
    return taken


async def categories(session: Session) -> tuple[Category, ...]:
    return tuple(_category(row) for row in await session.rows(SQL_CATEGORIES))


async def category(session: Session, category_id: UUID) -> Category | None:
    row = await session.row(SQL_CATEGORY, category_id)
    return _category(row) if row else None


async def categories_by_code(session: Session, codes: Collection[str]) -> dict[str, Category]:
    rows = await session.rows(SQL_CATEGORIES_BY_CODE, list(codes))
    return {row["code"]: _category(row) for row in rows}


async def schemas(session: Session, category_id: UUID) -> list[Mapping[str, Any]]:
    """Attribute schemas from the root to the category; empty when there is no such category."""
    return [row["attribute_schema"] for row in await session.rows(SQL_SCHEMAS, category_id)]


async def schemas_of_many(
    session: Session, category_ids: Collection[UUID]
) -> dict[UUID, list[Mapping[str, Any]]]:
    """Non-empty schemas from the root down, for each category that has any above or on it."""
    found: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in await session.rows(SQL_SCHEMAS_OF_MANY, list(category_ids)):
        found.setdefault(row["id"], []).append(row["attribute_schema"])
    return found


async def insert_categories(tx: Tx, added: Sequence[Category], *, by: str, now: datetime) -> None:
    await tx.execute(SQL_INSERT_CATEGORIES, msgspec.json.encode(added).decode(), by, now)


async def update_category(tx: Tx, changed: Category, *, by: str, now: datetime) -> None:
    await tx.execute(
        SQL_UPDATE_CATEGORY,
        changed.id,
        msgspec.json.encode(changed.names).decode(),
        msgspec.json.encode(changed.attribute_schema).decode(),
        changed.position,
        by,
        now,
    )


async def move_category(
    tx: Tx, *, category_id: UUID, path: Sequence[UUID], parent_id: UUID | None, by: str, now: datetime
) -> None:
    await tx.execute(SQL_MOVE_CATEGORY, category_id, path, parent_id, by, now)


async def levels_below(session: Session, category_id: UUID) -> int:
    found: int | None = await session.value(SQL_DEEPEST, category_id)
    return found or 0


async def brands(session: Session, *, after: str | None, limit: int) -> list[Brand]:
    return [Brand(**row) for row in await session.rows(SQL_BRANDS, after, limit)]


async def brand(session: Session, brand_id: UUID) -> Brand | None:
    row = await session.row(SQL_BRAND, brand_id)
    return Brand(**row) if row else None


async def brands_by_code(session: Session, codes: Collection[str]) -> dict[str, Brand]:
    return {row["code"]: Brand(**row) for row in await session.rows(SQL_BRANDS_BY_CODE, list(codes))}


async def insert_brands(tx: Tx, added: Sequence[Brand], *, by: str, now: datetime) -> None:
    await tx.execute(SQL_INSERT_BRANDS, msgspec.json.encode(added).decode(), by, now)


async def rename_brand(tx: Tx, *, brand_id: UUID, names: Mapping[str, str], by: str) -> None:
    await tx.execute(SQL_RENAME_BRAND, brand_id, msgspec.json.encode(names).decode(), by)


def _category(row: Row) -> Category:
    return Category(
        id=row["id"],
        parent_id=row["parent_id"],
        code=row["code"],
        slug=row["slug"],
        path=tuple(row["path"]),
        names=row["names"],
        attribute_schema=row["attribute_schema"],
        position=row["position"],
    )
