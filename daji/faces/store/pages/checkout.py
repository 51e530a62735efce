"""The checkout: one page that shows where to, what, when and how much, and one button that places and pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from daji.care.customers import api as customers
from daji.faces.http import state
from daji.faces.http.idempotency import run_key
from daji.faces.store import markets
from daji.faces.store.buyer import buyer_keys, by_of, find_owner, known_owner, new_owner
from daji.faces.store.pages.forms import FORM, FORM_ONCE, PAGE, read_address, read_contact, whole
from daji.faces.store.pages.paying import INSTALMENTS, METHODS, read_tender
from daji.faces.store.pages.places import COUNTRIES, VERBS, AddressForm, answer, form_of, of_address
from daji.faces.store.pages.scene import Here, Scene
from daji.flows.check_out import CheckOut, check_out
from daji.flows.offers import NothingToBuy, QuoteRequest
from daji.flows.place_order import MAX_NOTE, PlaceOrder, QuoteChanged, QuoteExpired
from daji.flows.quote_checkout import preview_checkout, quote_checkout
from daji.kit import ids
from daji.kit.places import Address
from daji.kit.problems import NotFound, Problem
from daji.trade.cart import api as cart
from daji.views import store_checkout

Items = tuple[tuple[UUID, int], ...]


@get("/checkout", opt=PAGE, include_in_schema=False)
async def checkout(scene: Here) -> Response[Any]:
    """Offer everything at once to a buyer whose address is known; ask others where to send.

    `?edit=1` asks again, `?address=` takes another one of the book.
    """
    given = scene.request.query_params
    items, owner = _items(given), find_owner(scene.principal)
    wanted = ids.read("adr", given["address"]) if given.get("address") else None
    async with scene.house.db.read() as session:
        start = await store_checkout.get_start(session, owner=owner, wanted=wanted)
    form = form_of(of_address(start.address, start.email, country=scene.market.country))
    problem: Problem | None = None
    if owner is not None and start.address is not None and not given.get("edit"):
        try:
            quote = await quote_checkout(
                scene.house.ctx, _request(scene, owner, start.address, start.email, items), now=scene.now
            )
            return await _offer(scene, quote)
        except NothingToBuy:
            # An empty cart is no mistake; the page says so in its own words.
            problem = None
        except Problem as trouble:
            problem = trouble
    return await _ask(scene, await _look(scene, items, wanted=wanted), form, items, problem)


@post("/checkout", opt=FORM, include_in_schema=False)
async def ask_quote(scene: Here) -> Response[Any]:
    """Take the address and make an offer; what cannot be taken comes back in the form as it was typed."""
    form = await scene.form()
    items = _items(form)
    if form.get("verb") in VERBS:
        filled = answer(form)
        screen = await _look(scene, items)
        return await _ask(scene, screen, filled, items, estimate=await _estimate(scene, filled, items))
    try:
        address, contact = read_address(form), read_contact(form)
        quote = await quote_checkout(
            scene.house.ctx,
            QuoteRequest(
                owner=new_owner(scene.request),
                channel=scene.channel,
                lang=scene.lang,
                address=address,
                contact=contact,
                items=items,
            ),
            now=scene.now,
        )
        if form.get("keep") and scene.principal.kind == "shopper":
            await _keep(scene, address)
    except Problem as problem:
        return await _ask(scene, await _look(scene, items), form_of(form), items, problem)
    return scene.go(f"/checkout/{ids.show('quo', quote.id)}")


@get("/checkout/{quote:str}", opt=PAGE, include_in_schema=False)
async def confirm(scene: Here, quote: FromPath[str]) -> Response[Any]:
    """Show an offer again; one whose time is over is made anew, and what changed is said."""
    async with scene.house.db.read() as session:
        found = await cart.get_quote(
            session, quote_id=ids.read("quo", quote), owner=known_owner(scene.principal)
        )
    there = markets.of(scene.request).elsewhere(scene.market, found.channel)
    if there is not None:
        # An offer is of one currency; its page stands where everything around it is, too.
        return scene.leave(f"{there.base}/checkout/{quote}")
    if found.expires_at <= scene.now:
        return await _again(scene, found, QuoteExpired(quote=quote), status=200)
    return await _offer(scene, found)


@post("/checkout/{quote:str}", opt=FORM_ONCE, include_in_schema=False)
async def place(scene: Here, quote: FromPath[str]) -> Response[Any]:
    """Place the order at this quote and go where the money is taken; the form's key makes a double click one order."""
    form = await scene.form()
    quote_id, owner = ids.read("quo", quote), known_owner(scene.principal)
    run = run_key(scene.request)
    try:
        done = await check_out(
            scene.house.ctx,
            CheckOut(
                order=PlaceOrder(
                    quote_id=quote_id,
                    owner=owner,
                    buyer_keys=buyer_keys(scene.request),
                    by=by_of(scene.principal),
                    note=form.get("note", "").replace("\0", "")[:MAX_NOTE],
                ),
                tender=read_tender(form) if form.get("method") else None,
                return_base=f"{scene.house.settings.base_url}{scene.base}/paid/",
                gateway=scene.house.ctx.policies.gateway,
            ),
            scope=run.scope,
            key=run.key,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        async with scene.house.db.read() as session:
            found = await cart.get_quote(session, quote_id=quote_id, owner=owner)
        if isinstance(problem, (QuoteChanged, QuoteExpired)):
            return await _again(scene, found, problem)
        return await _offer(scene, found, problem=problem)
    trade = ids.show("trd", done.trade_id)
    if done.pay_url is not None:
        return scene.leave(done.pay_url)
    return scene.go(f"/orders/{trade}?done=placed" if done.due == 0 else f"/pay/{trade}")


async def _look(
    scene: Scene, items: Items | None, *, wanted: UUID | None = None
) -> store_checkout.CheckoutScreen:
    owner = find_owner(state.principal(scene.request))
    async with scene.house.db.read() as session:
        return await store_checkout.get_checkout_screen(
            session, owner=owner, items=items, channel=scene.channel, at=scene.now, wanted=wanted
        )


async def _ask(
    scene: Scene,
    screen: store_checkout.CheckoutScreen,
    form: AddressForm,
    items: Items | None,
    problem: Problem | None = None,
    estimate: cart.Quote | None = None,
) -> Response[str]:
    """Ask where to send, beside what is to be sent."""
    return await scene.show(
        "checkout.html",
        problem=problem,
        form=form,
        page=screen.page,
        book=screen.start.book,
        entry=screen.start.entry,
        items=items,
        estimate=estimate,
        countries=COUNTRIES,
    )


async def _offer(
    scene: Scene,
    quote: cart.Quote,
    *,
    problem: Problem | None = None,
    changes: tuple[cart.Change, ...] = (),
    status: int = 200,
) -> Response[str]:
    """Everything that the buyer agrees to, and the button."""
    one = None if quote.from_cart or len(quote.lines) != 1 else quote.lines[0]
    async with scene.house.db.read() as session:
        screen = await store_checkout.get_offer_screen(session, quote=quote)
    return await scene.show(
        "confirm.html",
        problem=problem,
        status=status,
        quote=quote,
        changes=changes,
        book=screen.book,
        lines={line.sku_id: line for line in quote.lines},
        pictures=screen.pictures,
        one=one,
        methods=METHODS,
        instalments=INSTALMENTS,
        max_note=MAX_NOTE,
    )


async def _again(scene: Scene, old: cart.Quote, reason: Problem, *, status: int = 409) -> Response[Any]:
    """Offer anew what an old quote offered, and say in what it differs; when that cannot be, say why.

    An offer of a flash sale is made anew at its till only, for as long as the pass holds.
    """
    if old.sale is not None:
        return scene.go(f"/flash/{ids.show('fls', old.sale.sale_id)}/order")
    items = None if old.from_cart else tuple((line.sku_id, line.qty) for line in old.lines)
    try:
        fresh = await quote_checkout(
            scene.house.ctx,
            _request(scene, old.owner, old.address, old.contact.email, items, channel=old.channel),
            now=scene.now,
        )
    except Problem as problem:
        values = of_address(old.address, old.contact.email)
        return await _ask(scene, await _look(scene, items), form_of(values), items, problem)
    told = reason.params.get("changes")
    changes = (
        msgspec.convert(told, tuple[cart.Change, ...])
        if isinstance(told, list)
        else cart.differences(old, fresh)
    )
    return await _offer(scene, fresh, changes=changes, status=status)


async def _estimate(scene: Scene, form: AddressForm, items: Items | None) -> cart.Quote | None:
    """What sending to the place that is chosen so far would cost; None while that cannot be said."""
    values = form.values
    owner = find_owner(state.principal(scene.request))
    if owner is None or not values["region"] or not values["city"]:
        return None
    address = Address(
        name="-",
        phone="-",
        line="-",
        country=values["country"][:2],
        region=values["region"][:80],
        city=values["city"][:80],
        district=values["district"][:80],
    )
    try:
        return await preview_checkout(
            scene.house.ctx, _request(scene, owner, address, "", items), now=scene.now
        )
    except Problem:
        return None


def _request(
    scene: Scene,
    owner: cart.Owner,
    address: Address,
    email: str,
    items: Items | None,
    *,
    channel: str | None = None,
) -> QuoteRequest:
    return QuoteRequest(
        owner=owner,
        channel=channel or scene.channel,
        lang=scene.lang,
        address=address,
        contact=cart.Contact(name=address.name, phone=address.phone, email=email),
        items=items,
    )


async def _keep(scene: Scene, address: Address) -> None:
    """Put the address into the shopper's book; a full book is no reason to stop a purchase."""
    shopper_id = scene.principal.id
    if shopper_id is None:
        return
    try:
        await scene.house.db.run(
            lambda tx: customers.add_address(tx, shopper_id=shopper_id, address=address, now=scene.now)
        )
    except customers.AddressBookFull:
        return


def _items(given: Mapping[str, str]) -> Items | None:
    """What "buy now" named; None for the cart."""
    sku = given.get("sku")
    if not sku:
        return None
    return ((ids.read("sku", sku), whole(given, "qty", default=1, least=1, most=cart.MAX_QTY)),)


ROUTES = [checkout, ask_quote, confirm, place]
