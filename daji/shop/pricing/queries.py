"""Questions to pricing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.problems import NotFound
from daji.shop.pricing import store
from daji.shop.pricing.facts import Channel, Price, PriceList, PriceRecord


async def prices_for(
    session: Session, *, sku_ids: Sequence[UUID], channel: str, at: datetime
) -> dict[UUID, Price]:
    """Prices in force at `at`, in the channel's currency; a SKU without one is absent. One statement."""
    return await store.in_force(session, sku_ids=sku_ids, channel=channel, at=at)


async def offers(
    session: Session, *, sku_ids: Sequence[UUID], channel: str, at: datetime
) -> tuple[Channel, dict[UUID, Price]]:
    """The channel with `prices_for` these SKUs in it. One statement. Raises NotFound for a code nobody opened."""
    found = await store.offers(session, sku_ids=sku_ids, channel=channel, at=at)
    if found is None:
        raise NotFound(kind="channel", code=channel)
    return found


async def offers_each(
    session: Session, *, asked: Sequence[tuple[UUID, datetime]], channel: str
) -> tuple[Channel, dict[tuple[UUID, datetime], Price]]:
    """The same for SKUs that are each asked for at a time of their own. One statement. Raises NotFound."""
    found = await store.offers_each(session, asked=asked, channel=channel)
    if found is None:
        raise NotFound(kind="channel", code=channel)
    return found


async def prices_in(
    session: Session, *, list_id: UUID, sku_ids: Sequence[UUID], at: datetime
) -> dict[UUID, Price]:
    """Prices in force in one list; a SKU without one in it is absent. One statement."""
    return await store.in_list(session, list_id=list_id, sku_ids=sku_ids, at=at)


async def get_channel(session: Session, *, code: str) -> Channel:
    """Raise NotFound for a code nobody opened."""
    found = await store.channel(session, code)
    if found is None:
        raise NotFound(kind="channel", code=code)
    return found


async def list_channels(session: Session) -> tuple[Channel, ...]:
    return await store.channels(session)


async def get_list(session: Session, *, list_id: UUID) -> PriceList:
    """Raise NotFound for an unknown id."""
    found = await store.list_by_id(session, list_id)
    if found is None:
        raise NotFound(kind="price_list")
    return found


async def find_list(session: Session, *, code: str) -> PriceList | None:
    return await store.list_by_code(session, code)


async def list_lists(session: Session, *, channel: str | None = None) -> tuple[PriceList, ...]:
    """Lists by channel, the strongest first."""
    return await store.lists(session, channel)


async def list_prices(
    session: Session, *, sku_id: UUID, cursor: str | None = None, limit: int | None = None
) -> Page[PriceRecord]:
    """All prices a SKU ever had in any list, the last made first; withdrawn plans included."""
    size = page_size(limit)
    after = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    rows = await store.history(session, sku_id=sku_id, after=after, limit=size + 1)
    more = len(rows) > size
    items = tuple(rows[:size])
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if more else None)
