"""Sites: opened once, found by code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory.facts import Availability, NewSite, Site
from daji.fulfil.inventory.store.inward import as_availability
from daji.kit import ids
from daji.kit.db import Row, Session, Tx

SQL_OPEN = """
INSERT INTO inventory.site
       (id, code, name, kind, seller_id, country, region, city, postcode, lat, lon, priority, created_at)
SELECT *, $13::timestamptz
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::float8[], $11::float8[], $12::int[])
ON CONFLICT (code) DO NOTHING
"""
SQL_BY_CODE = """
SELECT id, code, name, kind, seller_id, country, region, city, postcode, lat, lon, priority, active
  FROM inventory.site WHERE code = ANY($1::text[])
"""
SQL_LIST = """
SELECT id, code, name, kind, seller_id, country, region, city, postcode, lat, lon, priority, active
  FROM inventory.site
 WHERE ($1::uuid[] IS NULL OR id = ANY($1))
   AND ($2::uuid[] IS NULL OR seller_id = ANY($2) OR ($3::bool AND seller_id IS NULL))
 ORDER BY priority DESC, code
"""
SQL_SOURCES = """
SELECT b.sku_id, b.site_id, b.on_hand, b.held, b.quarantined, s.id, s.code, s.name, s.kind, s.seller_id, s.country,
       s.region, s.city, s.postcode, s.lat, s.lon, s.priority, s.active
  FROM inventory.balance b JOIN inventory.site s ON s.id = b.site_id AND s.active
 WHERE b.sku_id = ANY($1::uuid[])
 ORDER BY s.priority DESC, s.code, b.sku_id
"""


async def open_all(tx: Tx, *, sites: Sequence[NewSite], now: datetime) -> None:
    await tx.execute(
        SQL_OPEN,
        [ids.new_id() for _ in sites],
        [site.code for site in sites],
        [site.name for site in sites],
        [site.kind for site in sites],
        [site.seller_id for site in sites],
        [site.country for site in sites],
        [site.region for site in sites],
        [site.city for site in sites],
        [site.postcode for site in sites],
        [site.lat for site in sites],
        [site.lon for site in sites],
        [site.priority for site in sites],
        now,
    )


async def by_code(session: Session, *, codes: Sequence[str]) -> tuple[Site, ...]:
    return tuple(_site(row) for row in await session.rows(SQL_BY_CODE, list(codes)))


async def listed(
    session: Session, *, ids: Sequence[UUID] | None, seller_ids: Sequence[UUID | None] | None
) -> tuple[Site, ...]:
    """Sites of these ids and sellers; None among the sellers means the house's own places."""
    sellers = None if seller_ids is None else [seller for seller in seller_ids if seller is not None]
    own = seller_ids is not None and None in seller_ids
    rows = await session.rows(SQL_LIST, None if ids is None else list(ids), sellers, own)
    return tuple(_site(row) for row in rows)


async def sources(
    session: Session, sku_ids: Sequence[UUID]
) -> tuple[tuple[Availability, ...], tuple[Site, ...]]:
    """Balances of these SKUs at open places, and those places, the highest priority first."""
    rows = await session.rows(SQL_SOURCES, list(sku_ids))
    sites = {row["id"]: row for row in reversed(rows)}
    return (
        tuple(as_availability(row) for row in rows),
        tuple(
            Site(**{name: sites[site_id][name] for name in Site.__struct_fields__})
            for site_id in dict.fromkeys(row["id"] for row in rows)
        ),
    )


def _site(row: Row) -> Site:
    return Site(**dict(row))
