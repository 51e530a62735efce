"""Remember what went back for which unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.orders import rules
from daji.trade.orders.facts import RefundExceedsPaid
from daji.trade.orders.store import axes, units


async def note_refund(tx: Tx, *, amounts: Sequence[tuple[UUID, int]], now: datetime) -> None:  # noqa: ARG001 - every command is told the time
    """Add these amounts (minor units) to what was refunded for each unit; all of them or none.

    Raises
    ------
    RefundExceedsPaid
        A unit is unknown, or more would have gone back for it than was paid.
    Invalid
        A negative amount.
    """
    sums: dict[UUID, int] = {}
    for unit_id, amount in amounts:
        if amount < 0:
            raise Invalid(fields=(FieldProblem(pointer="/amounts", code="too_small", params={"minimum": 0}),))
        sums[unit_id] = sums.get(unit_id, 0) + amount
    if not sums:
        return
    await axes.lock_trades_of_units(tx, list(sums))
    done = await units.add_refunds(tx, sums)
    if refused := [unit_id for unit_id in sums if unit_id not in done]:
        raise RefundExceedsPaid(unit_ids=rules.shown_units(refused))
