"""Flash sales: the page that everybody looks at, the place in line, the till.

The first is the same for every reader: it is written once a second for each language and look, asks no database in
between, and knows nobody. The line is personal; it works by refreshing, with or without script.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from daji.faces.http import state, throttle
from daji.faces.store import markets
from daji.faces.store.api.flash import JOINING, LOOKING, network_of
from daji.faces.store.buyer import find_owner, known_owner, new_owner
from daji.faces.store.markets import Market
from daji.faces.store.pages.forms import FORM, PAGE, read_address, read_contact, whole
from daji.faces.store.pages.places import COUNTRIES, VERBS, AddressForm, answer, form_of, of_address
from daji.faces.store.pages.scene import Here, Scene, displayed
from daji.flows.flash_stock import buyer_of
from daji.flows.offers import QuoteRequest
from daji.flows.quote_flash import quote_flash
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.kit.problems import Problem
from daji.views import store_checkout, store_flash
from daji.views.store_shell import Shell

FRAME = Shell(categories=(), in_cart=0, currency=None)
FRESH = timedelta(seconds=1)
MAX_KEPT = 200
COOKIE_SECONDS = 6 * 3600
# One second old is fresh, and while a new one is fetched the old one will do (RFC 5861).
FOR_ALL = "public, max-age=1, stale-while-revalidate=4"

_pages: OrderedDict[tuple[object, ...], tuple[datetime, str, str]] = OrderedDict()


@get("/flash", opt=PAGE, include_in_schema=False)
async def sales(scene: Here) -> Response[str]:
    """Show the sales that run or are to come."""
    async with scene.house.db.read() as session:
        shown = await flash.list_shown(session, now=scene.now)
        found = tuple(sale for sale in shown if _belongs(scene, sale) is None)
        items = await store_flash.list_items(
            session,
            sku_ids=[line.sku_id for sale in found for line in sale.lines[:1]],
            channel=scene.channel,
            at=scene.now,
        )
    phases = {sale.id: flash.phase(sale, scene.now) for sale in found}
    return await scene.show("flash_list.html", sales=found, items=items, phases=phases)


@get("/flash/{sale:str}", opt={**LOOKING, "html": True}, include_in_schema=False)
async def show_sale(scene: Here, sale: FromPath[str]) -> Response[Any]:
    """Show a sale: what, how much, how many are left, when. The same for everybody."""
    found = await scene.house.flash.look(ids.read("fls", sale), now=scene.now)
    there = _belongs(scene, found)
    if there is not None:
        return scene.leave(f"{there.base}/flash/{sale}")
    look = displayed(scene.request, scene.now)
    key = (scene.house.secret, scene.house.clock, found.id, scene.market, look)
    kept = _pages.get(key)
    if kept is None or abs(scene.now - kept[0]) >= FRESH:
        made = await _sale_page(scene, found)
        kept = _pages[key] = (scene.now, made, scene.nonce)
        _pages.move_to_end(key)
        if len(_pages) > MAX_KEPT:
            _pages.popitem(last=False)
    text = kept[1].replace(kept[2], scene.nonce)
    return Response(
        text,
        media_type=MediaType.HTML,
        headers={"Cache-Control": FOR_ALL, "Vary": "Cookie, Save-Data, ECT", "Content-Language": scene.lang},
    )


def _belongs(scene: Scene, sale: flash.Sale) -> Market | None:
    """The market whose currency a sale is in; None when that is this one."""
    return markets.of(scene.request).elsewhere(scene.market, sale.channel)


async def _sale_page(scene: Scene, sale: flash.Sale) -> str:
    async with scene.house.db.read() as session:
        items = await store_flash.list_items(
            session, sku_ids=[line.sku_id for line in sale.lines], channel=sale.channel, at=scene.now
        )
    page = await scene.show("flash.html", shell=FRAME, **_told(scene, sale), items=items)
    return str(page.content)


def _told(scene: Scene, sale: flash.Sale) -> dict[str, Any]:
    return {
        "sale": sale,
        "phase": flash.phase(sale, scene.now),
        "joinable": flash.may_join(sale, scene.now),
        "line_opens": sale.opens_at - flash.EARLY,
        "to_open": max(0, int((sale.opens_at - scene.now).total_seconds())),
        "to_close": max(0, int((sale.closes_at - scene.now).total_seconds())),
        "here": f"/flash/{ids.show('fls', sale.id)}",
    }


@get("/flash/{sale:str}/line", opt={**JOINING, "html": True}, include_in_schema=False)
async def stand_in_line(scene: Here, sale: FromPath[str]) -> Response[Any]:
    """Take a place, or show the one that this browser has. Looking again asks how it stands."""
    sale_id = ids.read("fls", sale)
    found = await scene.house.flash.look(sale_id, now=scene.now)
    if find_owner(scene.principal) is None and found.audience == "members":
        return scene.go(f"/login?next=/flash/{sale}/line")
    if scene.principal.kind == "guest" and found.audience == "members":
        return scene.go(f"/login?next=/flash/{sale}/line")
    if not flash.may_join(found, scene.now):
        return scene.go(f"/flash/{sale}")
    return await _line(scene, found)


async def _line(scene: Scene, sale: flash.Sale, problem: Problem | None = None) -> Response[Any]:
    owner = new_owner(scene.request)
    place = await scene.house.flash.join(
        sale.id,
        buyer=buyer_of(owner),
        network=network_of(scene.request, owner),
        hasty=throttle.is_hasty(scene.request),
        ticket=scene.request.cookies.get(_name(sale.id, "line")),
        now=scene.now,
    )
    _set_cookie(scene, _name(sale.id, "line"), place.ticket)
    return await scene.show(
        "flash_line.html",
        shell=FRAME,
        problem=problem,
        how=place.standing,
        call_seconds=flash.CALL_SECONDS,
        **_told(scene, sale),
    )


@post("/flash/{sale:str}/line", opt={**FORM, "cost": 10}, include_in_schema=False)
async def come(scene: Here, sale: FromPath[str]) -> Response[Any]:
    """Go to the till with a place that was called."""
    sale_id = ids.read("fls", sale)
    found = await scene.house.flash.look(sale_id, now=scene.now)
    try:
        at_till = await scene.house.flash.admit(
            sale_id,
            ticket=scene.request.cookies.get(_name(sale_id, "line"), ""),
            buyer=buyer_of(known_owner(scene.principal)),
            now=scene.now,
        )
    except (flash.PassInvalid, flash.PassSpent, flash.BuyerLimit, flash.TicketInvalid) as problem:
        _set_cookie(scene, _name(sale_id, "line"), "", seconds=0)
        return await scene.show(
            "flash_line.html", shell=FRAME, problem=problem, how=None, **_told(scene, found)
        )
    except Problem as problem:
        return await _line(scene, found, problem)
    _set_cookie(scene, _name(sale_id, "pass"), at_till.token)
    return scene.go(f"/flash/{sale}/order")


@get("/flash/{sale:str}/order", opt={**PAGE, "permission": "guest"}, include_in_schema=False)
async def order(scene: Here, sale: FromPath[str]) -> Response[Any]:
    """Ask what and where to, for as long as the pass holds."""
    owner = known_owner(scene.principal)
    async with scene.house.db.read() as session:
        start = await store_checkout.get_start(session, owner=owner)
    return await _till(scene, ids.read("fls", sale), form_of(of_address(start.address, start.email)))


@post("/flash/{sale:str}/order", opt=FORM, include_in_schema=False)
async def ask_offer(scene: Here, sale: FromPath[str]) -> Response[Any]:
    """Make the offer and show it; it is confirmed and paid like any other."""
    sale_id, form = ids.read("fls", sale), await scene.form()
    if form.get("verb") in VERBS:
        return await _till(scene, sale_id, answer(form), form)
    try:
        quote = await quote_flash(
            scene.house.ctx,
            scene.house.flash,
            QuoteRequest(
                owner=known_owner(scene.principal),
                channel="",
                lang=scene.lang,
                address=read_address(form),
                contact=read_contact(form),
                items=_items(form),
            ),
            sale_id=sale_id,
            token=scene.request.cookies.get(_name(sale_id, "pass"), ""),
            now=scene.now,
        )
    except Problem as problem:
        return await _till(scene, sale_id, form_of(form), form, problem)
    return scene.go(f"/checkout/{ids.show('quo', quote.id)}")


async def _till(
    scene: Scene,
    sale_id: UUID,
    form: AddressForm,
    given: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response[Any]:
    sale = await scene.house.flash.look(sale_id, now=scene.now)
    token = scene.request.cookies.get(_name(sale_id, "pass"), "")
    try:
        held = scene.house.flash.read_pass(
            sale_id, token=token, buyer=buyer_of(known_owner(scene.principal)), now=scene.now
        )
    except flash.PassInvalid:
        return scene.go(f"/flash/{ids.show('fls', sale_id)}/line")
    async with scene.house.db.read() as session:
        items = await store_flash.list_items(
            session, sku_ids=[line.sku_id for line in sale.lines], channel=sale.channel, at=scene.now
        )
    return await scene.show(
        "flash_order.html",
        shell=FRAME,
        problem=problem,
        form=form,
        items=items,
        given=given or {},
        ends=datetime.fromtimestamp(held.expires, tz=scene.now.tzinfo),
        seconds_left=max(0, held.expires - int(scene.now.timestamp())),
        countries=COUNTRIES,
        **_told(scene, sale),
    )


def _items(form: Mapping[str, str]) -> tuple[tuple[UUID, int], ...]:
    return ((ids.read("sku", form.get("sku", "")), whole(form, "qty", default=1, least=1, most=99)),)


def _name(sale_id: UUID, what: str) -> str:
    return f"daji_{what}_{ids.show('fls', sale_id)[-10:]}"


def _set_cookie(scene: Scene, name: str, value: str, *, seconds: int = COOKIE_SECONDS) -> None:
    known = state.of(scene.request)
    secure = "; Secure" if known.settings.secure else ""
    known.new_cookies[name] = f"{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


ROUTES = [sales, show_sale, stand_in_line, come, order, ask_offer]
