"""Parcels on their way to a carrier: noted before the carrier is asked, booked when it has answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.delivery.errors import AlreadyBooked
from daji.fulfil.delivery.facts import Booked, Parcel, Shipment
from daji.fulfil.delivery.queries import get_shipment
from daji.fulfil.delivery.store import parcels
from daji.kit.db import Tx
from daji.kit.places import Address
from daji.kit.problems import FieldProblem, Invalid
from daji.kit.states import IllegalTransition


async def book_shipment(
    tx: Tx,
    *,
    shipment_id: UUID,
    order_id: UUID,
    carrier: str,
    address: Address,
    weight_g: int,
    now: datetime,
    package_id: UUID | None = None,
) -> Shipment:
    """Note one parcel as `book_shipments` does."""
    parcel = Parcel(
        shipment_id=shipment_id,
        order_id=order_id,
        carrier=carrier,
        address=address,
        weight_g=weight_g,
        at=now,
        package_id=package_id,
    )
    (made,) = await book_shipments(tx, boxes=[parcel])
    return made


async def book_shipments(tx: Tx, *, boxes: Sequence[Parcel]) -> tuple[Shipment, ...]:
    """Note parcels that a carrier is about to be asked for, in one statement; idempotent by `shipment_id`.

    Raises Invalid, and AlreadyBooked when an order has another parcel that is not cancelled.
    """
    if any(box.weight_g < 1 for box in boxes):
        raise Invalid(fields=(FieldProblem(pointer="weight_g", code="too_small", params={"minimum": 1}),))
    made = await parcels.create(tx, boxes)
    for box in boxes:
        if box.shipment_id not in made:
            known = await parcels.find(tx, shipment_id=box.shipment_id)
            if known is None:
                raise AlreadyBooked
            made[box.shipment_id] = known
    return tuple(made[box.shipment_id] for box in boxes)


async def record_booking(tx: Tx, *, shipment_id: UUID, tracking_no: str, now: datetime) -> Shipment:
    """Note one number as `record_bookings` does."""
    booked = Booked(shipment_id=shipment_id, tracking_no=tracking_no, at=now)
    return (await record_bookings(tx, bookings=[booked]))[0]


async def record_bookings(tx: Tx, *, bookings: Sequence[Booked]) -> tuple[Shipment, ...]:
    """Note the carrier's numbers; repeating the same one is harmless. Raises NotFound and IllegalTransition."""
    done = await parcels.book(tx, bookings)
    for one in bookings:
        if one.shipment_id not in done:
            known = await get_shipment(tx, shipment_id=one.shipment_id)
            if known.status == "cancelled" or known.tracking_no != one.tracking_no:
                raise IllegalTransition(status=known.status, verb="book")
            done[one.shipment_id] = known
    return tuple(done[one.shipment_id] for one in bookings)


async def hand_over(tx: Tx, *, shipment_id: UUID, now: datetime) -> Shipment:
    """Note one hand-over as `hand_over_many` does."""
    return (await hand_over_many(tx, left=[(shipment_id, now)]))[0]


async def hand_over_many(tx: Tx, *, left: Sequence[tuple[UUID, datetime]]) -> tuple[Shipment, ...]:
    """Note that the carrier has these parcels, each since its time; repeating it is harmless.

    Raises NotFound and IllegalTransition.
    """
    done = await parcels.hand_over(tx, left)
    for shipment_id, _ in left:
        if shipment_id not in done:
            known = await get_shipment(tx, shipment_id=shipment_id)
            if known.handed_over_at is None:
                raise IllegalTransition(status=known.status, verb="hand_over")
            done[shipment_id] = known
    return tuple(done[shipment_id] for shipment_id, _ in left)
