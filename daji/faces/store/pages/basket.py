"""The cart and the checkout: from a wish to an order, without a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from daji.care.customers import api as customers
from daji.faces.http import state
from daji.faces.http.idempotency import run_key
from daji.faces.store import basket
from daji.faces.store.buyer import CHANNEL, buyer_keys, by_of, find_owner, known_owner, new_owner
from daji.faces.store.pages.forms import (
    COUNTRIES,
    FORM,
    FORM_ONCE,
    PAGE,
    of_address,
    read_address,
    read_contact,
    whole,
)
from daji.faces.store.pages.scene import Here, Scene, query
from daji.flows.place_order import PlaceOrder, QuoteChanged, QuoteExpired, place_order
from daji.flows.quote_checkout import QuoteRequest, quote_checkout
from daji.kit import ids
from daji.kit.problems import Problem
from daji.trade.cart import api as cart
from daji.views import store_cart

Items = tuple[tuple[UUID, int], ...]


@get("/cart", opt=PAGE, include_in_schema=False)
async def show(scene: Here) -> Response[str]:
    """Show the cart at today's prices."""
    async with scene.house.db.read() as session:
        page = await store_cart.get_cart_page(
            session, owner=find_owner(scene.principal), channel=CHANNEL, at=scene.now
        )
    return await scene.show("cart.html", page=page)


@post("/cart/add", opt=FORM, include_in_schema=False)
async def add(scene: Here) -> Response[Any]:
    """Put a SKU into the cart, or with `now` go straight to the checkout of it alone."""
    form = await scene.form()
    sku_id = ids.read("sku", form.get("sku", ""))
    qty = whole(form, "qty", default=1, least=1, most=cart.MAX_QTY)
    if form.get("now"):
        return scene.go(f"/checkout{query(sku=form['sku'], qty=qty)}")
    await basket.put(
        scene.house, owner=new_owner(scene.request), sku_id=sku_id, qty=qty, mode="add", now=scene.now
    )
    return scene.go("/cart?added=1")


@post("/cart/line", opt=FORM, include_in_schema=False)
async def change(scene: Here) -> Response[Any]:
    """Change how many, 0 takes it out; `select` marks the line instead."""
    form = await scene.form()
    sku_id = ids.read("sku", form.get("sku", ""))
    owner = known_owner(scene.principal)
    if "select" in form:
        await basket.select(
            scene.house, owner=owner, sku_ids=[sku_id], selected=form["select"] == "1", now=scene.now
        )
    elif "remove" in form:
        await basket.remove(scene.house, owner=owner, sku_ids=[sku_id], now=scene.now)
    else:
        qty = whole(form, "qty", default=1, least=0, most=cart.MAX_QTY)
        await basket.put(scene.house, owner=owner, sku_id=sku_id, qty=qty, mode="set", now=scene.now)
    return scene.go("/cart")


@get("/checkout", opt=PAGE, include_in_schema=False)
async def checkout(scene: Here) -> Response[str]:
    """Ask where to send, beside what is to be sent."""
    given = scene.request.query_params
    book = await _book(scene)
    chosen = next((entry for entry in book if ids.show("adr", entry.id) == given.get("address")), None)
    entry = chosen or next(iter(book), None)
    return await _checkout(
        scene,
        values=of_address(entry.address if entry else None),
        items=_one_item(given),
        book=book,
        entry=entry,
    )


@post("/checkout", opt=FORM, include_in_schema=False)
async def ask_quote(scene: Here) -> Response[Any]:
    """Ask for a quote; what cannot be taken comes back in the form as it was typed."""
    form = await scene.form()
    items = _one_item(form)
    try:
        quote = await quote_checkout(
            scene.house.ctx,
            QuoteRequest(
                owner=new_owner(scene.request),
                channel=CHANNEL,
                lang=scene.lang,
                address=read_address(form),
                contact=read_contact(form),
                items=items,
            ),
            now=scene.now,
        )
    except Problem as problem:
        values = {**of_address(None), **form}
        return await _checkout(scene, values=values, items=items, book=(), entry=None, problem=problem)
    return scene.go(f"/checkout/{ids.show('quo', quote.id)}")


@get("/checkout/{quote:str}", opt=PAGE, include_in_schema=False)
async def confirm(scene: Here, quote: FromPath[str]) -> Response[str]:
    """Show the quote to be confirmed."""
    async with scene.house.db.read() as session:
        found = await cart.get_quote(
            session, quote_id=ids.read("quo", quote), owner=known_owner(scene.principal)
        )
    return await _confirm(scene, found)


@post("/checkout/{quote:str}", opt=FORM_ONCE, include_in_schema=False)
async def place(scene: Here, quote: FromPath[str]) -> Response[Any]:
    """Place the order at this quote; the form's key makes a double click one order."""
    quote_id, owner = ids.read("quo", quote), known_owner(scene.principal)
    run = run_key(scene.request)
    try:
        placed = await place_order(
            scene.house.ctx,
            PlaceOrder(
                quote_id=quote_id,
                owner=owner,
                buyer_keys=buyer_keys(scene.request),
                by=by_of(scene.principal),
            ),
            scope=run.scope,
            key=run.key,
            now=scene.now,
        )
    except (QuoteChanged, QuoteExpired) as problem:
        async with scene.house.db.read() as session:
            found = await cart.get_quote(session, quote_id=quote_id, owner=owner)
        return await _confirm(scene, found, problem)
    trade = ids.show("trd", placed.trade_id)
    return scene.go(f"/orders/{trade}" if placed.due == 0 else f"/pay/{trade}")


async def _checkout(
    scene: Scene,
    *,
    values: Mapping[str, str],
    items: Items | None,
    book: tuple[customers.SavedAddress, ...],
    entry: customers.SavedAddress | None,
    problem: Problem | None = None,
) -> Response[str]:
    owner = find_owner(state.principal(scene.request))
    async with scene.house.db.read() as session:
        page = await store_cart.get_checkout_rows(
            session, owner=owner, items=items, channel=CHANNEL, at=scene.now
        )
    return await scene.show(
        "checkout.html",
        problem=problem,
        values=values,
        page=page,
        items=items,
        book=book,
        entry=entry,
        countries=COUNTRIES,
    )


async def _confirm(scene: Scene, quote: cart.Quote, problem: Problem | None = None) -> Response[str]:
    changes = problem.params.get("changes", []) if problem is not None else []
    return await scene.show(
        "confirm.html",
        problem=problem,
        quote=quote,
        expired=quote.expires_at <= scene.now,
        changes=changes if isinstance(changes, list) else [],
        values=of_address(quote.address, quote.contact.email),
        lines={line.sku_id: line for line in quote.lines},
        one=quote.lines[0] if not quote.from_cart and len(quote.lines) == 1 else None,
    )


async def _book(scene: Scene) -> tuple[customers.SavedAddress, ...]:
    if scene.principal.kind != "shopper" or scene.principal.id is None:
        return ()
    async with scene.house.db.read() as session:
        return await customers.list_addresses(session, shopper_id=scene.principal.id)


def _one_item(given: Mapping[str, str]) -> Items | None:
    """What "buy now" named; None for the cart."""
    sku = given.get("sku")
    if not sku:
        return None
    return ((ids.read("sku", sku), whole(given, "qty", default=1, least=1, most=cart.MAX_QTY)),)


ROUTES = [show, add, change, checkout, ask_quote, confirm, place]
