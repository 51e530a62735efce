"""What a carrier tells about a parcel moves the order's delivery axis, once per event and never backwards."""

from __future__ import annotations

from datetime import datetime

from daji.flows.context import Context
from daji.fulfil.delivery import api as delivery
from daji.kit.db import Tx
from daji.trade.orders import api as orders

_VERBS = {
    "delivered": ("deliver",),
    "failed": ("fail",),
    "returning": ("fail",),
    "returned": ("fail", "return"),
}
"""What the order has to be told when its parcel stands here; a word the order has heard before is left out."""


async def track_parcel(
    ctx: Context, *, carrier: str, event: delivery.TrackingEvent, now: datetime
) -> delivery.Tracked | None:
    """Record one event; None when no shipment of ours carries its number.

    The order follows the parcel's status, not the event: scans arrive twice and in any order.
    """

    async def work(tx: Tx) -> delivery.Tracked | None:
        shipment = await delivery.find_by_tracking(tx, carrier=carrier, tracking_no=event.tracking_no)
        if shipment is None:
            return None
        # The order's row is locked before the shipment's, as the written order wants: so look ahead.
        status = delivery.status_after(shipment.status, event.code)
        axis = await orders.get_delivery(tx, order_id=shipment.order_id)
        for verb in _VERBS.get(status, ()):
            if orders.delivery_allows(axis, verb):
                moved = await orders.move_delivery(
                    tx, order_id=shipment.order_id, verb=verb, by=f"carrier:{carrier}", now=event.at
                )
                axis = moved.delivery
        return await delivery.record_event(tx, carrier=carrier, event=event, now=now)

    return await ctx.db.run(work)
