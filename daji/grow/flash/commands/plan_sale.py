"""Make a flash sale, and change it while it is a draft."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load
from daji.grow.flash.facts import Plan, Sale
from daji.grow.flash.states import SALE
from daji.grow.flash.store import sales
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import Stale


async def create_sale(tx: Tx, *, plan: Plan, by: str, now: datetime) -> Sale:
    """Keep a new sale as a draft; nothing is taken from stock. Raises Invalid."""
    rules.check_plan(plan, now=now)
    sale_id = ids.new_id()
    await sales.add(tx, sale_id=sale_id, plan=plan, status=SALE.initial, by=by, now=now)
    return await load(tx, sale_id)


async def change_sale(tx: Tx, *, sale_id: UUID, version: int, plan: Plan, now: datetime) -> Sale:
    """Write a draft anew; a scheduled sale is withdrawn first.

    Raises
    ------
    Invalid, SaleUnknown
    states.IllegalTransition
        The sale is no draft.
    kit.problems.Stale
        Somebody changed it since `version`.
    """
    rules.check_plan(plan, now=now)
    draft = SALE.sources("schedule")
    if not await sales.change(tx, sale_id=sale_id, version=version, plan=plan, statuses=draft, now=now):
        was = await load(tx, sale_id)
        if was.status not in draft:
            SALE.after(was.status, "schedule")
        raise Stale
    return await load(tx, sale_id)
