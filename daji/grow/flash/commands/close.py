"""A sale ends: by its time, by staff, or before it ever was one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.grow.flash.commands.moving import clear_timers, load, move
from daji.grow.flash.facts import Sale
from daji.grow.flash.states import SALE
from daji.kit.db import Tx


async def close(tx: Tx, *, sale_id: UUID, now: datetime) -> Sale:
    """End the sale; nothing is sold from here on, and the caller frees what is left. Orders that stand, stand.

    Raises
    ------
    SaleUnknown, states.IllegalTransition
    """
    was = await load(tx, sale_id)
    verb = "drop" if was.status == SALE.initial else "close"
    sale = await move(tx, sale_id=sale_id, verb=verb, now=now)
    clear_timers(tx, sale_id)
    return sale
