"""All SQL of the room.

The canonical form of an entry is a JSON array of its fields as PostgreSQL writes it; times as whole microseconds, so
that no session's time zone or date style can change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.base.audit.facts import ChainReport, Entry, Head
from daji.kit.db import Row, Session, Tx

SQL_LOCK_CHAIN = "SELECT pg_advisory_xact_lock(hashtextextended('audit.chain', 0))"
SQL_APPEND = """
WITH last AS (
    SELECT coalesce(max(seq), 0) AS seq FROM audit.entry
), fresh AS (
    SELECT last.seq + 1 AS seq, $1::uuid AS id, $2::uuid AS staff_id, $3::text AS action, $4::text AS subject_kind,
           $5::text AS subject_id, $6::text::jsonb AS before, $7::text::jsonb AS after, $8::text AS request_id,
           $9::text AS ip, $10::timestamptz AS at,
           coalesce((SELECT e.hash FROM audit.entry e WHERE e.seq = last.seq), ''::bytea) AS previous
      FROM last
)
INSERT INTO audit.entry
       (seq, id, staff_id, action, subject_kind, subject_id, before, after, request_id, ip, at, previous, hash)
SELECT f.*, sha256(convert_to(jsonb_build_array(encode(f.previous, 'hex'), f.seq, f.id, f.staff_id, f.action,
           f.subject_kind, f.subject_id, f.before, f.after, f.request_id, f.ip,
           (extract(epoch FROM f.at) * 1000000)::bigint)::text, 'UTF8'))
  FROM fresh f
RETURNING seq, id, staff_id, action, subject_kind, subject_id, before, after, request_id, ip, at
"""
SQL_VERIFY = """
WITH walked AS (
    SELECT f.seq, f.hash,
           f.seq = row_number() OVER w AND f.previous = coalesce(lag(f.hash) OVER w, ''::bytea)
           AND f.hash = sha256(convert_to(jsonb_build_array(encode(f.previous, 'hex'), f.seq, f.id, f.staff_id,
                   f.action, f.subject_kind, f.subject_id, f.before, f.after, f.request_id, f.ip,
                   (extract(epoch FROM f.at) * 1000000)::bigint)::text, 'UTF8')) AS fits
      FROM audit.entry f WINDOW w AS (ORDER BY f.seq)
)
SELECT count(*) AS entries, min(seq) FILTER (WHERE NOT fits) AS broken_at, coalesce(max(seq), 0) AS last,
       (SELECT encode(e.hash, 'hex') FROM audit.entry e ORDER BY e.seq DESC LIMIT 1) AS hash
  FROM walked
"""
SQL_HEAD = "SELECT seq, encode(hash, 'hex') AS hash FROM audit.entry ORDER BY seq DESC LIMIT 1"
SQL_HASH_AT = "SELECT encode(hash, 'hex') FROM audit.entry WHERE seq = $1"
SQL_LIST = """
SELECT seq, id, staff_id, action, subject_kind, subject_id, before, after, request_id, ip, at
  FROM audit.entry
 WHERE ($1::uuid IS NULL OR staff_id = $1) AND ($2::text IS NULL OR action = $2)
   AND ($3::text IS NULL OR subject_kind = $3) AND ($4::text IS NULL OR subject_id = $4)
   AND seq < $5
   AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
 ORDER BY seq DESC LIMIT $6
"""
BEYOND_ALL = 2**63 - 1


def _entry(row: Row) -> Entry:
    return msgspec.convert(dict(row), Entry)


async def append(
    tx: Tx,
    *,
    entry_id: UUID,
    staff_id: UUID | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    before: str | None,
    after: str | None,
    request_id: str | None,
    ip: str | None,
    at: datetime,
) -> Entry:
    """Add the next entry. The lock comes in a statement of its own, so that the next one sees the last commit."""
    tx.locking("audit.head")
    await tx.execute(SQL_LOCK_CHAIN)
    row = await tx.row(
        SQL_APPEND,
        entry_id,
        staff_id,
        action,
        subject_kind,
        subject_id,
        before,
        after,
        request_id,
        ip,
        at,
    )
    if row is None:
        raise AssertionError("an insert from one row gives one row")
    return _entry(row)


async def verify(session: Session) -> ChainReport:
    row = await session.row(SQL_VERIFY)
    found: Mapping[str, Any] = {} if row is None else dict(row)
    return ChainReport(
        entries=found["entries"],
        head=Head(seq=found["last"], hash=found["hash"] or ""),
        broken_at=found["broken_at"],
    )


async def head(session: Session) -> Head:
    row = await session.row(SQL_HEAD)
    return Head(seq=0, hash="") if row is None else Head(seq=row["seq"], hash=row["hash"])


async def hash_at(session: Session, seq: int) -> str | None:
    found: str | None = await session.value(SQL_HASH_AT, seq)
    return found


async def list_before(
    session: Session,
    *,
    staff_id: UUID | None,
    action: str | None,
    subject_kind: str | None,
    subject_id: str | None,
    since: datetime | None,
    until: datetime | None,
    before: int,
    limit: int,
) -> list[Entry]:
    rows = await session.rows(
        SQL_LIST, staff_id, action, subject_kind, subject_id, before, limit, since, until
    )
    return [_entry(row) for row in rows]
