"""Questions about imports."""

from __future__ import annotations

import zlib
from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import NotFound
from daji.shop.catalog.facts import ImportJob, Upload
from daji.shop.catalog.ports import RowError
from daji.shop.catalog.store import jobs, uploads


async def find_job(session: Session, *, digest: str) -> ImportJob | None:
    """The latest job of a source that was not abandoned."""
    return await jobs.latest(session, digest)


async def get_job(session: Session, *, job_id: UUID) -> ImportJob:
    """Raise NotFound for an unknown id."""
    found = await jobs.job(session, job_id)
    if found is None:
        raise NotFound(kind="job")
    return found


async def list_jobs(
    session: Session, *, cursor: str | None = None, limit: int | None = None
) -> Page[ImportJob]:
    """Jobs, the last started first."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await jobs.jobs(session, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(items=tuple(rows[:size]), next_cursor=Cursor.encode((rows[size - 1].id,)) if more else None)


async def list_job_errors(
    session: Session, *, job_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[RowError]:
    """The stored errors of a job, in the order of its rows."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (int,))[0] if cursor else None
    rows = await jobs.errors(session, job_id=job_id, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(
        items=tuple(error for _, error in rows[:size]),
        next_cursor=Cursor.encode((rows[size - 1][0],)) if more else None,
    )


async def get_upload(session: Session, *, upload_id: UUID) -> Upload:
    """Raise NotFound for an unknown id."""
    found = await uploads.upload(session, upload_id)
    if found is None:
        raise NotFound(kind="upload")
    return found


async def get_upload_content(session: Session, *, upload_id: UUID) -> bytes:
    """The file as it was sent. Raises NotFound."""
    found = await uploads.content(session, upload_id)
    if found is None:
        raise NotFound(kind="upload")
    return zlib.decompress(found)


async def list_uploads(
    session: Session, *, cursor: str | None = None, limit: int | None = None
) -> Page[Upload]:
    """Uploaded files, the last first."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await uploads.uploads(session, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(items=tuple(rows[:size]), next_cursor=Cursor.encode((rows[size - 1].id,)) if more else None)


async def list_upload_errors(
    session: Session, *, upload_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[RowError]:
    """Rows that the last rehearsal or import refused, in their order."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (int,))[0] if cursor else 0
    rows = await uploads.errors(session, upload_id, after=after, limit=size + 1)
    more = len(rows) > size
    return Page(
        items=tuple(error for _, error in rows[:size]),
        next_cursor=Cursor.encode((rows[size - 1][0],)) if more else None,
    )
