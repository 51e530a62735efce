"""The audit log with the names of those who acted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.audit import api as audit
from daji.kit.db import Session
from daji.kit.paging import Page
from daji.views.console_order import SQL_STAFF_NAMES


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One deed; `who` is None when the house itself acted."""

    entry: audit.Entry
    who: str | None


async def list_entries(
    session: Session,
    *,
    staff_id: UUID | None = None,
    action: str | None = None,
    subject: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[AuditRow]:
    """Newest first; `subject` is a whole id or code, the period is half-open. Two statements."""
    page = await audit.list_entries(
        session,
        staff_id=staff_id,
        action=action,
        subject_kind=kind,
        subject_id=subject,
        since=since,
        until=until,
        cursor=cursor,
        limit=limit,
    )
    wanted = sorted({entry.staff_id for entry in page.items if entry.staff_id is not None})
    rows = await session.rows(SQL_STAFF_NAMES, wanted) if wanted else []
    names: dict[UUID | None, str] = {row["id"]: row["name"] for row in rows}
    return Page(
        items=tuple(AuditRow(entry=entry, who=names.get(entry.staff_id)) for entry in page.items),
        next_cursor=page.next_cursor,
    )
