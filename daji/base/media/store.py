"""All SQL of media."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.base.media.facts import Media, Quota, Rendition
from daji.kit.db import Row, Session, Tx

SQL_USED = "SELECT count(*) AS files, coalesce(sum(bytes), 0)::bigint AS bytes FROM media.media WHERE owner = $1 AND created_at > $2"
# The advisory lock is per owner, so that many uploads at once cannot all find room for the last one.
SQL_LOCK_OWNER = "SELECT pg_advisory_xact_lock(hashtextextended('media.' || $1, 0))"
SQL_INSERT = """
INSERT INTO media.media (id, kind, owner, purpose, source_type, digest, bytes, width, height, blur, renditions, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12)
"""
SQL_MEDIA = "SELECT id, kind, width, height, blur, renditions FROM media.media WHERE id = ANY($1::uuid[])"

_DAY = timedelta(days=1)


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an upload besides the picture."""

    owner: str
    purpose: str
    source_type: str
    digest: bytes
    bytes: int


async def fits(session: Session, *, owner: str, size: int, quota: Quota, now: datetime) -> bool:
    """Tell whether the owner may upload one more file of `size` bytes."""
    row = await session.row(SQL_USED, owner, now - _DAY)
    return row is not None and row["files"] < quota.files and row["bytes"] + size <= quota.bytes


async def lock_owner(tx: Tx, owner: str) -> None:
    await tx.execute(SQL_LOCK_OWNER, owner)


async def insert(tx: Tx, media: Media, original: Original, now: datetime) -> None:
    await tx.execute(
        SQL_INSERT,
        media.id,
        media.kind,
        original.owner,
        original.purpose,
        original.source_type,
        original.digest,
        original.bytes,
        media.width,
        media.height,
        media.blur,
        msgspec.json.encode(media.renditions).decode(),
        now,
    )


async def media(session: Session, media_ids: Sequence[UUID]) -> dict[UUID, Media]:
    return {row["id"]: _media(row) for row in await session.rows(SQL_MEDIA, media_ids)}


def _media(row: Row) -> Media:
    return Media(
        id=row["id"],
        kind=row["kind"],
        width=row["width"],
        height=row["height"],
        blur=row["blur"],
        renditions=msgspec.convert(row["renditions"], tuple[Rendition, ...]),
    )
