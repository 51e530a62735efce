"""Boxes are closed and weighed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Package, Stint
from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit import ids
from daji.kit.db import Tx


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A box that was closed: grams, and millimetres when measured."""

    stint: Stint
    weight_g: int
    size_mm: tuple[int, int, int] | None = None


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
    box = Box(stint=Stint(order_id=order_id, by=by, at=now), weight_g=weight_g, size_mm=size_mm)
    (package,) = await pack_many(tx, boxes=[box])
    return package


async def pack_many(tx: Tx, *, boxes: Sequence[Box]) -> tuple[Package, ...]:
    """Close all these boxes, in one statement. Raises as `pack`."""
    for box in boxes:
        rules.check_package(box.weight_g, box.size_mm)
    packages = tuple(Package(id=ids.new_id(), weight_g=box.weight_g, size_mm=box.size_mm) for box in boxes)
    # A list is picked when nothing of it is missing: its status is all that is to be asked.
    sources = PICK_LIST.sources("pack")
    packed = await store.pack(
        tx,
        stints=[box.stint for box in boxes],
        packages=packages,
        sources=sources,
        target=PICK_LIST.after(sources[0], "pack"),
    )
    for box in boxes:
        if box.stint.order_id not in packed:
            await _claimed.refuse(tx, box.stint.order_id, verb="pack")
    return packages
