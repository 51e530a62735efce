"""All SQL of the room. The owner stands in every condition (U-114)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.customers.facts import SavedAddress
from daji.care.customers.rules import MAX_ADDRESSES
from daji.kit.db import Row, Session, Tx
from daji.kit.places import Address

SQL_OPEN_PLACE = """
INSERT INTO customers.book AS b (shopper_id, entries) VALUES ($1, 1)
ON CONFLICT (shopper_id) DO UPDATE SET entries = b.entries + 1 WHERE b.entries < $2
RETURNING entries
"""
SQL_LOCK_BOOK = "SELECT entries FROM customers.book WHERE shopper_id = $1 FOR UPDATE"
SQL_ADD = """
INSERT INTO customers.address
       (id, shopper_id, is_default, name, phone, country, region, city, district, line, postcode, lat, lon,
        created_at, updated_at)
VALUES ($1, $2, false, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
"""
SQL_UPDATE = """
UPDATE customers.address
   SET name = $3, phone = $4, country = $5, region = $6, city = $7, district = $8, line = $9, postcode = $10,
       lat = $11, lon = $12, updated_at = $13
 WHERE id = $1 AND shopper_id = $2
RETURNING *
"""
SQL_REMOVE = """
WITH gone AS (
    DELETE FROM customers.address WHERE id = $1 AND shopper_id = $2 RETURNING shopper_id, is_default
), fewer AS (
    UPDATE customers.book b SET entries = b.entries - 1 FROM gone WHERE b.shopper_id = gone.shopper_id
)
SELECT is_default FROM gone
"""
# Two statements, since a unique index looks at each row as it is written, and not at the end.
SQL_CLEAR_DEFAULT = """
UPDATE customers.address SET is_default = false, updated_at = $3
 WHERE shopper_id = $1 AND is_default AND id <> $2
"""
SQL_SET_DEFAULT = """
UPDATE customers.address SET is_default = true, updated_at = CASE WHEN is_default THEN updated_at ELSE $3 END
 WHERE id = $2 AND shopper_id = $1
RETURNING *
"""
SQL_NEWEST = (
    "SELECT id FROM customers.address WHERE shopper_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1"
)
SQL_GET = "SELECT * FROM customers.address WHERE id = $2 AND shopper_id = $1"
SQL_DEFAULT = "SELECT * FROM customers.address WHERE shopper_id = $1 AND is_default"
SQL_LIST = """
SELECT * FROM customers.address WHERE shopper_id = $1 ORDER BY is_default DESC, created_at DESC, id DESC LIMIT $2
"""


def _saved(row: Row) -> SavedAddress:
    return SavedAddress(
        id=row["id"],
        address=Address(
            name=row["name"],
            phone=row["phone"],
            country=row["country"],
            region=row["region"],
            city=row["city"],
            district=row["district"],
            line=row["line"],
            postcode=row["postcode"],
            lat=row["lat"],
            lon=row["lon"],
        ),
        is_default=row["is_default"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _columns(address: Address) -> tuple[object, ...]:
    return (
        address.name,
        address.phone,
        address.country,
        address.region,
        address.city,
        address.district,
        address.line,
        address.postcode,
        address.lat,
        address.lon,
    )


async def open_place(tx: Tx, shopper_id: UUID) -> int | None:
    """Count one more and hold the book's lock; the new count, or None when the book is full."""
    tx.locking("customers.address")
    entries: int | None = await tx.value(SQL_OPEN_PLACE, shopper_id, MAX_ADDRESSES)
    return entries


async def lock_book(tx: Tx, shopper_id: UUID) -> bool:
    """Hold the book's lock; False when the shopper has none."""
    tx.locking("customers.address")
    return await tx.value(SQL_LOCK_BOOK, shopper_id) is not None


async def add(tx: Tx, address_id: UUID, shopper_id: UUID, address: Address, now: datetime) -> None:
    await tx.execute(SQL_ADD, address_id, shopper_id, *_columns(address), now)


async def update(
    tx: Tx, shopper_id: UUID, address_id: UUID, address: Address, now: datetime
) -> SavedAddress | None:
    tx.locking("customers.address")
    row = await tx.row(SQL_UPDATE, address_id, shopper_id, *_columns(address), now)
    return None if row is None else _saved(row)


async def remove(tx: Tx, shopper_id: UUID, address_id: UUID) -> bool | None:
    """Whether the removed one was the default; None when there was none to remove. Under the book's lock."""
    was_default: bool | None = await tx.value(SQL_REMOVE, address_id, shopper_id)
    return was_default


async def set_default(tx: Tx, shopper_id: UUID, address_id: UUID, now: datetime) -> SavedAddress | None:
    """Move the flag; None when the shopper has no such address. Under the book's lock."""
    await tx.execute(SQL_CLEAR_DEFAULT, shopper_id, address_id, now)
    row = await tx.row(SQL_SET_DEFAULT, shopper_id, address_id, now)
    return None if row is None else _saved(row)


async def newest(session: Session, shopper_id: UUID) -> UUID | None:
    address_id: UUID | None = await session.value(SQL_NEWEST, shopper_id)
    return address_id


async def get(session: Session, shopper_id: UUID, address_id: UUID) -> SavedAddress | None:
    row = await session.row(SQL_GET, shopper_id, address_id)
    return None if row is None else _saved(row)


async def default(session: Session, shopper_id: UUID) -> SavedAddress | None:
    row = await session.row(SQL_DEFAULT, shopper_id)
    return None if row is None else _saved(row)


async def list_all(session: Session, shopper_id: UUID) -> tuple[SavedAddress, ...]:
    return tuple(_saved(row) for row in await session.rows(SQL_LIST, shopper_id, MAX_ADDRESSES))
