"""The box goes to the carrier."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse.commands import _claimed
from daji.kit.db import Tx


async def hand_over(tx: Tx, *, order_id: UUID, by: str, now: datetime) -> None:
    """Give the packed box to the carrier. Raises NotFound and IllegalTransition."""
    pick_list = await _claimed.locked(tx, order_id=order_id)
    await _claimed.move_on(tx, pick_list, verb="hand_over", by=by, now=now)
