"""Which journey each kind of timer starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.flows import examine_house, expire_order, refund_money, run_flash_sale, settle_payment
from daji.flows.context import Context
from daji.grow.flash import api as flash
from daji.kit import timers
from daji.trade.orders import api as orders


def make_timers(ctx: Context) -> dict[str, timers.Handler]:
    """Which journey each kind of timer starts."""

    async def pay_deadline(trade_id: UUID, now: datetime) -> None:
        await expire_order.expire_order(ctx, trade_id=trade_id, now=now)

    async def ask_tender(tender_id: UUID, now: datetime) -> None:
        await settle_payment.ask_tender(ctx, tender_id=tender_id, now=now)

    async def ask_refund(refund_id: UUID, now: datetime) -> None:
        await refund_money.ask_refund(ctx, refund_id=refund_id, now=now)

    async def complete(order_id: UUID, now: datetime) -> None:
        await ctx.db.run(lambda tx: orders.complete(tx, order_id=order_id, now=now))

    async def open_sale(sale_id: UUID, now: datetime) -> None:
        await run_flash_sale.open_on_time(ctx, sale_id=sale_id, now=now)

    async def close_sale(sale_id: UUID, now: datetime) -> None:
        await run_flash_sale.close_on_time(ctx, sale_id=sale_id, now=now)

    async def examine(report_id: UUID, now: datetime) -> None:
        await examine_house.examine_and_keep(ctx.db, report_id=report_id, now=now)

    return {
        expire_order.TIMER: pay_deadline,
        orders.COMPLETE_TIMER: complete,
        "payments.ask_tender": ask_tender,
        "payments.ask_refund": ask_refund,
        examine_house.TIMER: examine,
        flash.OPENS_TIMER: open_sale,
        flash.CLOSES_TIMER: close_sale,
    }


def make_timers_together(ctx: Context) -> dict[str, timers.Together]:
    """The same for a clock that leaps: what many timers start at once, else one by one."""

    async def complete(group: Sequence[timers.Due]) -> None:
        due = [(one.subject, one.due_at) for one in group]
        await ctx.db.run(lambda tx: orders.complete_many(tx, due=due))

    async def ask(group: Sequence[timers.Due]) -> None:
        asked = [(one.subject, one.due_at) for one in group]
        await settle_payment.ask_tenders(ctx, asked=asked, now=asked[-1][1])

    singles = {kind: timers.one_by_one(handler) for kind, handler in make_timers(ctx).items()}
    return {**singles, orders.COMPLETE_TIMER: complete, "payments.ask_tender": ask}
