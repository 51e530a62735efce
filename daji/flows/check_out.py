"""One tap at the end of a checkout: place the order at the quote that was read, and start paying for it.

Placing comes first and stands on its own. When the gateway refuses or is not there, the order is kept for its time and
its page offers to pay again; nothing is undone for a payment that did not start.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from daji.flows.context import Context
from daji.flows.place_order import PlaceOrder, place_order
from daji.flows.start_payment import StartPayment, TenderAsk, start_payment
from daji.kit import ids, runs
from daji.kit.problems import Problem

log = structlog.get_logger(__name__)


class CheckOut(msgspec.Struct, frozen=True, kw_only=True):
    """`order` as the buyer confirmed it; `return_base` is the page that the gateway leads back to, less the trade's id."""

    order: PlaceOrder
    tender: TenderAsk | None
    return_base: str
    gateway: str


class CheckedOut(msgspec.Struct, frozen=True, kw_only=True):
    """`pay_url` is where the buyer goes on; None when nothing is due, or no payment has started."""

    trade_id: UUID
    due: int
    pay_url: str | None


async def check_out(ctx: Context, given: CheckOut, *, scope: str, key: str, now: datetime) -> CheckedOut:
    """Place once for this key, and start the trade's first payment once.

    Raises
    ------
    place_order.QuoteExpired, place_order.QuoteChanged, inventory.HoldLimit, kit's KeyReused and InProgress
        From placing; a payment that does not start is no reason to raise.
    """
    placed = await place_order(ctx, given.order, scope=scope, key=key, now=now)
    if given.tender is None or placed.due == 0:
        return CheckedOut(trade_id=placed.trade_id, due=placed.due, pay_url=None)
    trade = ids.show("trd", placed.trade_id)
    try:
        started = await start_payment(
            ctx,
            StartPayment(
                trade_id=placed.trade_id,
                owner=given.order.owner,
                tenders=(given.tender,),
                return_url=f"{given.return_base}{trade}",
                gateway=given.gateway,
            ),
            scope=scope,
            key=f"first payment of {trade}",
            now=now,
        )
    except (Problem, runs.TryLater) as trouble:
        log.warning("no payment started", trade=trade, trouble=repr(trouble))
        return CheckedOut(trade_id=placed.trade_id, due=placed.due, pay_url=None)
    url = next((tender.pay_url for tender in started.tenders if tender.pay_url), None)
    return CheckedOut(trade_id=placed.trade_id, due=placed.due, pay_url=url)
