"""All SQL of the room."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx

SQL_LIST = "SELECT key, value, version, changed_by, changed_at FROM settings.entry"
SQL_GET = "SELECT key, value, version, changed_by, changed_at FROM settings.entry WHERE key = $1"
SQL_PUT = """
INSERT INTO settings.entry AS e (key, value, version, changed_by, changed_at)
SELECT $1::text, $2::text::jsonb, 1, $3::uuid, $4::timestamptz
 WHERE $5::int = 0 OR EXISTS (SELECT 1 FROM settings.entry WHERE key = $1::text)
ON CONFLICT (key) DO UPDATE
   SET value = excluded.value, version = e.version + 1, changed_by = excluded.changed_by,
       changed_at = excluded.changed_at
 WHERE e.version = $5::int
RETURNING key, value, version, changed_by, changed_at
"""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row; `value` is whatever JSON holds."""

    key: str
    value: Any
    version: int
    changed_by: UUID | None
    changed_at: datetime


def _entry(row: Row) -> Entry:
    return Entry(**dict(row))


async def listed(session: Session) -> tuple[Entry, ...]:
    return tuple(_entry(row) for row in await session.rows(SQL_LIST))


async def get(session: Session, key: str) -> Entry | None:
    row = await session.row(SQL_GET, key)
    return None if row is None else _entry(row)


async def put(
    tx: Tx, key: str, value: object, *, version: int, by: UUID | None, now: datetime
) -> Entry | None:
    """Write if `version` is the one that stands (0: none); None when it is not."""
    tx.locking("settings.entry")
    encoded = msgspec.json.encode(value).decode()
    row = await tx.row(SQL_PUT, key, encoded, by, now, version)
    return None if row is None else _entry(row)
