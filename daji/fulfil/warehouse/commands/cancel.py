"""The work is called off."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Stint
from daji.kit.db import Tx


async def cancel(tx: Tx, *, order_id: UUID, by: str, now: datetime) -> bool:
    """Stop the work of an order; False when the box has left. Repeating it is True again. Raises NotFound."""
    pick_list = (await _claimed.locked(tx, order_ids=[order_id]))[order_id]
    if pick_list.status == "handed_over":
        return False
    if pick_list.status != "cancelled":
        await _claimed.move_on(tx, [Stint(order_id=order_id, by=by, at=now)], verb="cancel")
    return True
