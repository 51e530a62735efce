"""Put units into a return, and take them out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from daji.kit.db import Row, Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders import rules
from daji.trade.orders.commands.loading import lock_family_of
from daji.trade.orders.facts import Unit, UnitNotInReturn, UnitNotReturnable
from daji.trade.orders.store import axes, read, units, write


async def open_return(
    tx: Tx, *, order_id: UUID, unit_ids: Sequence[UUID], by: str, now: datetime
) -> tuple[Unit, ...]:
    """Claim sold → in_return for all these units of a shipped order, or for none.

    Raises
    ------
    UnitNotReturnable
        A unit is not of this order, was cancelled or returned, is in a return, or its goods never left.
    OrderUnknown, Invalid
        No such order; no units.
    """
    wanted = _wanted(unit_ids)
    trade = await lock_family_of(tx, order_id)
    states = {row["id"]: row for row in (await axes.order_states(tx, [trade["id"]]))[trade["id"]]}
    moved: dict[UUID, Row] = {}
    if rules.may_return(states[order_id]["status"], states[order_id]["delivery"]):
        moved = await units.move_units(tx, order_ids=(order_id,), unit_ids=wanted, verb="open_return")
    if refused := [unit_id for unit_id in wanted if unit_id not in moved]:
        raise UnitNotReturnable(unit_ids=rules.shown_units(refused))
    opened = write.Happened(
        code="return_opened",
        order_id=order_id,
        params={"number": states[order_id]["number"], "count": len(wanted)},
    )
    await write.note(tx, trade_id=trade["id"], entries=(opened,), by=by, now=now)
    return tuple(read.unit(moved[unit_id]) for unit_id in wanted)


async def close_return(
    tx: Tx,
    *,
    order_id: UUID,
    unit_ids: Sequence[UUID],
    verb: Literal["keep", "returned"],
    by: str,
    now: datetime,
) -> tuple[Unit, ...]:
    """Claim in_return → sold (`keep`: the buyer has them for good) or → returned, for all these units or none.

    Raises
    ------
    UnitNotInReturn
        A unit is not of this order, or in no open return.
    OrderUnknown, Invalid
        No such order; no units, or another verb.
    """
    wanted = _wanted(unit_ids)
    if verb not in ("keep", "returned"):
        raise Invalid(fields=(FieldProblem(pointer="/verb", code="unknown_value"),))
    trade = await lock_family_of(tx, order_id)
    moved = await units.move_units(tx, order_ids=(order_id,), unit_ids=wanted, verb=verb)
    if refused := [unit_id for unit_id in wanted if unit_id not in moved]:
        raise UnitNotInReturn(unit_ids=rules.shown_units(refused))
    states = (await axes.order_states(tx, [trade["id"]]))[trade["id"]]
    number = next(row["number"] for row in states if row["id"] == order_id)
    closed = write.Happened(
        code="return_kept" if verb == "keep" else "return_taken_back",
        order_id=order_id,
        params={"number": number, "count": len(wanted)},
    )
    await write.note(tx, trade_id=trade["id"], entries=(closed,), by=by, now=now)
    return tuple(read.unit(moved[unit_id]) for unit_id in wanted)


def _wanted(unit_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Each once, in the order asked."""
    wanted = tuple(dict.fromkeys(unit_ids))
    if not wanted:
        raise Invalid(fields=(FieldProblem(pointer="/unit_ids", code="required"),))
    return wanted
