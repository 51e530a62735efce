"""Pickers take lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Stint
from daji.kit.db import Tx


async def start(tx: Tx, *, order_id: UUID, by: str, now: datetime) -> None:
    """Begin picking. Raises NotFound, and IllegalTransition when somebody began before."""
    await start_many(tx, stints=[Stint(order_id=order_id, by=by, at=now)])


async def start_many(tx: Tx, *, stints: Sequence[Stint]) -> None:
    """Begin picking for all these orders, in one statement. Raises as `start`."""
    await _claimed.move_on(tx, stints, verb="start")
