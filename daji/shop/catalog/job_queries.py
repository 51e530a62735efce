"""Questions about imports."""

from __future__ import annotations

from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import NotFound
from daji.shop.catalog.facts import ImportJob
from daji.shop.catalog.ports import RowError
from daji.shop.catalog.store import jobs


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
