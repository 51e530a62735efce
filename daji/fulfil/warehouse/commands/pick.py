"""Pieces are found, or are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Picked, PickList
from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit.db import Tx


async def pick(tx: Tx, *, order_id: UUID, picked: Sequence[Picked], by: str, now: datetime) -> PickList:
    """Add pieces that were taken; the list, which is picked when the last one is (U-18).

    Raises Invalid, NotFound, UnknownLine, IllegalTransition, and OverPicked for more than a line asks for.
    """
    pick_list = await _claimed.locked(tx, order_id=order_id)
    PICK_LIST.after(pick_list.status, "pick")
    lines = rules.after_pick(pick_list.lines, picked)
    await store.write_lines(tx, pick_list_id=pick_list.id, lines=lines)
    transition = "complete" if rules.is_complete(lines) else "pick"
    await _claimed.move_on(tx, pick_list, verb="pick", transition=transition, by=by, now=now)
    return await _claimed.again(tx, order_id=order_id)


async def report_short(
    tx: Tx, *, order_id: UUID, shorts: Sequence[Picked], by: str, now: datetime
) -> PickList:
    """Note pieces that are not where they should be; the list.

    Raises Invalid, NotFound, UnknownLine, IllegalTransition, and OverPicked for more than the line still lacks.
    """
    pick_list = await _claimed.locked(tx, order_id=order_id)
    PICK_LIST.after(pick_list.status, "report_short")
    lines = rules.after_short(pick_list.lines, shorts)
    await store.write_lines(tx, pick_list_id=pick_list.id, lines=lines)
    await _claimed.move_on(tx, pick_list, verb="report_short", by=by, now=now)
    return await _claimed.again(tx, order_id=order_id)
