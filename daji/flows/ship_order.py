"""Ship a packed child: book it with a carrier, then hand it over; the goods leave the ledger with the parcel.

The booking carries the shipment's id as its key, so that a repeat after a crash or a silent carrier finds the same
tracking number.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.kit.places import Address
from daji.kit.problems import Problem
from daji.trade.orders import api as orders


class CarrierSaysNo(Problem):
    """The carrier will not take this parcel; `reason` is its own code."""

    code = "flows.carrier_says_no"
    status = 409


class NotPacked(Problem):
    """There is no parcel yet to hand over."""

    code = "flows.not_packed"
    status = 409


class ShipOrder(msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    carrier: str
    by: str


class Shipped(msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    shipment_id: UUID
    carrier: str
    tracking_no: str


class _Booked(msgspec.Struct, frozen=True, kw_only=True):
    shipment_id: UUID
    trade_id: UUID
    site_id: UUID
    origin: delivery.Origin
    address: Address
    weight_g: int
    lines: tuple[inventory.HoldLine, ...] = ()


async def _ship(run: runs.Run, ctx: Context, given: ShipOrder) -> Shipped:
    carrier = ctx.carrier(given.carrier)
    booked = await run.local("prepare", _Booked, lambda tx: _prepare(tx, run, given))
    request = delivery.BookRequest(
        shipment_id=booked.shipment_id,
        key=ids.show("shp", booked.shipment_id),
        origin=booked.origin,
        destination=booked.address,
        weight_g=booked.weight_g,
        at=run.now,
    )
    try:
        booking = await run.outside("book", lambda: carrier.book(request))
    except (delivery.CarrierUnknown, delivery.CarrierUnreachable) as silent:
        raise runs.TryLater(f"carrier {given.carrier}") from silent
    except delivery.CarrierRefused as refused:
        await run.local("undo", _Booked, lambda tx: _undo(tx, booked, run.now))
        raise CarrierSaysNo(carrier=given.carrier, reason=refused.code) from refused

    async def hand_over(tx: Tx) -> Shipped:
        await orders.move_delivery(tx, order_id=given.order_id, verb="ship", by=given.by, now=run.now)
        # A run that was begun by an earlier version has not noted its lines.
        lines = booked.lines or _lines(await orders.get_order(tx, order_id=given.order_id, owner=None))
        await inventory.ship(
            tx,
            holder=booked.trade_id,
            lines=lines,
            ref=ids.show("shp", booked.shipment_id),
            by=given.by,
            now=run.now,
        )
        await warehouse.hand_over(tx, order_id=given.order_id, by=given.by, now=run.now)
        await delivery.record_booking(
            tx, shipment_id=booked.shipment_id, tracking_no=booking.tracking_no, now=run.now
        )
        await delivery.hand_over(tx, shipment_id=booked.shipment_id, now=run.now)
        return Shipped(
            order_id=given.order_id,
            shipment_id=booked.shipment_id,
            carrier=given.carrier,
            tracking_no=booking.tracking_no,
        )

    return await run.local("hand_over", Shipped, hand_over, final=True)


async def _prepare(tx: Tx, run: runs.Run, given: ShipOrder) -> _Booked:
    order = await orders.get_order(tx, order_id=given.order_id, owner=None)
    address = await orders.get_destination(tx, trade_id=order.trade_id)
    pick_list = await warehouse.get_pick_list(tx, order_id=order.id)
    if pick_list.package is None:
        raise NotPacked(order=order.number)
    (site,) = await inventory.sites(tx, ids=[order.site_id])
    await delivery.book_shipment(
        tx,
        shipment_id=run.id,
        order_id=order.id,
        carrier=given.carrier,
        address=address,
        weight_g=pick_list.package.weight_g,
        now=run.now,
    )
    return _Booked(
        shipment_id=run.id,
        trade_id=order.trade_id,
        site_id=site.id,
        origin=delivery.Origin(
            site_id=site.id,
            name=site.name,
            postcode=site.postcode,
            city=site.city,
            lat=site.lat,
            lon=site.lon,
        ),
        address=address,
        weight_g=pick_list.package.weight_g,
        lines=_lines(order),
    )


def _lines(order: orders.Order) -> tuple[inventory.HoldLine, ...]:
    return tuple(
        inventory.HoldLine(sku_id=line.sku_id, site_id=order.site_id, qty=line.qty) for line in order.lines
    )


async def _undo(tx: Tx, booked: _Booked, now: datetime) -> _Booked:
    await delivery.cancel(tx, shipment_id=booked.shipment_id, now=now)
    return booked


FLOW = runs.Flow(name="ship_order", takes=ShipOrder, gives=Shipped, body=_ship)


async def ship_order(ctx: Context, given: ShipOrder, *, scope: str, key: str, now: datetime) -> Shipped:
    """Ship once for this key.

    Raises
    ------
    CarrierSaysNo
        The carrier refuses; the parcel stays packed and may go by another one.
    runs.TryLater
        The carrier did not answer; the same key, or the janitor, finds out.
    """
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
