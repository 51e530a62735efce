"""What is where, what moved, what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.inventory.facts import AuditReport, Availability, Hold, HoldState, Movement, Site
from daji.fulfil.inventory.store import places, reads, single
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.problems import NotFound


async def availability(session: Session, *, sku_ids: Sequence[UUID]) -> tuple[Availability, ...]:
    """Balances of these SKUs at all places that are open, in (sku_id, site_id) order."""
    return await reads.availability(session, sku_ids=sku_ids)


async def sources(
    session: Session, *, sku_ids: Sequence[UUID]
) -> tuple[tuple[Availability, ...], tuple[Site, ...]]:
    """Where these SKUs could come from: their balances at open places, and these places, highest priority first.

    One statement.
    """
    return await places.sources(session, sku_ids)


async def sites(
    session: Session,
    *,
    ids: Sequence[UUID] | None = None,
    seller_ids: Sequence[UUID | None] | None = None,
) -> tuple[Site, ...]:
    """Places by id and by seller, closed ones too, highest priority first; a seller None means the house."""
    return await places.listed(session, ids=ids, seller_ids=seller_ids)


async def find_site(session: Session, *, code: str) -> Site | None:
    """The place that bears this code."""
    found = await places.by_code(session, codes=(code,))
    return found[0] if found else None


async def list_balances(
    session: Session,
    *,
    site_id: UUID | None = None,
    sku_ids: Sequence[UUID] | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Availability]:
    """Balances in (sku_id, site_id) order. Raises BadCursor and Invalid."""
    size = paging.limit(limit)
    after = None if cursor is None else Cursor.decode(cursor, (UUID, UUID))
    rows = await reads.balances(session, site_id=site_id, sku_ids=sku_ids, after=after, count=size + 1)
    items = rows[:size]
    more = len(rows) > size
    return Page(
        items=items,
        next_cursor=Cursor.encode((items[-1].sku_id, items[-1].site_id)) if more else None,
    )


async def list_movements(
    session: Session,
    *,
    site_id: UUID | None = None,
    sku_id: UUID | None = None,
    ref: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Movement]:
    """Ledger lines, newest first. Raises BadCursor and Invalid."""
    size = paging.limit(limit)
    before = None if cursor is None else Cursor.decode(cursor, (int,))[0]
    rows = await reads.movements(
        session, site_id=site_id, sku_id=sku_id, ref=ref, before=before, count=size + 1
    )
    items = rows[:size]
    return Page(items=items, next_cursor=Cursor.encode((items[-1].seq,)) if len(rows) > size else None)


async def get_holder(session: Session, *, hold_id: UUID) -> UUID:
    """Whose a promise is, open or not. Raises NotFound."""
    found = await single.holder_of(session, hold_id)
    if found is None:
        raise NotFound
    return found


async def list_holds(
    session: Session,
    *,
    holder: UUID | None = None,
    sku_id: UUID | None = None,
    state: HoldState | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Hold]:
    """Promises, newest first; one that is in two states at once shows twice. Raises BadCursor and Invalid."""
    size = paging.limit(limit)
    before = None if cursor is None else Cursor.decode(cursor, (UUID, str))
    rows = await reads.holds(
        session, holder=holder, sku_id=sku_id, state=state, before=before, count=size + 1
    )
    items = rows[:size]
    more = len(rows) > size
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id, items[-1].state)) if more else None)


async def audit(session: Session) -> AuditReport:
    """Compare every balance with the ledger and with the open holds; tells, never repairs (U-12).

    Give it a `snapshot` session: two statements that see different moments would invent differences.
    """
    return await reads.audit(session)
