"""What is to be done, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.warehouse import store
from daji.fulfil.warehouse.facts import PickList, Status
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.problems import NotFound


async def get_pick_list(session: Session, *, order_id: UUID) -> PickList:
    """The pick list of an order. Raises NotFound."""
    found = await find_pick_list(session, order_id=order_id)
    if found is None:
        raise NotFound
    return found


async def find_pick_list(session: Session, *, order_id: UUID) -> PickList | None:
    """The pick list of an order, if it was released."""
    return (await store.find(session, order_ids=[order_id])).get(order_id)


async def find_pick_lists(session: Session, *, order_ids: Sequence[UUID]) -> dict[UUID, PickList]:
    """The pick lists of those of the orders that were released, in one statement."""
    return await store.find(session, order_ids=order_ids)


async def list_pick_lists(
    session: Session,
    *,
    site_id: UUID | None = None,
    status: Status | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[PickList]:
    """Pick lists, oldest first, as work is done. Raises BadCursor and Invalid."""
    size = paging.limit(limit)
    after = None if cursor is None else Cursor.decode(cursor, (UUID,))[0]
    rows = await store.listed(session, site_id=site_id, status=status, after=after, count=size + 1)
    items = rows[:size]
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if len(rows) > size else None)
