"""What a carrier tells about a parcel moves the order's delivery axis, once per event and never backwards."""

from __future__ import annotations

from datetime import datetime

from daji.flows.context import Context
from daji.fulfil.delivery import api as delivery
from daji.kit.db import Tx
from daji.trade.orders import api as orders

_VERBS = {"delivered": "deliver", "failed": "fail", "returned": "return"}


async def track_parcel(
    ctx: Context, *, carrier: str, event: delivery.TrackingEvent, now: datetime
) -> delivery.Tracked | None:
    """Record one event; None when no shipment of ours carries its number.

    The carrier's event id is the key, so that a repeated webhook changes nothing.
    """

    async def work(tx: Tx) -> delivery.Tracked | None:
        shipment = await delivery.find_by_tracking(tx, carrier=carrier, tracking_no=event.tracking_no)
        if shipment is None:
            return None
        verb = _VERBS.get(event.code)
        order = await orders.get_order(tx, order_id=shipment.order_id, owner=None)
        if verb is not None and orders.delivery_allows(order.delivery, verb):
            await orders.move_delivery(
                tx, order_id=order.id, verb=verb, by=f"carrier:{carrier}", now=event.at
            )
        return await delivery.record_event(tx, carrier=carrier, event=event, now=now)

    return await ctx.db.run(work)
