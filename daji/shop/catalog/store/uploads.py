"""SQL of uploaded files of goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Row, Session, Tx
from daji.shop.catalog.facts import Upload, UploadColumn
from daji.shop.catalog.ports import RowError

SQL_INSERT = """
INSERT INTO catalog.upload (id, name, content, bytes, rows, columns, mapping, lang, currency, status, by, made_at,
       updated_at)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, $7::text::jsonb, $8, $9, 'uploaded', $10, $11, $11)
"""
SQL_UPLOAD = """
SELECT id, name, bytes, rows, columns, mapping, lang, currency, list_id, site_id, status, done, ok, failed, trouble,
       job_id, by, made_at, updated_at
  FROM catalog.upload WHERE id = $1
"""
SQL_LOCK = "SELECT id FROM catalog.upload WHERE id = $1 FOR NO KEY UPDATE"
SQL_UPLOADS = """
SELECT id, name, bytes, rows, columns, mapping, lang, currency, list_id, site_id, status, done, ok, failed, trouble,
       job_id, by, made_at, updated_at
  FROM catalog.upload WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""
SQL_CONTENT = "SELECT content FROM catalog.upload WHERE id = $1"
SQL_PLAN = """
UPDATE catalog.upload
   SET mapping = $2::text::jsonb, lang = $3, currency = $4, list_id = $5, site_id = $6, status = 'uploaded', done = 0,
       ok = 0, failed = 0, errors = '[]'::jsonb, trouble = '', updated_at = $7
 WHERE id = $1
"""
SQL_BEGIN = """
UPDATE catalog.upload SET status = $2, done = 0, ok = 0, failed = 0, errors = '[]'::jsonb, trouble = '',
       leased_until = NULL, updated_at = $3
 WHERE id = $1
"""
SQL_CLAIM = """
UPDATE catalog.upload SET leased_until = clock_timestamp() + make_interval(secs => $1)
 WHERE id = (SELECT id FROM catalog.upload
              WHERE status IN ('checking', 'importing')
                AND (leased_until IS NULL OR leased_until < clock_timestamp())
              ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
SQL_PROGRESS = """
UPDATE catalog.upload SET done = $2, leased_until = clock_timestamp() + make_interval(secs => $3)
 WHERE id = $1 AND status IN ('checking', 'importing')
"""
SQL_RELEASE = "UPDATE catalog.upload SET leased_until = NULL WHERE id = $1"
SQL_FINISH = """
UPDATE catalog.upload
   SET status = $2, done = $3, ok = $4, failed = $5, errors = $6::text::jsonb, job_id = $7, trouble = $8,
       leased_until = NULL, updated_at = $9
 WHERE id = $1 AND status IN ('checking', 'importing')
"""
SQL_ERRORS = """
SELECT e.n, e.value AS error FROM catalog.upload u, jsonb_array_elements(u.errors) WITH ORDINALITY AS e(value, n)
 WHERE u.id = $1 AND e.n > $2 ORDER BY e.n LIMIT $3
"""


async def insert(tx: Tx, upload: Upload, content: bytes) -> None:
    await tx.execute(
        SQL_INSERT,
        upload.id,
        upload.name,
        content,
        upload.bytes,
        upload.rows,
        msgspec.json.encode(upload.columns).decode(),
        msgspec.json.encode(upload.mapping).decode(),
        upload.lang,
        upload.currency,
        upload.by,
        upload.made_at,
    )


async def upload(session: Session, upload_id: UUID) -> Upload | None:
    row = await session.row(SQL_UPLOAD, upload_id)
    return _upload(row) if row else None


async def locked_upload(tx: Tx, upload_id: UUID) -> Upload | None:
    if await tx.row(SQL_LOCK, upload_id) is None:
        return None
    return await upload(tx, upload_id)


async def uploads(session: Session, *, after: UUID | None, limit: int) -> list[Upload]:
    return [_upload(row) for row in await session.rows(SQL_UPLOADS, after, limit)]


async def content(session: Session, upload_id: UUID) -> bytes | None:
    found: bytes | None = await session.value(SQL_CONTENT, upload_id)
    return found


async def plan(
    tx: Tx,
    upload_id: UUID,
    *,
    mapping: Mapping[str, str],
    lang: str,
    currency: str,
    list_id: UUID | None,
    site_id: UUID | None,
    now: datetime,
) -> None:
    encoded = msgspec.json.encode(mapping).decode()
    await tx.execute(SQL_PLAN, upload_id, encoded, lang, currency, list_id, site_id, now)


async def begin(tx: Tx, upload_id: UUID, *, status: str, now: datetime) -> None:
    await tx.execute(SQL_BEGIN, upload_id, status, now)


async def claim(tx: Tx, *, seconds: int) -> UUID | None:
    """The oldest upload that waits for work, leased in the database's own time."""
    found: UUID | None = await tx.value(SQL_CLAIM, seconds)
    return found


async def progress(tx: Tx, upload_id: UUID, *, done: int, seconds: int) -> None:
    await tx.execute(SQL_PROGRESS, upload_id, done, seconds)


async def release(tx: Tx, upload_id: UUID) -> None:
    await tx.execute(SQL_RELEASE, upload_id)


async def finish(
    tx: Tx,
    upload_id: UUID,
    *,
    status: str,
    done: int,
    ok: int,
    failed: int,
    errors: Sequence[RowError],
    job_id: UUID | None,
    trouble: str,
    now: datetime,
) -> None:
    encoded = msgspec.json.encode(errors).decode()
    await tx.execute(SQL_FINISH, upload_id, status, done, ok, failed, encoded, job_id, trouble, now)


async def errors(session: Session, upload_id: UUID, *, after: int, limit: int) -> list[tuple[int, RowError]]:
    rows = await session.rows(SQL_ERRORS, upload_id, after, limit)
    return [(row["n"], msgspec.convert(row["error"], RowError)) for row in rows]


def _upload(row: Row) -> Upload:
    given: dict[str, Any] = dict(row)
    given["columns"] = msgspec.convert(given["columns"], tuple[UploadColumn, ...])
    return Upload(**given)
