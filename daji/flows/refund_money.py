"""Give money back to the tenders it came from, exactly once per reference."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.flows.context import Context, asking_gateway
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports

Outcome = ports.RefundAnswer | ports.Refusal | Literal["unknown"]


class RefundMoney(msgspec.Struct, frozen=True, kw_only=True):
    """Give `amount` (minor units) of a trade back; `ref` names the cause and is the key."""

    trade_id: UUID
    amount: int
    reason: str
    ref: str


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """`done` is back with the buyer, `pending` is on its way or being asked about, `failed` needs a person."""

    done: int
    pending: int
    failed: int


class _Plan(msgspec.Struct, frozen=True, kw_only=True):
    refunds: tuple[payments.Refund, ...]


async def _refund(run: runs.Run, ctx: Context, given: RefundMoney) -> Refunded:
    async def plan(tx: Tx) -> _Plan:
        return _Plan(
            refunds=await payments.plan_refund(
                tx,
                trade_id=given.trade_id,
                amount=given.amount,
                reason=given.reason,
                ref=given.ref,
                now=run.now,
            )
        )

    planned = await run.local("plan", _Plan, plan)
    outcomes = [
        (refund, await run.outside("refund", partial(submit, ctx, refund))) for refund in planned.refunds
    ]

    async def record(tx: Tx) -> Refunded:
        recorded = [
            await payments.record_refund(tx, refund_id=refund.id, outcome=outcome, now=run.now)
            for refund, outcome in outcomes
        ]
        return await tell_the_others(tx, given.trade_id, recorded, ref=given.ref, now=run.now)

    return await run.local("record", Refunded, record, final=True)


async def tell_the_others(
    tx: Tx, trade_id: UUID, recorded: list[payments.Refund], *, ref: str, now: datetime
) -> Refunded:
    """Derive the order's payment axis and close the after-sales case when all is back."""
    payable = await payments.get_payable(tx, trade_id=trade_id)
    await orders.set_payment(
        tx, trade_id=trade_id, captured=payable.captured, refunded=payable.refunded, now=now
    )
    sums = {"done": 0, "failed": 0, "pending": 0}
    for refund in recorded:
        sums[refund.status if refund.status in sums else "pending"] += refund.amount
    if ref.startswith("case:") and recorded and not sums["pending"] and not sums["failed"]:
        await aftersales.finish_refund(
            tx, case_id=ids.read("cas", ref.removeprefix("case:")), amount=sums["done"], now=now
        )
    return Refunded(**sums)


async def submit(ctx: Context, refund: payments.Refund) -> Outcome:
    """Tell the gateway; silence is "unknown" and is asked about later."""
    try:
        return await ctx.gateway(refund.gateway).refund(
            ports.RefundRequest(
                key=refund.key,
                payment_key=refund.payment_key,
                gateway_no=refund.gateway_no,
                amount=refund.amount,
                currency=refund.currency,
                reason=refund.reason,
            )
        )
    except (ports.GatewayUnknown, ports.GatewayUnreachable):
        return "unknown"
    except ports.GatewayRefused as refused:
        return refused.refusal


FLOW = runs.Flow(name="refund_money", takes=RefundMoney, gives=Refunded, body=_refund)


async def refund_money(ctx: Context, given: RefundMoney, *, now: datetime) -> Refunded:
    """Refund once for `given.ref`; asking again gives the first answer."""
    return await runs.start(ctx.db, FLOW, ctx, given, scope=f"trade:{given.trade_id}", key=given.ref, now=now)


async def ask_refund(ctx: Context, *, refund_id: UUID, now: datetime) -> None:
    """Janitor: ask the gateway what became of a refund; send it again, under its key, when it never arrived.

    Raises
    ------
    runs.TryLater
        When there is still no answer; the timer asks again.
    """
    async with ctx.db.read() as session:
        refund = await payments.find_refund(session, refund_id=refund_id)
    if refund is None or refund.status == "done":
        return
    with asking_gateway(refund.gateway):
        outcome: Outcome | None = await ctx.gateway(refund.gateway).query_refund(refund.key)
    if outcome is None:
        outcome = await submit(ctx, refund)

    async def work(tx: Tx) -> Refunded:
        recorded = await payments.record_refund(tx, refund_id=refund_id, outcome=outcome, now=now)
        return await tell_the_others(tx, refund.trade_id, [recorded], ref=refund.ref, now=now)

    await ctx.db.run(work)
