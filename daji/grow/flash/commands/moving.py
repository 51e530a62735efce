"""What the verbs that move a sale share: load it, claim the transition, say so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.grow.flash.errors import SaleUnknown
from daji.grow.flash.events import SaleMoved
from daji.grow.flash.facts import Sale
from daji.grow.flash.states import CLOSES_TIMER, OPENS_TIMER, SALE
from daji.grow.flash.store import sales
from daji.kit.db import Session, Tx


async def load(session: Session, sale_id: UUID) -> Sale:
    """The sale with its lines. Raises SaleUnknown."""
    found = await sales.by_ids(session, [sale_id])
    if not found:
        raise SaleUnknown
    return found[0]


async def move(tx: Tx, *, sale_id: UUID, verb: str, now: datetime) -> Sale:
    """Move a sale by a verb of its table.

    Raises
    ------
    SaleUnknown
    states.IllegalTransition
        The verb is not allowed where the sale is.
    """
    if not await sales.lock(tx, sale_id):
        raise SaleUnknown
    was = await load(tx, sale_id)
    target = SALE.after(was.status, verb)
    await sales.move(tx, sale_id=sale_id, sources=(was.status,), target=target, now=now)
    tell(tx, sale_id=sale_id, was=was.status, status=target, now=now)
    return await load(tx, sale_id)


def tell(tx: Tx, *, sale_id: UUID, was: str, status: str, now: datetime) -> None:
    tx.emit(SaleMoved(sale_id=sale_id, was=was, status=status, moved_at=now), subject=sale_id, at=now)


def set_timers(tx: Tx, sale: Sale) -> None:
    tx.set_timer(OPENS_TIMER, sale.id, sale.opens_at)
    tx.set_timer(CLOSES_TIMER, sale.id, sale.closes_at)


def clear_timers(tx: Tx, sale_id: UUID) -> None:
    tx.clear_timer(OPENS_TIMER, sale_id)
    tx.clear_timer(CLOSES_TIMER, sale_id)
