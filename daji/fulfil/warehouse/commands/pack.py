"""The box is closed and weighed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Package
from daji.kit import ids
from daji.kit.db import Tx


async def pack(
    tx: Tx,
    *,
    order_id: UUID,
    weight_g: int,
    size_mm: tuple[int, int, int] | None,
    by: str,
    now: datetime,
) -> Package:
    """Close the box of an order whose lines are all picked; grams, and millimetres when measured.

    Raises Invalid, NotFound, NotPicked when pieces are missing, IllegalTransition when it is closed already.
    """
    rules.check_package(weight_g, size_mm)
    pick_list = await _claimed.locked(tx, order_id=order_id)
    rules.check_packable(pick_list)
    await _claimed.move_on(tx, pick_list, verb="pack", by=by, now=now)
    package = Package(id=ids.new_id(), weight_g=weight_g, size_mm=size_mm)
    await store.add_package(tx, pick_list_id=pick_list.id, package=package)
    return package
