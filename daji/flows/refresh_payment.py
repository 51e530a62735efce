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


async def refresh_payment(ctx: Context, *, trade_id: UUID, owner: Owner | None, now: datetime) -> None:
    """Settle every tender of the trade that the gateway knows more about than we do; `owner` None is staff.

    Two statements when there is none. A gateway that does not answer leaves things as they are; the tender's timer
    asks again.

    Raises
    ------
    orders.TradeUnknown
        For another's trade.
    """
    async with ctx.db.fresh() as session:
        await orders.get_head(session, trade_id=trade_id, owner=owner)
        waiting = await payments.list_waiting(session, trade_id=trade_id)
    for tender in waiting:
        with suppress(TryLater):
            await ask_tender(ctx, tender_id=tender.id, now=now, tender=tender)
