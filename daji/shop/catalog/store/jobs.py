"""SQL of import jobs and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.shop.catalog.facts import ImportJob
from daji.shop.catalog.ports import RowError

SQL_ABANDON = """
UPDATE catalog.job SET status = 'abandoned', finished_at = $2, updated_at = $2
 WHERE digest = $1 AND status = 'running'
"""
SQL_INSERT = """
INSERT INTO catalog.job (id, source, digest, status, by, started_at, updated_at)
VALUES ($1, $2, $3, 'running', $4, $5, $5) ON CONFLICT DO NOTHING
"""
SQL_ADVANCE = """
UPDATE catalog.job SET position = $3, ok = ok + $4, failed = failed + $5, updated_at = $6
 WHERE id = $1 AND status = 'running' AND position = $2
"""
SQL_ADD_ERRORS = """
INSERT INTO catalog.job_error (job_id, line, field, code, params)
SELECT $1, e.line, e.field, e.code, e.params
  FROM ROWS FROM (jsonb_to_recordset($2::text::jsonb) AS (line bigint, field text, code text, params jsonb))
       WITH ORDINALITY AS e(line, field, code, params, n)
 ORDER BY e.n
 LIMIT greatest(0, $3 - (SELECT count(*) FROM catalog.job_error WHERE job_id = $1))
"""
SQL_FINISH = """
UPDATE catalog.job SET status = 'done', finished_at = $2, updated_at = $2 WHERE id = $1 AND status = 'running'
"""
SQL_JOB = """
SELECT id, source, digest, status, position, ok, failed, by, started_at, updated_at, finished_at
  FROM catalog.job WHERE id = $1
"""
SQL_LATEST = """
SELECT id, source, digest, status, position, ok, failed, by, started_at, updated_at, finished_at
  FROM catalog.job WHERE digest = $1 AND status <> 'abandoned' ORDER BY id DESC LIMIT 1
"""
SQL_JOBS = """
SELECT id, source, digest, status, position, ok, failed, by, started_at, updated_at, finished_at
  FROM catalog.job WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""
SQL_ERRORS = """
SELECT id, line, field, code, params FROM catalog.job_error
 WHERE job_id = $1 AND ($2::bigint IS NULL OR id > $2) ORDER BY id LIMIT $3
"""


async def abandon(tx: Tx, digest: str, now: datetime) -> None:
    await tx.execute(SQL_ABANDON, digest, now)


async def insert(tx: Tx, *, job_id: UUID, source: str, digest: str, by: str, now: datetime) -> bool:
    """Insert a running job; False when another one of the same digest runs."""
    return await tx.execute(SQL_INSERT, job_id, source, digest, by, now) == 1


async def advance(
    tx: Tx, *, job_id: UUID, since: int, position: int, ok: int, failed: int, now: datetime
) -> bool:
    """Move the job on from `since`; False when it is elsewhere or has ended."""
    return await tx.execute(SQL_ADVANCE, job_id, since, position, ok, failed, now) == 1


async def add_errors(tx: Tx, *, job_id: UUID, errors: Sequence[RowError], maximum: int) -> None:
    await tx.execute(SQL_ADD_ERRORS, job_id, msgspec.json.encode(errors).decode(), maximum)


async def finish(tx: Tx, *, job_id: UUID, now: datetime) -> bool:
    return await tx.execute(SQL_FINISH, job_id, now) == 1


async def job(session: Session, job_id: UUID) -> ImportJob | None:
    row = await session.row(SQL_JOB, job_id)
    return ImportJob(**row) if row else None


async def latest(session: Session, digest: str) -> ImportJob | None:
    row = await session.row(SQL_LATEST, digest)
    return ImportJob(**row) if row else None


async def jobs(session: Session, *, after: UUID | None, limit: int) -> list[ImportJob]:
    return [ImportJob(**row) for row in await session.rows(SQL_JOBS, after, limit)]


async def errors(
    session: Session, *, job_id: UUID, after: int | None, limit: int
) -> list[tuple[int, RowError]]:
    """Stored errors with their serial numbers, in the order they were met."""
    rows = await session.rows(SQL_ERRORS, job_id, after, limit)
    return [(row["id"], _error(row)) for row in rows]


def _error(row: Row) -> RowError:
    params: dict[str, Any] = row["params"]
    return RowError(line=row["line"], field=row["field"], code=row["code"], params=params)
