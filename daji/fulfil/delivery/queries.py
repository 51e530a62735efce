"""What the way costs, and where parcels are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.delivery.errors import NoFreight, NoService
from daji.fulfil.delivery.facts import FreightTemplate, Shipment
from daji.fulfil.delivery.ports import TrackingEvent
from daji.fulfil.delivery.store import freight, parcels
from daji.kit.db import Session
from daji.kit.problems import NotFound


async def templates_for(
    session: Session, *, seller_ids: Sequence[UUID | None], currency: str
) -> dict[UUID | None, FreightTemplate]:
    """Each seller's template for goods sold in this currency, the default where it has none; one statement.

    Raises NoService when there is no default at all, and NoFreight when there is none in this currency: amounts of one
    currency say nothing in another.
    """
    sellers = [seller_id for seller_id in seller_ids if seller_id is not None]
    found = await freight.for_sellers(session, seller_ids=sellers, currency=currency)
    if not found and seller_ids and await freight.any_currency(session):
        raise NoFreight(currency=currency)
    default = found.get(None)
    out: dict[UUID | None, FreightTemplate] = {}
    for seller_id in seller_ids:
        template = found.get(seller_id, default)
        if template is None:
            raise NoService(country="", region="")
        out[seller_id] = template
    return out


async def list_templates(session: Session) -> tuple[FreightTemplate, ...]:
    """All templates, by code."""
    return await freight.listed(session)


async def get_shipment(session: Session, *, shipment_id: UUID) -> Shipment:
    """One parcel. Raises NotFound."""
    found = await parcels.find(session, shipment_id=shipment_id)
    if found is None:
        raise NotFound
    return found


async def find_by_order(session: Session, *, order_id: UUID) -> tuple[Shipment, ...]:
    """All parcels of an order, cancelled ones too, oldest first."""
    return await parcels.by_orders(session, order_ids=[order_id])


async def find_by_orders(session: Session, *, order_ids: Sequence[UUID]) -> tuple[Shipment, ...]:
    """All parcels of these orders, cancelled ones too, oldest first; one statement."""
    return await parcels.by_orders(session, order_ids=order_ids)


async def find_by_tracking(session: Session, *, carrier: str, tracking_no: str) -> Shipment | None:
    """The parcel a carrier knows by this number."""
    found = await find_by_numbers(session, carrier=carrier, tracking_nos=[tracking_no])
    return found.get(tracking_no)


async def find_by_numbers(
    session: Session, *, carrier: str, tracking_nos: Sequence[str]
) -> dict[str, Shipment]:
    """The parcels a carrier knows by these numbers, in one statement."""
    return await parcels.by_tracking(session, carrier=carrier, tracking_nos=tracking_nos)


async def list_events(session: Session, *, shipment_id: UUID) -> tuple[TrackingEvent, ...]:
    """What the carrier told, in the order in which it happened, not in which it was told."""
    return await parcels.events(session, shipment_id=shipment_id)
