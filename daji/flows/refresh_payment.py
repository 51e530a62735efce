"""A buyer comes back from the gateway's page: ask what became of the payment, without waiting for its notice."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from daji.flows.context import Context
from daji.flows.settle_payment import ask_tender
from daji.kit.runs import TryLater
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments


async def refresh_payment(ctx: Context, *, trade_id: UUID, owner: Owner, now: datetime) -> None:
    """Settle every tender of the trade that the gateway knows more about than we do.

    A gateway that does not answer leaves things as they are; the tender's timer asks again.

    Raises
    ------
    orders.TradeUnknown
        For another's trade.
    """
    async with ctx.db.read() as session:
        trade = await orders.get_trade(session, trade_id=trade_id, owner=owner)
        payable = await payments.get_payable(session, trade_id=trade.id)
    for tender in payable.tenders:
        if tender.status in payments.WAITING:
            with suppress(TryLater):
                await ask_tender(ctx, tender_id=tender.id, now=now)
