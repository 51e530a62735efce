"""What the room answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load
from daji.grow.flash.errors import NotRunning, SaleUnknown
from daji.grow.flash.facts import Sale, SaleLine, Status
from daji.grow.flash.store import sales
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page

MAX_SHOWN = 20


async def get_sale(session: Session, *, sale_id: UUID) -> Sale:
    """One sale, whatever its status. Raises SaleUnknown."""
    return await load(session, sale_id)


async def get_shown_sale(session: Session, *, sale_id: UUID) -> Sale:
    """One sale as shoppers may see it: scheduled, running or over, never a draft. Raises SaleUnknown."""
    sale = await load(session, sale_id)
    if sale.status == "draft":
        raise SaleUnknown
    return sale


async def list_sales(
    session: Session,
    *,
    statuses: Sequence[Status] | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Sale]:
    """Sales, the last made first. Raises BadCursor and Invalid."""
    size = paging.limit(limit)
    before = Cursor.decode(cursor, (UUID,))[0] if cursor else None
    found = await sales.listed(session, statuses=statuses, before=before, count=size + 1)
    items = found[:size]
    more = len(found) > size
    return Page(items=items, next_cursor=Cursor.encode((items[-1].id,)) if more else None)


async def list_shown(session: Session, *, now: datetime) -> tuple[Sale, ...]:
    """Sales that run or are to come, the next to open first; at most twenty."""
    return await sales.shown(session, now=now, count=MAX_SHOWN)


async def sale_lines(
    session: Session, *, sale_id: UUID, sku_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, SaleLine]:
    """What these SKUs cost in the sale now; SKUs of no line are absent.

    Raises
    ------
    SaleUnknown, NotRunning
    """
    sale = await load(session, sale_id)
    status = rules.phase(sale, now)
    if status not in {"open", "sold_out"}:
        raise NotRunning(status=status)
    return {line.sku_id: line for line in sale.lines if line.sku_id in set(sku_ids)}
