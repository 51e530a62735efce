"""All SQL of the room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Row, Session, Tx
from daji.reach.marketplace.facts import NewSeller, Seller

SQL_SAVE = """
INSERT INTO marketplace.seller AS s
       (id, code, name, city, region, postcode, lat, lon, status, created_at, updated_at)
SELECT n.*, $10, $10
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
              $7::double precision[], $8::double precision[], $9::text[]) AS n
ON CONFLICT (code) DO UPDATE
   SET name = excluded.name, city = excluded.city, region = excluded.region, postcode = excluded.postcode,
       lat = excluded.lat, lon = excluded.lon, status = excluded.status, updated_at = excluded.updated_at
RETURNING s.code, s.id
"""
SQL_BY_IDS = """
SELECT id, code, name, city, region, postcode, lat, lon, status
  FROM marketplace.seller WHERE id = ANY($1::uuid[]) ORDER BY code
"""
SQL_BY_CODE = """
SELECT id, code, name, city, region, postcode, lat, lon, status FROM marketplace.seller WHERE code = $1
"""
SQL_LIST = """
SELECT id, code, name, city, region, postcode, lat, lon, status
  FROM marketplace.seller
 WHERE ($1::text IS NULL OR status = $1) AND code > $2 ORDER BY code LIMIT $3
"""


def _seller(row: Row) -> Seller:
    return Seller(**row)


async def save(tx: Tx, sellers: Sequence[NewSeller], now: datetime) -> dict[str, UUID]:
    """Upsert by code, in the order given; the ids by code."""
    tx.locking("marketplace.seller")
    rows = await tx.rows(
        SQL_SAVE,
        [ids.new_id() for _ in sellers],
        [s.code for s in sellers],
        [s.name for s in sellers],
        [s.city for s in sellers],
        [s.region for s in sellers],
        [s.postcode for s in sellers],
        [s.lat for s in sellers],
        [s.lon for s in sellers],
        [s.status for s in sellers],
        now,
    )
    return {row["code"]: row["id"] for row in rows}


async def by_ids(session: Session, seller_ids: Sequence[UUID]) -> tuple[Seller, ...]:
    return tuple(_seller(row) for row in await session.rows(SQL_BY_IDS, list(seller_ids)))


async def by_code(session: Session, code: str) -> Seller | None:
    row = await session.row(SQL_BY_CODE, code)
    return None if row is None else _seller(row)


async def list_after(session: Session, status: str | None, after: str, limit: int) -> list[Seller]:
    return [_seller(row) for row in await session.rows(SQL_LIST, status, after, limit)]
