"""Parcels on the road, and what the way costs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import SellerId
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.fulfil.delivery import api as delivery
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.paging import Page
from daji.views import console_parcels

TAG = ["Delivery"]


class TemplateIn(msgspec.Struct, frozen=True, kw_only=True):
    """How the way is charged: by a table, or by what the carrier asks."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    currency: str
    mode: delivery.Mode
    rules: Annotated[tuple[delivery.FreightRule, ...], msgspec.Meta(max_length=500)] = ()


class AssignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose goods travel by it; null is everybody who has no template of their own."""

    seller_id: SellerId | None = None


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    template_id: str
    seller_id: SellerId | None


@get(
    "/shipments",
    opt=can(P.ORDERS_READ),
    summary="List parcels",
    operation_id="console_list_shipments",
    responses=answers(Page[console_parcels.ParcelRow], "Newest first.", 422),
    tags=TAG,
)
async def list_shipments(
    house: HouseGiven,
    now: Now,
    *,
    status: FromQuery[str | None] = None,
    carrier: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    late: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List parcels; `text` is a tracking or order number, `late` leaves those whose promise is broken."""
    async with house.db.read() as session:
        found = await console_parcels.list_parcels(
            session,
            at=now,
            status=status,
            carrier=carrier,
            text=text,
            late=late,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/shipments/{shipment:str}",
    opt=can(P.ORDERS_READ),
    summary="One parcel",
    operation_id="console_get_shipment",
    responses=answers(delivery.Shipment, "The parcel.", 404),
    tags=TAG,
)
async def get_shipment(shipment: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a parcel."""
    async with house.db.read() as session:
        return answer(await delivery.get_shipment(session, shipment_id=ids.read("shp", shipment)))


@get(
    "/shipments/{shipment:str}/events",
    opt=can(P.ORDERS_READ),
    summary="What the carrier told",
    operation_id="console_list_shipment_events",
    responses=answers(tuple[delivery.TrackingEvent, ...], "In the order in which it happened.", 404),
    tags=TAG,
)
async def list_events(shipment: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show the scans of a parcel."""
    async with house.db.read() as session:
        return answer(await delivery.list_events(session, shipment_id=ids.read("shp", shipment)))


@get(
    "/freight-templates",
    opt=can(P.CATALOG_READ),
    summary="List freight templates",
    operation_id="console_list_freight_templates",
    responses=answers(tuple[delivery.FreightTemplate, ...], "By code."),
    tags=TAG,
)
async def list_templates(house: HouseGiven) -> Response[bytes]:
    """List freight templates."""
    async with house.db.read() as session:
        return answer(await delivery.list_templates(session))


@put(
    "/freight-templates/{code:str}",
    opt=can(P.SETTINGS_MANAGE),
    summary="Make or replace a freight template",
    operation_id="console_save_freight_template",
    responses=answers(delivery.FreightTemplate, "The template as it is.", 409, 422),
    tags=TAG,
)
async def save_template(
    code: FromPath[str], data: JSONBody[TemplateIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Write the template of this code; quotes already given keep their price."""
    saved = await write(
        house,
        actor,
        Deed(action="delivery.save_template", kind="freight_template", subject=code),
        lambda tx: delivery.save_template(
            tx,
            code=code,
            name=data.name,
            currency=data.currency,
            mode=data.mode,
            rules=data.rules,
            now=now,
        ),
        now=now,
    )
    return answer(saved)


@post(
    "/freight-templates/{template:str}/assign",
    opt=can(P.SETTINGS_MANAGE),
    status_code=200,
    summary="Say whose goods travel by a template",
    operation_id="console_assign_freight_template",
    responses=answers(Assigned, "Assigned.", 404, 422),
    tags=TAG,
)
async def assign_template(
    template: FromPath[str], data: JSONBody[AssignIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Let a seller, or all who have none, charge by a template."""
    template_id = ids.read("frt", template)
    seller_id = None if data.seller_id is None else ids.read("sel", data.seller_id)

    async def work(tx: Tx) -> Assigned:
        await delivery.assign_template(tx, seller_id=seller_id, template_id=template_id)
        return Assigned(template_id=template, seller_id=data.seller_id)

    deed = Deed(action="delivery.assign_template", kind="freight_template", subject=template)
    return answer(await write(house, actor, deed, work, now=now))


ROUTES = [
    list_shipments,
    get_shipment,
    list_events,
    list_templates,
    save_template,
    assign_template,
]
