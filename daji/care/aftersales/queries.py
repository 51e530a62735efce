"""What may be read of this room."""

from __future__ import annotations

from uuid import UUID

from daji.care.aftersales import store
from daji.care.aftersales.facts import Case, Owned
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Page


async def get_case(session: Session, *, case_id: UUID, owner: Owned | None) -> Case:
    """One case with its units and history; owner None is staff. Raises NoCase, for a stranger's case too."""
    return await store.get(session, case_id, owner)


async def list_cases(
    session: Session,
    *,
    owner: Owned | None,
    trade_id: UUID | None = None,
    order_id: UUID | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Case]:
    """Cases of an owner (None: all, for staff), newest first."""
    return await store.list_page(
        session,
        owner=owner,
        trade_id=trade_id,
        order_id=order_id,
        status=status,
        cursor=cursor,
        limit=paging.limit(limit),
    )
