"""Everything of the shop that a crawler may read: slugs with when they last changed. One statement each."""

from __future__ import annotations

from datetime import datetime

import msgspec

from daji.kit.db import Session

PER_FILE = 5_000
"""Products of one file; the protocol allows 50,000 addresses, of which each product has one per language."""

SQL_COUNT = "SELECT count(*) AS n, max(updated_at) AS at FROM catalog.product WHERE status = 'listed'"
SQL_PRODUCTS = """
SELECT slug, updated_at FROM catalog.product WHERE status = 'listed' ORDER BY id OFFSET $1 LIMIT $2
"""
SQL_CATEGORIES = "SELECT slug, updated_at FROM catalog.category ORDER BY id LIMIT $1"


class Address(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    changed_at: datetime


async def count_files(session: Session) -> tuple[int, datetime | None]:
    """How many files the products fill, and when the last of them changed."""
    row = await session.row(SQL_COUNT)
    if row is None:
        raise AssertionError("a count has a row")
    return -(-row["n"] // PER_FILE), row["at"]


async def list_products(session: Session, *, file: int) -> tuple[Address, ...]:
    """The products of one file, the first being 0."""
    rows = await session.rows(SQL_PRODUCTS, file * PER_FILE, PER_FILE)
    return tuple(Address(slug=row["slug"], changed_at=row["updated_at"]) for row in rows)


async def list_categories(session: Session) -> tuple[Address, ...]:
    rows = await session.rows(SQL_CATEGORIES, PER_FILE)
    return tuple(Address(slug=row["slug"], changed_at=row["updated_at"]) for row in rows)
