"""The pay deadline passed: make sure that no money is under way, then give the goods back to the shop.

The gateway is asked to close every open tender first. One that turns out to be paid settles instead; one that does
not answer leaves the trade as it is, and the timer comes back (U-15: a late payment has one outcome).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from daji.flows import flash_stock
from daji.flows.context import Context, asking_gateway
from daji.flows.refund_money import RefundMoney, refund_money
from daji.flows.settle_payment import ask_tender
from daji.kit.db import Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports

TIMER = "orders.pay_deadline"


async def expire_order(ctx: Context, *, trade_id: UUID, now: datetime) -> bool:
    """Expire an unpaid trade; False when it was paid, cancelled or expired already.

    Raises
    ------
    runs.TryLater
        When a tender's fate is not known; nothing was changed, try again later.
    """
    async with ctx.db.read() as session:
        payable = await payments.find_payable(session, trade_id=trade_id)
    if payable is None:
        return False
    for tender in payable.tenders:
        if tender.status in payments.WAITING:
            await close_tender(ctx, tender, now=now)

    async def work(tx: Tx) -> int | None:
        # Closing takes the payable's lock: what is read after it is not bent by a payment that is being told.
        await payments.close_payable(tx, trade_id=trade_id, now=now)
        closed = await payments.get_payable(tx, trade_id=trade_id)
        expired = await orders.expire(tx, trade_id=trade_id, now=now)
        if expired is None:
            return None
        await flash_stock.let_go(tx, holder=trade_id, reason="expired", by="system", now=now)
        return closed.kept

    part_paid = await ctx.db.run(work)
    if part_paid:
        wish = RefundMoney(trade_id=trade_id, amount=part_paid, reason="expired", ref=f"expired:{trade_id}")
        await refund_money(ctx, wish, now=now)
    return part_paid is not None


async def close_tender(ctx: Context, tender: payments.Tender, *, now: datetime) -> None:
    """Close an open tender at its gateway and settle whatever it turns out to be."""
    # A refusal means paid, closed or never known there: the question below finds out which.
    with asking_gateway(tender.gateway), suppress(ports.GatewayRefused):
        await ctx.gateway(tender.gateway).void(tender.key)
    await ask_tender(ctx, tender_id=tender.id, now=now)
