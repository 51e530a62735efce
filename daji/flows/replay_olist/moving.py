"""From the shelf to the door, and back when it came back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from daji.flows.replay_olist.importing import BY, SCOPE
from daji.flows.replay_olist.plan import Batch, Step
from daji.flows.replay_olist.stage import CARRIER, Stage, Stuck
from daji.flows.ship_order import ShipOrder, ShipOrders, ship_orders
from daji.flows.track_parcel import TrackParcels, track_parcels
from daji.flows.work_order import PackOrder, PackOrders, PickOrder, PickOrders, pack_orders, pick_orders
from daji.fulfil.delivery import api as delivery
from daji.trade.orders import api as orders


async def pick(stage: Stage, batch: Batch) -> None:
    await stage.gather(batch)
    picks = tuple((PickOrder(order_id=child.id, by=BY), step.at) for step, child in _children(stage, batch))
    await pick_orders(stage.ctx, PickOrders(picks=picks), scope=SCOPE, key=batch.key, now=batch.until)


async def pack(stage: Stage, batch: Batch) -> None:
    """Close one parcel per child; a product whose weight is not known counts one gram."""
    await stage.gather(batch)
    packs: list[tuple[PackOrder, datetime]] = []
    for step, child in _children(stage, batch):
        weights = {item.code: stage.products[item.product_id].weight_g for item in step.order.items}
        weight = sum(weights[line.code] * line.qty for line in child.lines)
        packs.append((PackOrder(order_id=child.id, by=BY, weight_g=max(weight, 1)), step.at))
    given = PackOrders(packs=tuple(packs))
    await pack_orders(stage.ctx, given, scope=SCOPE, key=batch.key, now=batch.until)


async def ship(stage: Stage, batch: Batch) -> None:
    await stage.gather(batch)
    parcels = tuple(
        (ShipOrder(order_id=child.id, carrier=CARRIER, by=BY), step.at)
        for step, child in _children(stage, batch)
    )
    given = ShipOrders(carrier=CARRIER, parcels=parcels)
    shipped = await ship_orders(stage.ctx, given, scope=SCOPE, key=batch.key, now=batch.until)
    stage.numbers.update({parcel.order_id: parcel.tracking_no for parcel in shipped.parcels})


async def deliver(stage: Stage, batch: Batch) -> None:
    await _scan(stage, batch, "delivered")


async def come_back(stage: Stage, batch: Batch) -> None:
    """Nobody took it in: the carrier brings it back to the seller."""
    await _scan(stage, batch, "failed")
    await _scan(stage, batch, "returned")


async def _scan(stage: Stage, batch: Batch, code: delivery.EventCode) -> None:
    await stage.gather(batch)
    children = tuple(_children(stage, batch))
    await _find_numbers(stage, [child for _, child in children])
    scans = tuple(
        (
            delivery.TrackingEvent(
                event_id=f"{stage.numbers[child.id]}-{code}",
                tracking_no=stage.numbers[child.id],
                code=code,
                at=step.at,
            ),
            step.at,
        )
        for step, child in children
    )
    given = TrackParcels(carrier=CARRIER, scans=scans)
    await track_parcels(stage.ctx, given, scope=SCOPE, key=f"{batch.key}:{code}", now=batch.until)


async def _find_numbers(stage: Stage, children: list[orders.Order]) -> None:
    """Read the tracking numbers that an earlier process wrote."""
    unknown = [child.id for child in children if child.id not in stage.numbers]
    if not unknown:
        return
    async with stage.ctx.db.fresh() as session:
        found = await delivery.find_by_orders(session, order_ids=unknown)
    stage.numbers.update({one.order_id: one.tracking_no for one in found if one.tracking_no is not None})
    if lost := [child.number for child in children if child.id not in stage.numbers]:
        raise Stuck(f"no parcel left for {', '.join(lost)}")


def _children(stage: Stage, batch: Batch) -> Iterator[tuple[Step, orders.Order]]:
    for step in batch.steps:
        for child in stage.whole[step.order.id].orders:
            yield step, child
