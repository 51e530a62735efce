"""The cart and the quote made of it."""

from __future__ import annotations

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from daji.faces.store import basket, markets
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire_cart import CartWire, LineBody, LinesBody, QuoteBody, QuoteWire, SelectBody
from daji.faces.store.buyer import (
    GUEST,
    SHOPPER,
    Asked,
    Asking,
    HouseGiven,
    Lang,
    Now,
    find_owner,
    known_owner,
    merge_cart,
    new_owner,
)
from daji.flows.offers import QuoteRequest
from daji.flows.quote_checkout import quote_checkout
from daji.kit import ids
from daji.trade.cart import api as cart
from daji.views import store_cart


@get("/cart", opt=GUEST, summary="My cart", tags=["cart"], responses=refuses())
async def show_cart(house: HouseGiven, principal: Asking, now: Now, at_market: markets.Given) -> CartWire:
    """Show the cart at today's prices."""
    async with house.db.read() as session:
        page = await store_cart.get_cart_page(
            session, owner=find_owner(principal), channel=at_market.channel, at=now
        )
    return CartWire.of(page)


@put(
    "/cart/lines/{sku:str}",
    opt=GUEST,
    summary="Put into the cart",
    tags=["cart"],
    responses=refuses(404, 409, 422),
)
async def put_line(
    request: Asked,
    house: HouseGiven,
    now: Now,
    at_market: markets.Given,
    sku: FromPath[str],
    data: JSONBody[LineBody],
) -> CartWire:
    """Set how many of a SKU the cart holds, or add to them; a visitor becomes a guest here."""
    sku_id = ids.read("sku", sku)
    page = await basket.put(
        house,
        owner=new_owner(request),
        channel=at_market.channel,
        changes=(cart.LineChange(sku_id=sku_id, qty=data.qty, mode="add" if data.add else "set"),),
        now=now,
    )
    return CartWire.of(page)


@put(
    "/cart/lines",
    opt=GUEST,
    summary="Put several into the cart",
    tags=["cart"],
    responses=refuses(404, 409, 422),
)
async def put_lines(
    request: Asked, house: HouseGiven, now: Now, at_market: markets.Given, data: JSONBody[LinesBody]
) -> CartWire:
    """Set or add quantities of several SKUs at once; one that cannot be done leaves the cart as it was."""
    page = await basket.put(
        house,
        owner=new_owner(request),
        channel=at_market.channel,
        changes=tuple(
            cart.LineChange(sku_id=ids.read("sku", one.sku), qty=one.qty, mode="add" if one.add else "set")
            for one in data.lines
        ),
        now=now,
    )
    return CartWire.of(page)


@delete(
    "/cart/lines/{sku:str}",
    status_code=200,
    opt=GUEST,
    summary="Take out of the cart",
    tags=["cart"],
    responses=refuses(404),
)
async def remove_line(
    house: HouseGiven, principal: Asking, now: Now, at_market: markets.Given, sku: FromPath[str]
) -> CartWire:
    """Take a SKU out; one that is not in is fine."""
    sku_id = ids.read("sku", sku)
    return CartWire.of(
        await basket.remove(
            house, owner=known_owner(principal), channel=at_market.channel, sku_ids=[sku_id], now=now
        )
    )


@post(
    "/cart/selection",
    status_code=200,
    opt=GUEST,
    summary="Choose lines for the checkout",
    tags=["cart"],
    responses=refuses(404, 422),
)
async def select_lines(
    house: HouseGiven,
    principal: Asking,
    now: Now,
    at_market: markets.Given,
    data: JSONBody[SelectBody],
) -> CartWire:
    """Mark lines, or all of them, to be bought or to wait."""
    sku_ids = None if data.skus is None else [ids.read("sku", sku) for sku in data.skus]
    return CartWire.of(
        await basket.select(
            house,
            owner=known_owner(principal),
            channel=at_market.channel,
            sku_ids=sku_ids,
            selected=data.selected,
            now=now,
        )
    )


@post(
    "/cart/merge",
    status_code=204,
    opt=SHOPPER,
    summary="Take over the guest's cart",
    tags=["cart"],
    responses=refuses(401),
)
async def take_over(request: Asked, house: HouseGiven, principal: Asking, now: Now) -> None:
    """Add the cart of this browser's guest to the shopper's; signing in by cookie does it by itself."""
    await merge_cart(house, request, principal, now=now)


@post(
    "/quotes",
    opt=GUEST,
    summary="Ask for a binding quote",
    tags=["checkout"],
    responses=refuses(404, 409, 422, 503),
)
async def make_quote(
    request: Asked,
    house: HouseGiven,
    lang: Lang,
    now: Now,
    at_market: markets.Given,
    data: JSONBody[QuoteBody],
) -> QuoteWire:
    """Price goods and freight, choose where they come from, and promise when they arrive."""
    items = None if data.items is None else tuple((ids.read("sku", one.sku), one.qty) for one in data.items)
    quote = await quote_checkout(
        house.ctx,
        QuoteRequest(
            owner=new_owner(request),
            channel=at_market.channel,
            lang=lang,
            address=data.address.to_address(),
            contact=cart.Contact(name=data.contact.name, phone=data.contact.phone, email=data.contact.email),
            items=items,
        ),
        now=now,
    )
    return QuoteWire.of(quote)


ROUTES = [show_cart, put_line, put_lines, remove_line, select_lines, take_over, make_quote]
