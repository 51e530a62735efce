"""From the shelf to the door, and back when it came back."""

from __future__ import annotations

from daji.flows.replay_olist.importing import BY, SCOPE
from daji.flows.replay_olist.source import Order
from daji.flows.replay_olist.stage import CARRIER, Stage, Stuck, run_key
from daji.flows.ship_order import ShipOrder, ship_order
from daji.flows.track_parcel import track_parcel
from daji.flows.work_order import PackOrder, PickOrder, pack_order, pick_order
from daji.fulfil.delivery import api as delivery


async def pick(stage: Stage, order: Order) -> None:
    for n, child in enumerate((await stage.trade(order)).orders):
        wanted = PickOrder(order_id=child.id, by=BY)
        await pick_order(stage.ctx, wanted, scope=SCOPE, key=run_key(order, "pick", n), now=stage.now)


async def pack(stage: Stage, order: Order) -> None:
    """Close one parcel per child; a product whose weight is not known counts one gram."""
    weights = {item.code: stage.products[item.product_id].weight_g for item in order.items}
    for n, child in enumerate((await stage.trade(order)).orders):
        weight = sum(weights[line.code] * line.qty for line in child.lines)
        box = PackOrder(order_id=child.id, by=BY, weight_g=max(weight, 1))
        await pack_order(stage.ctx, box, scope=SCOPE, key=run_key(order, "pack", n), now=stage.now)


async def ship(stage: Stage, order: Order) -> None:
    for n, child in enumerate((await stage.trade(order)).orders):
        wanted = ShipOrder(order_id=child.id, carrier=CARRIER, by=BY)
        await ship_order(stage.ctx, wanted, scope=SCOPE, key=run_key(order, "ship", n), now=stage.now)


async def deliver(stage: Stage, order: Order) -> None:
    await _scan(stage, order, ("delivered",))


async def come_back(stage: Stage, order: Order) -> None:
    """Nobody took it in: the carrier brings it back to the seller."""
    await _scan(stage, order, ("failed", "returned"))


async def _scan(stage: Stage, order: Order, codes: tuple[delivery.EventCode, ...]) -> None:
    for child in (await stage.trade(order)).orders:
        async with stage.ctx.db.read() as session:
            shipments = await delivery.find_by_order(session, order_id=child.id)
        if len(shipments) != 1 or shipments[0].tracking_no is None:
            raise Stuck(f"{order.id}: {child.number} has {len(shipments)} parcels")
        number = shipments[0].tracking_no
        for code in codes:
            scan = delivery.TrackingEvent(
                event_id=f"{number}-{code}", tracking_no=number, code=code, at=stage.now
            )
            await track_parcel(stage.ctx, carrier=CARRIER, event=scan, now=stage.now)
