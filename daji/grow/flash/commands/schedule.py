"""A draft becomes a sale that opens by itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.grow.flash.commands.moving import clear_timers, move, set_timers
from daji.grow.flash.facts import Sale
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid


async def schedule(tx: Tx, *, sale_id: UUID, now: datetime) -> Sale:
    """Schedule a draft; the caller holds its quota in the same transaction.

    Raises
    ------
    SaleUnknown, states.IllegalTransition
    Invalid
        Its time is over before it began.
    """
    sale = await move(tx, sale_id=sale_id, verb="schedule", now=now)
    if sale.closes_at <= now:
        raise Invalid(fields=(FieldProblem(pointer="/closes_at", code="flash.in_the_past"),))
    set_timers(tx, sale)
    return sale


async def withdraw(tx: Tx, *, sale_id: UUID, now: datetime) -> Sale:
    """Take a scheduled sale back to a draft, before it opens; the caller frees its quota.

    Raises
    ------
    SaleUnknown
    states.IllegalTransition
        It is no longer waiting, or its hour has come.
    """
    sale = await move(tx, sale_id=sale_id, verb="withdraw", now=now)
    if now >= sale.opens_at:
        # The stored status lags behind the clock by a moment: what may have sold is not taken back.
        raise Invalid(fields=(FieldProblem(pointer="/opens_at", code="flash.in_the_past"),))
    clear_timers(tx, sale_id)
    return sale
