"""A return in two hands: whoever opens the parcel takes the goods in, whoever may move money gives it back.

`return_goods.settle_return` does both at once, for a shop where one person does both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.flows.context import Context
from daji.flows.refund_money import Refunded
from daji.flows.return_goods import Grade, Owed, give_back, graded
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders


class TakeIn(msgspec.Struct, frozen=True, kw_only=True):
    """The goods of an approved return are here: `grades` maps unit ids to restock, quarantine or scrap."""

    case_id: UUID
    grades: dict[UUID, Grade]
    site_id: UUID | None
    by: str


class PayBack(msgspec.Struct, frozen=True, kw_only=True):
    """Give the money of a case back: of goods that are here, or of an approved wish for money only."""

    case_id: UUID
    by: str


async def _take_in(run: runs.Run, _ctx: Context, given: TakeIn) -> aftersales.Case:
    async def work(tx: Tx) -> aftersales.Case:
        case = await aftersales.get_case(tx, case_id=given.case_id, owner=None)
        await orders.close_return(
            tx,
            order_id=case.order_id,
            unit_ids=[unit.unit_id for unit in case.units],
            verb="returned",
            by=given.by,
            now=run.now,
        )
        received = await aftersales.receive(
            tx, case_id=case.id, grades=given.grades, site_id=given.site_id, by=given.by, now=run.now
        )
        if given.site_id is not None:
            await inventory.take_back(
                tx,
                site_id=given.site_id,
                lines=graded(case, given.grades),
                ref=ids.show("cas", case.id),
                by=given.by,
                now=run.now,
            )
        return received

    return await run.local("take_in", aftersales.Case, work, final=True)


async def _pay_back(run: runs.Run, ctx: Context, given: PayBack) -> Refunded:
    owed = await run.local("claim", Owed, lambda tx: _claim(tx, given, run.now))
    return await give_back(ctx, case_id=given.case_id, owed=owed, now=run.now)


async def _claim(tx: Tx, given: PayBack, now: datetime) -> Owed:
    case = await aftersales.get_case(tx, case_id=given.case_id, owner=None)
    if case.kind == "refund_only":
        await orders.close_return(
            tx,
            order_id=case.order_id,
            unit_ids=[unit.unit_id for unit in case.units],
            verb="returned",
            by=given.by,
            now=now,
        )
    await orders.note_refund(tx, amounts=[(unit.unit_id, unit.amount) for unit in case.units], now=now)
    await aftersales.start_refund(tx, case_id=case.id, now=now, by=given.by)
    return Owed(trade_id=case.trade_id, amount=case.amount)


TAKE_IN = runs.Flow(name="take_in_return", takes=TakeIn, gives=aftersales.Case, body=_take_in)
PAY_BACK = runs.Flow(name="pay_back_return", takes=PayBack, gives=Refunded, body=_pay_back)


async def take_in_return(
    ctx: Context, given: TakeIn, *, scope: str, key: str, now: datetime
) -> aftersales.Case:
    """Take goods in once for this key.

    Raises
    ------
    aftersales.NoCase, aftersales.BadGrades, kit.states.IllegalTransition
    inventory.UnknownSite
    """
    return await runs.start(ctx.db, TAKE_IN, ctx, given, scope=scope, key=key, now=now)


async def pay_back_return(ctx: Context, given: PayBack, *, scope: str, key: str, now: datetime) -> Refunded:
    """Refund a case once for this key; each unit's frozen paid share (U-40).

    Raises
    ------
    aftersales.NoCase
    kit.states.IllegalTransition
        Goods that are to come back are not here, or the money went before.
    """
    return await runs.start(ctx.db, PAY_BACK, ctx, given, scope=scope, key=key, now=now)
