"""Pay by every recorded tender, and let the gateway's notices say so."""

from __future__ import annotations

from daji.flows.replay_olist.importing import SCOPE
from daji.flows.replay_olist.plan import Batch, Step
from daji.flows.replay_olist.stage import GATEWAY, RETURN_PATH, Stage, Stuck
from daji.flows.settle_payment import SettleMany, settle_payments
from daji.flows.start_payment import StartPayment, TenderAsk
from daji.flows.start_payments import StartPayments, start_payments
from daji.trade.cart.api import Owner
from daji.trade.payments import api as payments


async def start(stage: Stage, batch: Batch) -> None:
    """Ask the gateway for every tender with its instalments; none is paid yet."""
    given = StartPayments(
        gateway=GATEWAY, wishes=tuple((_wish(stage, step), step.at) for step in batch.steps)
    )
    started = await start_payments(stage.ctx, given, scope=SCOPE, key=batch.key, now=batch.until)
    for step, trade in zip(batch.steps, started.trades, strict=True):
        if any(tender.status != "pending" for tender in trade.tenders):
            raise Stuck(f"{step.order.id}: the gateway refused a tender: {trade.tenders}")
        stage.tenders[step.order.id] = tuple(str(tender.tender_id) for tender in trade.tenders)
        stage.owners.update({tender.tender_id: step.order.id for tender in trade.tenders})


def _wish(stage: Stage, step: Step) -> StartPayment:
    order = step.order
    return StartPayment(
        trade_id=stage.trade_id(order),
        owner=Owner(shopper_id=stage.shopper(order)) if order.items else None,
        tenders=tuple(
            TenderAsk(method=tender.method, amount=tender.amount, instalments=tender.instalments)
            # A gateway takes no payment of nothing; those are noted beside.
            for tender in order.tenders
            if tender.amount
        ),
        return_url=f"{stage.ctx.policies.public_url}{RETURN_PATH}",
        gateway=GATEWAY,
    )


async def approve(stage: Stage, batch: Batch) -> None:
    """Let the buyers pay each tender; the gateway's notices settle it, and then nothing may be open."""
    notices = tuple(
        (stage.gateway.pay(key, at=step.at), step.at)
        for step in batch.steps
        for key in stage.tenders.get(step.order.id, ())
    )
    given = SettleMany(gateway=GATEWAY, notices=notices)
    await settle_payments(stage.ctx, given, scope=SCOPE, key=batch.key, now=batch.until)
    trades = {stage.trade_id(step.order): step.order.id for step in batch.steps}
    async with stage.ctx.db.fresh() as session:
        unpaid = await payments.list_open(session, trade_ids=list(trades))
    if unpaid:
        told = (f"{trades[one.trade_id]}: {one.captured} of {one.due} paid" for one in unpaid)
        raise Stuck("; ".join(told))
