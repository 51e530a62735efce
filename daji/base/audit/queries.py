"""Reading the trail, and walking its chain."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.audit import store
from daji.base.audit.facts import ChainReport, Entry, Head
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page


async def list_entries(
    session: Session,
    *,
    staff_id: UUID | None = None,
    action: str | None = None,
    subject_kind: str | None = None,
    subject_id: UUID | str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Entry]:
    """Newest first, at most 100; the period is half-open. Raises BadCursor."""
    size = paging.limit(limit)
    found = await store.list_before(
        session,
        staff_id=staff_id,
        action=action,
        subject_kind=subject_kind,
        subject_id=None if subject_id is None else str(subject_id),
        since=since,
        until=until,
        before=Cursor.decode(cursor, (int,))[0] if cursor else store.BEYOND_ALL,
        limit=size + 1,
    )
    more = len(found) > size
    return Page(
        items=tuple(found[:size]),
        next_cursor=Cursor.encode((found[size - 1].seq,)) if more else None,
    )


async def head(session: Session) -> Head:
    """The end of the chain, to be noted where a thief of the database does not reach."""
    return await store.head(session)


async def verify(session: Session, *, expected: Head | None = None) -> ChainReport:
    """Walk the whole chain in one statement.

    With `expected`, a head noted earlier, a chain that was cut short or written anew is found too: its end, or what
    stands at that number now, does not fit.
    """
    report = await store.verify(session)
    if expected is None or expected.seq == 0 or not report.intact:
        return report
    if await store.hash_at(session, expected.seq) != expected.hash:
        return msgspec.structs.replace(report, broken_at=min(expected.seq, report.head.seq + 1))
    return report
