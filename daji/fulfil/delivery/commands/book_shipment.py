"""A parcel on its way to a carrier: noted before the carrier is asked, booked when it has answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.delivery.errors import AlreadyBooked
from daji.fulfil.delivery.facts import Shipment
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
    """Note a parcel of `weight_g` grams that a carrier is about to be asked for; idempotent by `shipment_id`.

    Raises Invalid, and AlreadyBooked when the order has another parcel that is not cancelled.
    """
    if weight_g < 1:
        raise Invalid(fields=(FieldProblem(pointer="weight_g", code="too_small", params={"minimum": 1}),))
    made = await parcels.create(
        tx,
        shipment_id=shipment_id,
        order_id=order_id,
        package_id=package_id,
        carrier=carrier,
        address=address,
        weight_g=weight_g,
        now=now,
    )
    made = made or await parcels.find(tx, shipment_id=shipment_id)
    if made is None:
        raise AlreadyBooked
    return made


async def record_booking(tx: Tx, *, shipment_id: UUID, tracking_no: str, now: datetime) -> Shipment:
    """Note the carrier's number; repeating the same one is harmless. Raises NotFound and IllegalTransition."""
    booked = await parcels.book(tx, shipment_id=shipment_id, tracking_no=tracking_no, now=now)
    if booked is not None:
        return booked
    shipment = await get_shipment(tx, shipment_id=shipment_id)
    if shipment.status == "cancelled" or shipment.tracking_no != tracking_no:
        raise IllegalTransition(status=shipment.status, verb="book")
    return shipment


async def hand_over(tx: Tx, *, shipment_id: UUID, now: datetime) -> Shipment:
    """Note that the carrier has the parcel; repeating it is harmless. Raises NotFound and IllegalTransition."""
    handed = await parcels.hand_over(tx, shipment_id=shipment_id, now=now)
    if handed is not None:
        return handed
    shipment = await get_shipment(tx, shipment_id=shipment_id)
    if shipment.handed_over_at is None:
        raise IllegalTransition(status=shipment.status, verb="hand_over")
    return shipment
