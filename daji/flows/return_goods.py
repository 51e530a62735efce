"""A buyer sends units back, or asks for money without sending: request, approve, receive, refund.

What goes back is the units' frozen paid share (U-40): arithmetic, not a recomputation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.flows.context import Context
from daji.flows.refund_money import Refunded, RefundMoney, refund_money
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders

Grade = inventory.Grade


class AskReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's wish for chosen units of one child order; `kind` is "return" or "refund_only".

    With `trade_id` the order must be one of that trade, so that an address names nothing in vain (U-114).
    """

    order_id: UUID
    owner: Owner | None
    unit_ids: tuple[UUID, ...]
    kind: str
    reason: str
    note: str
    by: str
    trade_id: UUID | None = None


class SettleReturn(msgspec.Struct, frozen=True, kw_only=True):
    """The goods are here (or need not come): grade each unit, put it where it belongs, give the money back.

    `grades` maps unit ids to restock, quarantine or scrap; empty for "refund_only".
    """

    case_id: UUID
    grades: dict[UUID, Grade]
    site_id: UUID | None
    by: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    case_id: UUID
    amount: int
    currency: str
    expected_refund_by: datetime


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a case is to give back, in minor units, now that nothing else stands before it."""

    trade_id: UUID
    amount: int


async def _ask(run: runs.Run, ctx: Context, given: AskReturn) -> Asked:
    async def work(tx: Tx) -> Asked:
        order = await orders.get_order(tx, order_id=given.order_id, owner=given.owner)
        if given.trade_id not in {None, order.trade_id}:
            raise orders.OrderUnknown
        trade = await orders.get_trade(tx, trade_id=order.trade_id, owner=None)
        aftersales.check_window(
            delivered_at=order.delivered_at, kind=given.kind, now=run.now, policy=ctx.policies.returns
        )
        units = await orders.open_return(
            tx, order_id=order.id, unit_ids=given.unit_ids, by=given.by, now=run.now
        )
        line_of = {unit.id: line for line in order.lines for unit in line.units}
        case = await aftersales.open_case(
            tx,
            case_id=run.id,
            trade_id=order.trade_id,
            order_id=order.id,
            owner=trade.owner,
            kind=given.kind,
            units=[
                aftersales.NewCaseUnit(
                    unit_id=unit.id,
                    line_id=line_of[unit.id].id,
                    sku_id=line_of[unit.id].sku_id,
                    paid=unit.paid,
                    amount=unit.paid - unit.refunded,
                )
                for unit in units
            ],
            reason=given.reason,
            note=given.note,
            currency=order.currency,
            by=given.by,
            now=run.now,
        )
        return Asked(
            case_id=case.id,
            amount=case.amount,
            currency=case.currency,
            expected_refund_by=case.expected_refund_by,
        )

    return await run.local("ask", Asked, work, final=True)


async def _settle(run: runs.Run, ctx: Context, given: SettleReturn) -> Refunded:
    owed = await run.local("receive", Owed, lambda tx: _receive(tx, given, run.now))
    return await give_back(ctx, case_id=given.case_id, owed=owed, now=run.now)


async def give_back(ctx: Context, *, case_id: UUID, owed: Owed, now: datetime) -> Refunded:
    """Send the money of a case that is refunding."""
    if owed.amount == 0:
        # A free gift came back: the goods count, there is no money to move.
        await ctx.db.run(lambda tx: aftersales.finish_refund(tx, case_id=case_id, amount=0, now=now))
        return Refunded(done=0, pending=0, failed=0)
    return await refund_money(
        ctx,
        RefundMoney(
            trade_id=owed.trade_id,
            amount=owed.amount,
            reason="return",
            ref=f"case:{ids.show('cas', case_id)}",
        ),
        now=now,
    )


async def _receive(tx: Tx, given: SettleReturn, now: datetime) -> Owed:
    case = await aftersales.get_case(tx, case_id=given.case_id, owner=None)
    unit_ids = [unit.unit_id for unit in case.units]
    await orders.close_return(
        tx, order_id=case.order_id, unit_ids=unit_ids, verb="returned", by=given.by, now=now
    )
    await orders.note_refund(tx, amounts=[(unit.unit_id, unit.amount) for unit in case.units], now=now)
    if case.kind == "return":
        await aftersales.receive(
            tx, case_id=case.id, grades=given.grades, site_id=given.site_id, by=given.by, now=now
        )
    await aftersales.start_refund(tx, case_id=case.id, now=now)
    if case.kind == "return" and given.site_id is not None:
        await inventory.take_back(
            tx,
            site_id=given.site_id,
            lines=graded(case, given.grades),
            ref=ids.show("cas", case.id),
            by=given.by,
            now=now,
        )
    return Owed(trade_id=case.trade_id, amount=case.amount)


def graded(case: aftersales.Case, grades: Mapping[UUID, Grade]) -> list[inventory.Graded]:
    """Units of one SKU and grade travel as one line."""
    sums: dict[tuple[UUID, Grade], int] = {}
    for unit in case.units:
        kind = (unit.sku_id, grades[unit.unit_id])
        sums[kind] = sums.get(kind, 0) + 1
    return [inventory.Graded(sku_id=sku_id, qty=qty, grade=grade) for (sku_id, grade), qty in sums.items()]


ASK = runs.Flow(name="ask_return", takes=AskReturn, gives=Asked, body=_ask)
SETTLE = runs.Flow(name="settle_return", takes=SettleReturn, gives=Refunded, body=_settle)


async def ask_return(ctx: Context, given: AskReturn, *, scope: str, key: str, now: datetime) -> Asked:
    """Ask once for this key."""
    return await runs.start(ctx.db, ASK, ctx, given, scope=scope, key=key, now=now)


async def settle_return(
    ctx: Context, given: SettleReturn, *, scope: str, key: str, now: datetime
) -> Refunded:
    """Receive and refund once for this key."""
    return await runs.start(ctx.db, SETTLE, ctx, given, scope=scope, key=key, now=now)


async def close_without_refund(
    ctx: Context, *, case_id: UUID, verb: str, why: str, owner: Owner | None, by: str, now: datetime
) -> aftersales.Case:
    """Reject (staff) or withdraw (buyer) a case: its units are the buyer's again."""

    async def work(tx: Tx) -> aftersales.Case:
        case = await aftersales.get_case(tx, case_id=case_id, owner=owner)
        await orders.close_return(
            tx,
            order_id=case.order_id,
            unit_ids=[unit.unit_id for unit in case.units],
            verb="keep",
            by=by,
            now=now,
        )
        if verb == "reject":
            return await aftersales.reject(tx, case_id=case_id, why=why, by=by, now=now)
        return await aftersales.withdraw(tx, case_id=case_id, by=by, now=now)

    return await ctx.db.run(work)
