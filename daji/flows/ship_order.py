"""Ship packed children: book them with a carrier, then hand them over; the goods leave the ledger with the parcels.

A booking carries the shipment's id as its key, so that a repeat after a crash or a silent carrier finds the same
tracking number. One parcel is the case of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
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


class ShipOrders(msgspec.Struct, frozen=True, kw_only=True):
    """Parcels that leave with one carrier, and when each did."""

    carrier: str
    parcels: tuple[tuple[ShipOrder, datetime], ...]


class ShippedMany(msgspec.Struct, frozen=True, kw_only=True):
    parcels: tuple[Shipped, ...]


class _Booked(msgspec.Struct, frozen=True, kw_only=True):
    shipment_id: UUID
    trade_id: UUID
    site_id: UUID
    origin: delivery.Origin
    address: Address
    weight_g: int
    lines: tuple[inventory.HoldLine, ...] = ()


class _BookedMany(msgspec.Struct, frozen=True, kw_only=True):
    parcels: tuple[_Booked, ...]


async def _ship(run: runs.Run, ctx: Context, given: ShipOrder) -> Shipped:
    carrier = ctx.carrier(given.carrier)
    leaving = ((given, run.now),)

    async def prepare(tx: Tx) -> _Booked:
        return (await _prepare(tx, leaving, [run.id])).parcels[0]

    booked = await run.local("prepare", _Booked, prepare)
    try:
        booking = await run.outside("book", lambda: carrier.book(_request(booked, run.now)))
    except (delivery.CarrierUnknown, delivery.CarrierUnreachable) as silent:
        raise runs.TryLater(f"carrier {given.carrier}") from silent
    except delivery.CarrierRefused as refused:
        await run.local("undo", _Booked, lambda tx: _undo(tx, booked, run.now))
        raise CarrierSaysNo(carrier=given.carrier, reason=refused.code) from refused

    async def hand_over(tx: Tx) -> Shipped:
        # A run that was begun by an earlier version has not noted its lines.
        lines = booked.lines or _lines(await orders.get_order(tx, order_id=given.order_id, owner=None))
        noted = msgspec.structs.replace(booked, lines=lines)
        return (await _hand_over(tx, leaving, [noted], [booking])).parcels[0]

    return await run.local("hand_over", Shipped, hand_over, final=True)


async def _ship_many(run: runs.Run, ctx: Context, given: ShipOrders) -> ShippedMany:
    """The same phases. A carrier that says no to one of them stops all: whoever ships together asks for rates first."""
    carrier = ctx.carrier(given.carrier)
    booked = await run.local(
        "prepare", _BookedMany, lambda tx: _prepare(tx, given.parcels, [ids.new_id() for _ in given.parcels])
    )
    bookings: list[delivery.Booking] = []
    try:
        for parcel, (_, at) in zip(booked.parcels, given.parcels, strict=True):
            bookings.append(await run.outside("book", partial(carrier.book, _request(parcel, at))))
    except delivery.CarrierError as error:
        # Those that were booked are found again by their keys.
        raise runs.TryLater(f"carrier {given.carrier}") from error
    return await run.local(
        "hand_over",
        ShippedMany,
        lambda tx: _hand_over(tx, given.parcels, booked.parcels, bookings),
        final=True,
    )


async def _prepare(
    tx: Tx, leaving: Sequence[tuple[ShipOrder, datetime]], shipment_ids: Sequence[UUID]
) -> _BookedMany:
    order_ids = [given.order_id for given, _ in leaving]
    found = await orders.get_orders(tx, order_ids=order_ids, owner=None)
    places = await orders.get_destinations(tx, trade_ids=sorted({one.trade_id for one in found.values()}))
    lists = await warehouse.find_pick_lists(tx, order_ids=order_ids)
    sites = {
        site.id: site
        for site in await inventory.sites(tx, ids=sorted({one.site_id for one in found.values()}))
    }
    boxes: list[delivery.Parcel] = []
    booked: list[_Booked] = []
    for (given, at), shipment_id in zip(leaving, shipment_ids, strict=True):
        order = found[given.order_id]
        package = lists[order.id].package if order.id in lists else None
        if package is None:
            raise NotPacked(order=order.number)
        site, address = sites[order.site_id], places[order.trade_id]
        boxes.append(
            delivery.Parcel(
                shipment_id=shipment_id,
                order_id=order.id,
                carrier=given.carrier,
                address=address,
                weight_g=package.weight_g,
                at=at,
            )
        )
        booked.append(
            _Booked(
                shipment_id=shipment_id,
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
                weight_g=package.weight_g,
                lines=_lines(order),
            )
        )
    await delivery.book_shipments(tx, boxes=boxes)
    return _BookedMany(parcels=tuple(booked))


def _request(booked: _Booked, at: datetime) -> delivery.BookRequest:
    return delivery.BookRequest(
        shipment_id=booked.shipment_id,
        key=ids.show("shp", booked.shipment_id),
        origin=booked.origin,
        destination=booked.address,
        weight_g=booked.weight_g,
        at=at,
    )


async def _hand_over(
    tx: Tx,
    leaving: Sequence[tuple[ShipOrder, datetime]],
    booked: Sequence[_Booked],
    bookings: Sequence[delivery.Booking],
) -> ShippedMany:
    steps = [orders.DeliveryStep(order_id=given.order_id, by=given.by, at=at) for given, at in leaving]
    await orders.move_deliveries(tx, steps=steps, verb="ship")
    await inventory.ship_many(
        tx,
        leaving=[
            inventory.Leaving(
                holder=one.trade_id,
                lines=one.lines,
                ref=ids.show("shp", one.shipment_id),
                by=step.by,
                at=step.at,
            )
            for one, step in zip(booked, steps, strict=True)
        ],
    )
    stints = [warehouse.Stint(order_id=step.order_id, by=step.by, at=step.at) for step in steps]
    await warehouse.hand_over_many(tx, stints=stints)
    numbers = [
        delivery.Booked(shipment_id=one.shipment_id, tracking_no=booking.tracking_no, at=step.at)
        for one, booking, step in zip(booked, bookings, steps, strict=True)
    ]
    await delivery.record_bookings(tx, bookings=numbers)
    await delivery.hand_over_many(tx, left=[(one.shipment_id, one.at) for one in numbers])
    return ShippedMany(
        parcels=tuple(
            Shipped(
                order_id=given.order_id,
                shipment_id=one.shipment_id,
                carrier=given.carrier,
                tracking_no=one.tracking_no,
            )
            for (given, _), one in zip(leaving, numbers, strict=True)
        )
    )


def _lines(order: orders.Order) -> tuple[inventory.HoldLine, ...]:
    return tuple(
        inventory.HoldLine(sku_id=line.sku_id, site_id=order.site_id, qty=line.qty) for line in order.lines
    )


async def _undo(tx: Tx, booked: _Booked, now: datetime) -> _Booked:
    await delivery.cancel(tx, shipment_id=booked.shipment_id, now=now)
    return booked


FLOW = runs.Flow(name="ship_order", takes=ShipOrder, gives=Shipped, body=_ship)
MANY = runs.Flow(name="ship_orders", takes=ShipOrders, gives=ShippedMany, body=_ship_many)


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


async def ship_orders(ctx: Context, given: ShipOrders, *, scope: str, key: str, now: datetime) -> ShippedMany:
    """Ship all of them once for this key, or none.

    Raises
    ------
    runs.TryLater
        The carrier refused one or did not answer; the same key asks again.
    """
    return await runs.start(ctx.db, MANY, ctx, given, scope=scope, key=key, now=now)
