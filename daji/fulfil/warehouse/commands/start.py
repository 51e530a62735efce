"""A picker takes the list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse.commands import _claimed
from daji.kit.db import Tx


async def start(tx: Tx, *, order_id: UUID, by: str, now: datetime) -> None:
    """Begin picking. Raises NotFound, and IllegalTransition when somebody began before."""
    pick_list = await _claimed.locked(tx, order_id=order_id)
    await _claimed.move_on(tx, pick_list, verb="start", by=by, now=now)
