"""Pieces are found, or are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.commands import _claimed
from daji.fulfil.warehouse.facts import Picked, PickList, Stint, Worked
from daji.fulfil.warehouse.states import PICK_LIST
from daji.kit.db import Tx


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one order that were taken; `picked` None takes all that its list asks for."""

    stint: Stint
    picked: tuple[Picked, ...] | None = None


async def pick(tx: Tx, *, order_id: UUID, picked: Sequence[Picked], by: str, now: datetime) -> PickList:
    """Add pieces that were taken; the list, which is picked when the last one is (U-18).

    Raises Invalid, NotFound, UnknownLine, IllegalTransition, and OverPicked for more than a line asks for.
    """
    take = Take(stint=Stint(order_id=order_id, by=by, at=now), picked=tuple(picked))
    (after,) = await pick_many(tx, takes=[take])
    return after


async def pick_many(tx: Tx, *, takes: Sequence[Take]) -> tuple[PickList, ...]:
    """Add the pieces of all these orders; four statements when all lists end alike, five at most. Raises as `pick`."""
    lists = await _claimed.locked(tx, order_ids=[take.stint.order_id for take in takes])
    after: dict[UUID, PickList] = {}
    transitions: dict[str, list[Stint]] = {}
    for take in takes:
        before = lists[take.stint.order_id]
        PICK_LIST.after(before.status, "pick")
        picked = _all(before) if take.picked is None else take.picked
        lines = rules.after_pick(before.lines, picked)
        transition = "complete" if rules.is_complete(lines) else "pick"
        transitions.setdefault(transition, []).append(take.stint)
        after[before.order_id] = msgspec.structs.replace(
            before,
            status=PICK_LIST.after(before.status, transition),
            lines=lines,
            history=(*before.history, Worked(verb="pick", by=take.stint.by, at=take.stint.at)),
        )
    await store.write_lines(tx, lines=[(one.id, line) for one in after.values() for line in one.lines])
    for transition, stints in transitions.items():
        await _claimed.move_on(tx, stints, verb="pick", transition=transition)
    return tuple(after[take.stint.order_id] for take in takes)


def _all(pick_list: PickList) -> tuple[Picked, ...]:
    return tuple(Picked(line_id=line.line_id, qty=line.qty) for line in pick_list.lines)


async def report_short(
    tx: Tx, *, order_id: UUID, shorts: Sequence[Picked], by: str, now: datetime
) -> PickList:
    """Note pieces that are not where they should be; the list.

    Raises Invalid, NotFound, UnknownLine, IllegalTransition, and OverPicked for more than the line still lacks.
    """
    before = (await _claimed.locked(tx, order_ids=[order_id]))[order_id]
    status = PICK_LIST.after(before.status, "report_short")
    lines = rules.after_short(before.lines, shorts)
    await store.write_lines(tx, lines=[(before.id, line) for line in lines])
    await _claimed.move_on(tx, [Stint(order_id=order_id, by=by, at=now)], verb="report_short")
    told = Worked(verb="report_short", by=by, at=now)
    return msgspec.structs.replace(before, status=status, lines=lines, history=(*before.history, told))
