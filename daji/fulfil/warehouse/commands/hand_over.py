"""Boxes go to the carrier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Stint
from daji.kit.db import Tx


async def hand_over(tx: Tx, *, order_id: UUID, by: str, now: datetime) -> None:
    """Give the packed box to the carrier. Raises NotFound and IllegalTransition."""
    await hand_over_many(tx, stints=[Stint(order_id=order_id, by=by, at=now)])


async def hand_over_many(tx: Tx, *, stints: Sequence[Stint]) -> None:
    """Give the packed boxes of all these orders to the carrier, in one statement. Raises as `hand_over`."""
    await _claimed.move_on(tx, stints, verb="hand_over")
