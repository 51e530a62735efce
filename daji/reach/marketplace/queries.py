"""Reading sellers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.problems import NotFound
from daji.reach.marketplace import store
from daji.reach.marketplace.facts import Seller, Status


async def get_seller(session: Session, *, seller_id: UUID) -> Seller:
    """Raise NotFound for an id that names no seller."""
    found = await store.by_ids(session, [seller_id])
    if not found:
        raise NotFound
    return found[0]


async def find_seller(session: Session, *, code: str) -> Seller | None:
    return await store.by_code(session, code)


async def sellers(session: Session, *, ids: Sequence[UUID]) -> tuple[Seller, ...]:
    """Those of `ids` that exist, by code, in one statement."""
    return await store.by_ids(session, ids)


async def list_sellers(
    session: Session, *, status: Status | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Seller]:
    """Sellers by code; `limit` at most 100. Raises BadCursor."""
    size = paging.limit(limit)
    after = Cursor.decode(cursor, (str,))[0] if cursor else ""
    found = await store.list_after(session, status, after, size + 1)
    more = len(found) > size
    return Page(
        items=tuple(found[:size]),
        next_cursor=Cursor.encode((found[size - 1].code,)) if more else None,
    )
