"""Questions to orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.paging import limit as page_size
from daji.kit.places import Address
from daji.trade.cart.api import Owner
from daji.trade.orders.facts import DeliveryStatus, Entry, Order, OrderUnknown, Trade, TradeHead, TradeUnknown
from daji.trade.orders.store import axes, read

_MAX_TEXT_CHARS = 100


async def get_trade(session: Session, *, trade_id: UUID, owner: Owner | None) -> Trade:
    """The trade with orders, lines and units, in three statements; `owner` None is staff.

    Raises TradeUnknown, for a trade of somebody else too.
    """
    found = await read.trades(session, trade_ids=(trade_id,), owner=owner)
    if not found:
        raise TradeUnknown
    return found[0]


async def get_trades(session: Session, *, trade_ids: Sequence[UUID]) -> tuple[Trade, ...]:
    """Trades of anybody with all below them, in the order asked, in three statements; unknown ids are left out."""
    found = {trade.id: trade for trade in await read.trades(session, trade_ids=trade_ids, owner=None)}
    return tuple(found[one] for one in trade_ids if one in found)


async def get_head(session: Session, *, trade_id: UUID, owner: Owner | None) -> TradeHead:
    """What paying needs to know, in one statement; `owner` None is staff.

    Raises TradeUnknown, for a trade of somebody else too.
    """
    return (await get_heads(session, asked=[(trade_id, owner)]))[trade_id]


async def get_heads(session: Session, *, asked: Sequence[tuple[UUID, Owner | None]]) -> dict[UUID, TradeHead]:
    """The same for (trade, owner)s, in one statement. Raises TradeUnknown."""
    found = await read.heads(session, asked)
    if any(trade_id not in found for trade_id, _ in asked):
        raise TradeUnknown
    return {trade_id: axes.head(row) for trade_id, row in found.items()}


async def get_destinations(session: Session, *, trade_ids: Sequence[UUID]) -> dict[UUID, Address]:
    """Where the parcels of each trade go; for staff. One statement. Raises TradeUnknown."""
    found = await read.destinations(session, trade_ids)
    if any(trade_id not in found for trade_id in trade_ids):
        raise TradeUnknown
    return found


async def get_deliveries(session: Session, *, order_ids: Sequence[UUID]) -> dict[UUID, DeliveryStatus]:
    """Where orders stand on their delivery axes; for staff. One statement. Raises OrderUnknown."""
    found = await read.deliveries(session, order_ids)
    if any(order_id not in found for order_id in order_ids):
        raise OrderUnknown
    return found


async def get_order(session: Session, *, order_id: UUID, owner: Owner | None) -> Order:
    """One order with lines and units; `owner` None is staff. Raises OrderUnknown, for another's too."""
    return (await get_orders(session, order_ids=[order_id], owner=owner))[order_id]


async def get_orders(
    session: Session, *, order_ids: Sequence[UUID], owner: Owner | None
) -> dict[UUID, Order]:
    """Orders with lines and units, in three statements; `owner` None is staff. Raises OrderUnknown, for another's too."""
    found = {order.id: order for order in await read.orders(session, order_ids=order_ids, owner=owner)}
    if any(order_id not in found for order_id in order_ids):
        raise OrderUnknown
    return found


async def list_trades(
    session: Session,
    *,
    owner: Owner | None,
    status: str | None = None,
    text: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Trade]:
    """Trades, the last placed first, in four statements; `owner` None is staff.

    `text` finds the beginning of a number, an order's number, a name, phone, e-mail address, SKU code or outside
    number as a whole; for an owner also any part of a title.
    """
    size = page_size(limit)
    keys = await read.list_trades(
        session,
        owner=owner,
        status=status,
        text=_search_text(text),
        after=_after(cursor),
        limit=size + 1,
    )
    kept = keys[:size]
    items = await read.trades(session, trade_ids=[key[1] for key in kept], owner=owner) if kept else []
    return Page(items=tuple(items), next_cursor=_next(keys, size))


async def find_trades(
    session: Session, *, trade_ids: Sequence[UUID], owner: Owner | None
) -> tuple[Trade, ...]:
    """Those of the trades that there are and that are the owner's, the last placed first; `owner` None is staff."""
    return tuple(await read.trades(session, trade_ids=trade_ids, owner=owner)) if trade_ids else ()


async def list_orders(
    session: Session,
    *,
    seller_id: UUID | None = None,
    site_id: UUID | None = None,
    delivery: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Order]:
    """Orders for staff, the last placed first, in four statements."""
    size = page_size(limit)
    keys = await read.list_orders(
        session,
        seller_id=seller_id,
        site_id=site_id,
        delivery=delivery,
        status=status,
        after=_after(cursor),
        limit=size + 1,
    )
    kept = keys[:size]
    items = await read.orders(session, order_ids=[key[1] for key in kept], owner=None) if kept else []
    return Page(items=tuple(items), next_cursor=_next(keys, size))


async def timeline(session: Session, *, trade_id: UUID, public_only: bool) -> tuple[Entry, ...]:
    """What happened, oldest first. Whose trade it is was asked by who calls."""
    return tuple(await read.timeline(session, trade_id=trade_id, public_only=public_only))


async def find_by_external(session: Session, *, channel: str, external_ref: str) -> Trade | None:
    """The trade that bears this number elsewhere."""
    trade_id = await read.by_external(session, channel=channel, external_ref=external_ref)
    return None if trade_id is None else await get_trade(session, trade_id=trade_id, owner=None)


def _search_text(text: str | None) -> str | None:
    """What can be searched for: no U+0000, which PostgreSQL refuses; nothing is no filter."""
    cleaned = (text or "").replace("\0", "").strip()[:_MAX_TEXT_CHARS]
    return cleaned or None


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    return Cursor.decode(cursor, (datetime, UUID)) if cursor else None


def _next(keys: list[tuple[datetime, UUID]], size: int) -> str | None:
    return Cursor.encode(keys[size - 1]) if len(keys) > size else None
