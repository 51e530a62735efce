"""All SQL of the room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.workspace.facts import SavedView
from daji.kit.db import Row, Session, Tx

SQL_LIST = """
SELECT id, list, name, query, saved_at FROM workspace.saved_view
 WHERE account_id = $1 AND ($2::text IS NULL OR list = $2) ORDER BY list, name LIMIT $3
"""
SQL_COUNT_OTHERS = """
SELECT count(*) FROM workspace.saved_view WHERE account_id = $1 AND list = $2 AND name <> $3
"""
SQL_PUT = """
INSERT INTO workspace.saved_view AS v (id, account_id, list, name, query, saved_at)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6)
ON CONFLICT (account_id, list, name) DO UPDATE SET query = excluded.query, saved_at = excluded.saved_at
RETURNING id, list, name, query, saved_at
"""
SQL_DROP = "DELETE FROM workspace.saved_view WHERE id = $1 AND account_id = $2"


def _view(row: Row) -> SavedView:
    return SavedView(**dict(row))


async def listed(session: Session, account_id: UUID, list_: str | None, most: int) -> tuple[SavedView, ...]:
    return tuple(_view(row) for row in await session.rows(SQL_LIST, account_id, list_, most))


async def count_others(session: Session, account_id: UUID, list_: str, name: str) -> int:
    """How many views of this list the person has under other names."""
    return int(await session.value(SQL_COUNT_OTHERS, account_id, list_, name))


async def put(
    tx: Tx, view_id: UUID, account_id: UUID, *, list_: str, name: str, query: Mapping[str, str], now: datetime
) -> SavedView:
    encoded = msgspec.json.encode(query).decode()
    row = await tx.row(SQL_PUT, view_id, account_id, list_, name, encoded, now)
    if row is None:
        raise AssertionError("an insert that returns has a row")
    return _view(row)


async def drop(tx: Tx, view_id: UUID, account_id: UUID) -> bool:
    """False when the person has no such view."""
    return await tx.execute(SQL_DROP, view_id, account_id) > 0
