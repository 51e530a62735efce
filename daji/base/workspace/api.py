"""The door of the room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from daji.base.workspace import store
from daji.base.workspace.facts import SavedView, TooManyViews, ViewUnknown
from daji.kit import ids
from daji.kit.db import Session, Tx

__all__ = ["MOST_VIEWS", "SavedView", "TooManyViews", "ViewUnknown", "drop_view", "list_views", "save_view"]

MOST_VIEWS = 50
_MOST_LISTED = 1000


async def list_views(
    session: Session, *, account_id: UUID, list_: str | None = None
) -> tuple[SavedView, ...]:
    """The person's views, by list and name."""
    return await store.listed(session, account_id, list_, _MOST_LISTED)


async def save_view(
    tx: Tx, *, account_id: UUID, list_: str, name: str, query: Mapping[str, str], now: datetime
) -> SavedView:
    """Keep a view; one of the same name is replaced. Raises TooManyViews."""
    if await store.count_others(tx, account_id, list_, name) >= MOST_VIEWS:
        raise TooManyViews(maximum=MOST_VIEWS)
    return await store.put(tx, ids.new_id(), account_id, list_=list_, name=name, query=query, now=now)


async def drop_view(tx: Tx, *, account_id: UUID, view_id: UUID) -> None:
    """Forget a view. Raises ViewUnknown."""
    if not await store.drop(tx, view_id, account_id):
        raise ViewUnknown
