"""Flash sales: look, get in line, ask how one stands, come to the till."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from daji.faces.http import state, throttle, visitors
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire_cart import QuoteWire
from daji.faces.store.api.wire_flash import (
    FlashQuoteBody,
    InLineWire,
    JoinBody,
    PassWire,
    SaleListWire,
    SaleWire,
    StandingWire,
    TicketBody,
)
from daji.faces.store.buyer import GUEST, PUBLIC, Asked, Asking, HouseGiven, Lang, Now, known_owner, new_owner
from daji.flows.flash_stock import buyer_of
from daji.flows.offers import QuoteRequest
from daji.flows.quote_flash import quote_flash
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.trade.cart.api import Contact, Owner

TAGS = ["flash sales"]
NO_STORE = {"Cache-Control": "no-store"}
# A ticket says who asks, so no cookie is looked at: a thousand who ask behind one address cost little.
ASKING = {"permission": "public", "auth": False, "cost": 0.2}
LOOKING = {"permission": "public", "auth": False, "cost": 0.2}
JOINING = {**GUEST, "cost": 20}
COMING = {**GUEST, "cost": 10}


def network_of(request: Asked, owner: Owner) -> str | None:
    """Where a guest comes from; None for a shopper with an account."""
    return None if owner.shopper_id is not None else visitors.networks(state.of(request).client_ip)[0]


@get(
    "/flash-sales", opt=PUBLIC, summary="Flash sales that run or are to come", tags=TAGS, responses=refuses()
)
async def list_sales(house: HouseGiven, now: Now) -> SaleListWire:
    """List them, the next to open first."""
    async with house.db.read() as session:
        found = await flash.list_shown(session, now=now)
    return SaleListWire(items=tuple(SaleWire.of(sale, now) for sale in found))


@get("/flash-sales/{sale:str}", opt=LOOKING, summary="One flash sale", tags=TAGS, responses=refuses(404))
async def show_sale(house: HouseGiven, now: Now, sale: FromPath[str]) -> SaleWire:
    """Show a sale as it stood within the last second."""
    return SaleWire.of(await house.flash.look(ids.read("fls", sale), now=now), now)


@post(
    "/flash-sales/{sale:str}/line",
    status_code=200,
    opt=JOINING,
    summary="Get in line",
    tags=TAGS,
    responses=refuses(401, 404, 409, 429),
)
async def join(
    request: Asked, house: HouseGiven, now: Now, sale: FromPath[str], data: JSONBody[JoinBody]
) -> InLineWire:
    """Take a place in line; asked again it is the same one. The line opens half an hour before the sale."""
    sale_id = ids.read("fls", sale)
    owner = new_owner(request)
    place = await house.flash.join(
        sale_id,
        buyer=buyer_of(owner),
        network=network_of(request, owner),
        hasty=throttle.is_hasty(request),
        ticket=data.ticket,
        now=now,
    )
    return InLineWire(ticket=place.ticket, standing=StandingWire.of(place.standing))


@get(
    "/flash-sales/{sale:str}/line",
    opt=ASKING,
    summary="How a place in line stands",
    tags=TAGS,
    responses=refuses(403, 404, 429),
)
async def ask(
    house: HouseGiven,
    now: Now,
    sale: FromPath[str],
    ticket: Annotated[str, QueryParameter(description="The ticket that joining gave", max_length=400)] = "",
) -> Response[StandingWire]:
    """Say how many are before, and when asking again pays."""
    how = await house.flash.standing(ids.read("fls", sale), ticket=ticket, now=now)
    return Response(StandingWire.of(how), headers=NO_STORE)


@post(
    "/flash-sales/{sale:str}/pass",
    status_code=200,
    opt=COMING,
    summary="Come to the till",
    tags=TAGS,
    responses=refuses(403, 404, 409, 429),
)
async def come(
    house: HouseGiven, principal: Asking, now: Now, sale: FromPath[str], data: JSONBody[TicketBody]
) -> PassWire:
    """Change a called place into a pass; asked again, it is the same pass."""
    sale_id = ids.read("fls", sale)
    buyer = buyer_of(known_owner(principal))
    at_till = await house.flash.admit(sale_id, ticket=data.ticket, buyer=buyer, now=now)
    return PassWire(token=at_till.token, expires_at=at_till.expires_at)


@post(
    "/flash-sales/{sale:str}/quotes",
    opt=GUEST,
    summary="Ask for a binding quote of the sale",
    tags=TAGS,
    responses=refuses(403, 404, 409, 422, 503),
)
async def make_quote(
    house: HouseGiven,
    principal: Asking,
    lang: Lang,
    now: Now,
    sale: FromPath[str],
    data: JSONBody[FlashQuoteBody],
) -> QuoteWire:
    """Price goods of the sale and freight; the offer ends with the pass, and is placed like any other."""
    sale_id = ids.read("fls", sale)
    wish = QuoteRequest(
        owner=known_owner(principal),
        channel="",
        lang=lang,
        address=data.address.to_address(),
        contact=Contact(name=data.contact.name, phone=data.contact.phone, email=data.contact.email),
        items=tuple((ids.read("sku", one.sku), one.qty) for one in data.items),
    )
    return QuoteWire.of(
        await quote_flash(house.ctx, house.flash, wish, sale_id=sale_id, token=data.token, now=now)
    )


ROUTES = [list_sales, show_sale, join, ask, come, make_quote]
