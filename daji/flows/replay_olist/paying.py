"""Pay by every recorded tender, at the gateway's own page, and let the gateway's notices say so."""

from __future__ import annotations

from daji.flows.replay_olist.importing import SCOPE
from daji.flows.replay_olist.source import Order
from daji.flows.replay_olist.stage import GATEWAY, RETURN_PATH, Stage, Stuck, run_key
from daji.flows.settle_payment import ask_tender
from daji.flows.start_payment import StartPayment, TenderAsk, start_payment
from daji.trade.cart.api import Owner
from daji.trade.payments import api as payments


async def start(stage: Stage, order: Order) -> None:
    """Ask the gateway for every tender with its instalments; none is paid yet."""
    started = await start_payment(
        stage.ctx,
        StartPayment(
            trade_id=stage.trade_id(order),
            owner=Owner(shopper_id=stage.shopper(order)) if order.items else None,
            tenders=tuple(
                TenderAsk(
                    method=tender.method,
                    amount=tender.amount,
                    instalments=tender.instalments,
                    script="pending",
                )
                # A gateway takes no payment of nothing; those are noted beside.
                for tender in order.tenders
                if tender.amount
            ),
            return_url=f"{stage.ctx.policies.public_url}{RETURN_PATH}",
            gateway=GATEWAY,
        ),
        scope=SCOPE,
        key=run_key(order, "pay"),
        now=stage.now,
    )
    if any(tender.pay_url is None for tender in started.tenders):
        raise Stuck(f"{order.id}: the gateway refused a tender: {started.tenders}")
    stage.pay_urls[order.id] = tuple(tender.pay_url for tender in started.tenders if tender.pay_url)


async def approve(stage: Stage, order: Order) -> None:
    """Let the buyer pay each tender at its page; then everything must be settled.

    The notices are what settles. Should one have been lost with a killed process, the buyer's browser comes back and
    the shop asks, as for any impatient buyer.
    """
    if order.id not in stage.pay_urls:
        await start(stage, order)
    for url in stage.pay_urls[order.id]:
        await stage.pay(url)
    await stage.deliver_notices()
    if not (payable := await _payable(stage, order)).settled:
        for tender in payable.tenders:
            await ask_tender(stage.ctx, tender_id=tender.id, now=stage.now)
        payable = await _payable(stage, order)
    if not payable.settled:
        raise Stuck(f"{order.id}: {payable.captured} of {payable.due} paid")


async def _payable(stage: Stage, order: Order) -> payments.Payable:
    async with stage.ctx.db.read() as session:
        return await payments.get_payable(session, trade_id=stage.trade_id(order))
