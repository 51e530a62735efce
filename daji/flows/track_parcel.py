"""What a carrier tells about a parcel moves the order's delivery axis, once per event and never backwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from daji.flows.context import Context
from daji.fulfil.delivery import api as delivery
from daji.kit import runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders

_VERBS = {
    "delivered": ("deliver",),
    "failed": ("fail",),
    "returning": ("fail",),
    "returned": ("fail", "return"),
}
"""What the order has to be told when its parcel stands here; a word the order has heard before is left out."""


class TrackParcels(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier told of several parcels, one event of each, and when each was heard."""

    carrier: str
    scans: tuple[tuple[delivery.TrackingEvent, datetime], ...]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How many events were of parcels of ours."""

    ours: int


async def track_parcel(
    ctx: Context, *, carrier: str, event: delivery.TrackingEvent, now: datetime
) -> delivery.Tracked | None:
    """Record one event; None when no shipment of ours carries its number.

    The order follows the parcel's status, not the event: scans arrive twice and in any order.
    """

    async def work(tx: Tx) -> delivery.Tracked | None:
        tracked = await track_all(tx, carrier=carrier, told=[(event, now)])
        return tracked.get(event.event_id)

    return await ctx.db.run(work)


async def track_all(
    tx: Tx, *, carrier: str, told: Sequence[tuple[delivery.TrackingEvent, datetime]]
) -> dict[str, delivery.Tracked]:
    """Record (event, when it was heard), one of a parcel; by the event's id, less what fits no parcel of ours.

    The order follows the parcel's status, not the event: scans arrive twice and in any order.
    """
    numbers = [event.tracking_no for event, _ in told]
    found = await delivery.find_by_numbers(tx, carrier=carrier, tracking_nos=numbers)
    ours = [(event, now) for event, now in told if event.tracking_no in found]
    if not ours:
        return {}
    # An order's row is locked before its shipment's, as the written order wants: so look ahead.
    axes = await orders.get_deliveries(tx, order_ids=[one.order_id for one in found.values()])
    steps: dict[str, list[orders.DeliveryStep]] = {}
    for event, _ in ours:
        shipment = found[event.tracking_no]
        axis = axes[shipment.order_id]
        for verb in _VERBS.get(delivery.status_after(shipment.status, event.code), ()):
            if orders.delivery_allows(axis, verb):
                step = orders.DeliveryStep(order_id=shipment.order_id, by=f"carrier:{carrier}", at=event.at)
                steps.setdefault(verb, []).append(step)
                axis = orders.delivery_after(axis, verb)
    # "return" follows "fail", for the same order too.
    for verb in sorted(steps, key=("deliver", "fail", "return").index):
        await orders.move_deliveries(tx, steps=steps[verb], verb=verb)
    tracked = await delivery.record_events(tx, carrier=carrier, told=ours)
    return {event.event_id: one for (event, _), one in zip(ours, tracked, strict=True)}


async def _track_many(run: runs.Run, _ctx: Context, given: TrackParcels) -> Heard:
    async def work(tx: Tx) -> Heard:
        tracked = await track_all(tx, carrier=given.carrier, told=given.scans)
        return Heard(ours=len(tracked))

    return await run.local("record", Heard, work, final=True)


MANY = runs.Flow(name="track_parcels", takes=TrackParcels, gives=Heard, body=_track_many)


async def track_parcels(ctx: Context, given: TrackParcels, *, scope: str, key: str, now: datetime) -> Heard:
    """Record all of them once for this key."""
    return await runs.start(ctx.db, MANY, ctx, given, scope=scope, key=key, now=now)
