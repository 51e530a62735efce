"""Give an order's goods to the warehouse to pick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import PickLine, PickList
from daji.kit.db import Tx


async def release(
    tx: Tx, *, order_id: UUID, site_id: UUID, lines: Sequence[PickLine], number: str, now: datetime
) -> PickList:
    """Make the pick list of an order, or find the one it has. Raises Invalid."""
    rules.check_lines(lines)
    await store.release(tx, order_id=order_id, site_id=site_id, lines=lines, number=number, now=now)
    return await _claimed.again(tx, order_id=order_id)
