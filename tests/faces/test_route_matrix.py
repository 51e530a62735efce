"""U-114, U-116: every route of the real application × every kind of caller, and every id × everybody else.

What a route declares (`permit.declared`) is taken at its word and then proved by knocking.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from litestar import get
from PIL import Image

from daji.base.identity.api import Permission
from daji.care.customers import api as customers
from daji.faces.app import create_app
from daji.faces.http import cookies, permit
from daji.faces.http.settings import for_url
from daji.faces.store import api as store_api
from daji.flows import return_goods
from daji.kit import ids
from daji.trade.cart.api import Owner
from tests.faces.real_app import ORIGIN, RealShop
from tests.faces.store.shopping import ADDRESS, key
from tests.makers.world import HANGZHOU

STAFF = frozenset(str(permission) for permission in Permission)
PREFIXES = {
    "trade": "trd", "order": "ord", "case": "cas", "line": "lin", "quote": "quo", "sku": "sku",
    "product": "prd", "category": "cat", "picture": "med", "media_id": "med", "entry": "adr",
    "session_id": "ses", "staff_id": "stf", "review": "rev", "shipment": "shp", "template": "frt",
    "price_list": "prl", "view": "viw", "job": "job", "brand": "brd", "upload": "upl", "hold": "hld", "account": "acc", "run": "run", "timer": "tmr",
    "sale": "fls",
    "notice": "ntc",
}  # fmt: skip
WORDS = {
    "slug": "no-such-thing", "code": "no-such-thing", "gateway": "sandbox", "carrier": "simulated",
    "file_path": "mark.svg", "path": "no-such-thing", "role": "no-such-role",
    "key": "no.such_setting",
}  # fmt: skip
ORDER_BODY = {"reason": "changed_mind"}
DAY = "2026-03-03T12:00:00Z"


def some(prefix: str) -> str:
    return ids.show(prefix, ids.new_id())


# Bodies that would be taken if the ids in the path were somebody's: without them the answer would be about the body.
JSON_BODIES: dict[str, Any] = {
    "/console/v1/brands/{brand:str}": {"names": {"en": "Yan"}},
    "/console/v1/goods/{product:str}": {
        "version": 1,
        "code": "X",
        "category_id": some("cat"),
        "texts": {"en": {"title": "X"}},
    },
    "/console/v1/flash-sales/{sale:str}": {
        "version": 1,
        "titles": {"en": "X"},
        "channel": "web",
        "currency": "CNY",
        "opens_at": "2026-03-04T12:00:00Z",
        "closes_at": "2026-03-04T13:00:00Z",
        "lines": [{"sku_id": some("sku"), "price": 1, "quota": 1}],
    },
    "/store/v1/flash-sales/{sale:str}/line": {},
    "/store/v1/flash-sales/{sale:str}/quotes": {
        "token": "no-such-pass",
        "address": ADDRESS,
        "contact": {"name": "Lin"},
        "items": [{"sku": some("sku"), "qty": 1}],
    },
    "/store/v1/flash-sales/{sale:str}/pass": {"ticket": "no-such-ticket"},
    "/console/v1/uploads/{upload:str}/plan": {"mapping": {"code": "product_code"}},
    "/console/v1/cases/{case:str}/reject": {"why": "no"},
    "/console/v1/cases/{case:str}/take-in": {"grades": [{"unit_id": some("unt"), "grade": "scrap"}]},
    "/console/v1/customers/{account:str}/reveal": {"why": "a call"},
    "/console/v1/freight-templates/{template:str}/assign": {},
    "/console/v1/notices/{notice:str}/end": {"verb": "close"},
    "/console/v1/notices/{notice:str}/receive": {"lines": [{"sku_id": some("sku"), "qty": 1}]},
    "/console/v1/me/keys": {"label": "k", "permissions": ["stock:read"]},
    "/console/v1/orders/{trade:str}/cancel": ORDER_BODY,
    "/console/v1/orders/{trade:str}/notes": {"text": "hello"},
    "/console/v1/pick-lists/{order:str}/missing": {"trade_id": some("trd")},
    "/console/v1/pick-lists/{order:str}/pack": {"weight_g": 500},
    "/console/v1/price-lists/{code:str}": {"channel": "no-such-channel", "currency": "CNY"},
    "/console/v1/price-lists/{price_list:str}/prices": {
        "prices": [{"sku_id": some("sku"), "amount": 100}],
        "valid_from": DAY,
    },
    "/console/v1/products/{product:str}": {"version": 1},
    "/console/v1/products/{product:str}/skus": {"code": "X-1"},
    "/console/v1/products/{product:str}/status": {"verb": "submit"},
    "/console/v1/reviews/{review:str}/reply": {"text": "thanks"},
    "/console/v1/roles/{role:str}": {"permissions": [], "version": 0},
    "/console/v1/settings/{key:str}": {"value": 1, "version": 0},
    "/console/v1/staff/{staff_id:str}/password": {"password": "lantern river 42"},
    "/console/v1/staff/{staff_id:str}/roles": {"roles": ["service"]},
    "/console/v1/stock/holds/{hold:str}/release": {"reason": "a call"},
    "/store/v1/addresses/{entry:str}": ADDRESS,
    "/store/v1/cart/lines/{sku:str}": {"qty": 1},
    "/store/v1/orders/{trade:str}/cancel": ORDER_BODY,
    "/store/v1/orders/{trade:str}/children/{order:str}/returns": {
        "units": [some("unt")],
        "reason": "damaged",
    },
    "/store/v1/orders/{trade:str}/lines/{line:str}/review": {"score": 5},
    "/store/v1/orders/{trade:str}/payments": {"method": "wallet"},
}
FORM_BODIES: dict[str, dict[str, str]] = {
    "/pay/{trade:str}": {"method": "wallet"},
    "/orders/{trade:str}/cancel": ORDER_BODY,
    "/orders/{trade:str}/return/{order:str}": {
        "unit": some("unt"),
        "kind": "return",
        "reason": "damaged",
    },
    "/orders/{trade:str}/review/{line:str}": {"score": "5"},
}
SIGN_IN = frozenset(
    {
        "/zh/login",
        "/en/login",
        "/console/v1/login",
        "/console/v1/session",
        "/store/v1/session",
        "/store/v1/tokens",
    }
)
"""Doors themselves: what they refuse is the password."""
OWN_STAFF_ACCOUNT = ("/console/v1/me", "/console/v1/logout", "/console/v1/live", "/console/v1/search")
"""Declared public because no permission is needed: it is about whoever asks, and only staff may."""
NAMED_BY_CALLER = frozenset(
    {
        ("PUT", "/console/v1/freight-templates/{code:str}"),
        ("DELETE", "/store/v1/cart/lines/{sku:str}"),
        ("GET", "/console/{path:path}"),
        # The trades whose sheets are wanted stand in the query.
        ("GET", "/console/v1/orders/packing-slips.pdf"),
        ("GET", "/glyph/{name:str}"),
        ("GET", "/static/console/{file_path:path}"),
        ("HEAD", "/static/console/{file_path:path}"),
        ("GET", "/static/store/{file_path:path}"),
        ("HEAD", "/static/store/{file_path:path}"),
    }
)
"""Whose parameter is no id of a thing that must exist: a name to be made, a line that may be gone, a file."""


class Route(NamedTuple):
    method: str
    path: str
    permission: str

    @property
    def page(self) -> bool:
        return not self.path.startswith(
            ("/store/v1", "/console/v1", "/notify", "/static", "/media", "/glyph")
        )


class Caller(NamedTuple):
    name: str
    client: httpx.AsyncClient
    kind: str
    may: frozenset[str] = frozenset()


def routes(shop: RealShop) -> list[Route]:
    """All of them; what ends a session comes last, so that the others are asked with a live one."""
    found = [Route(*one) for one in permit.declared(shop.app)]
    return sorted(found, key=lambda route: (route.path == "/console/v1/logout", route.path, route.method))


@pytest.fixture
async def callers(shop: RealShop) -> dict[str, Caller]:
    sku_id = await shop.world.sku()
    guest = shop.client()
    assert (await guest.put(f"/store/v1/cart/lines/{ids.show('sku', sku_id)}", json={"qty": 1})).is_success
    _, shopper = await shop.shopper("nobody@example.com")
    admin = await shop.staff("admin@shop.test", "admin")
    nobody = await shop.staff("nobody@shop.test")
    made = [
        Caller("anonymous", shop.client(), "visitor"),
        Caller("guest", guest, "visitor"),
        Caller("shopper", shop.client(shopper), "shopper"),
        Caller("staff without roles", shop.client(nobody), "staff"),
        Caller("admin", shop.client(admin), "staff", STAFF),
    ]
    # The sharpest knife: a script that may do everything but the one thing.
    for wanted in sorted(STAFF):
        token = await shop.key(admin, sorted(STAFF - {wanted}))
        made.append(Caller(f"all but {wanted}", shop.client(token), "staff", STAFF - {wanted}))
    return {caller.name: caller for caller in made}


def fill(path: str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "name":
            return "640.webp" if path.startswith("/media") else "tea.svg"
        return some(PREFIXES[name]) if name in PREFIXES else WORDS[name]

    return re.sub(r"\{(\w+):\w+\}", value, path)


async def knock(caller: Caller, route: Route) -> httpx.Response:
    if caller.name == "anonymous":
        caller.client.cookies.clear()
    sent: dict[str, Any] = {"headers": key()}
    if route.method not in {"GET", "HEAD"}:
        if route.path.endswith("/photos") or route.path.endswith("/photo"):
            sent["files"] = {
                "data": ("x.png", b"\x89PNG", "image/png"),
                "photo": ("x.png", b"x", "image/png"),
            }
        elif route.page:
            bare = re.sub("^/(zh|en)/", "/", route.path)
            sent["data"] = FORM_BODIES.get(bare, {"nothing": "1"})
        elif not route.path.startswith("/notify") and route.method != "DELETE":
            sent["json"] = JSON_BODIES.get(route.path, {})
    return await caller.client.request(route.method, fill(route.path), **sent)


def wrong(caller: Caller, route: Route, answer: httpx.Response) -> str | None:
    """What this answer should not have been; None when it is as declared."""
    code = answer.status_code
    if code >= 500:
        return "broke"
    if route.path.startswith("/notify"):
        # Nobody's word counts here but a signature's, which none of these bears.
        return None if code == 401 and "forged" in answer.json()["code"] else "unsigned message"
    if route.permission in STAFF:
        return staff_side(caller, route, answer)
    if route.permission == permit.SHOPPER and caller.kind != "shopper":
        return None if code == (401 if caller.kind == "visitor" else 403) else "not for shoppers only"
    if route.permission == permit.GUEST and caller.kind == "staff":
        return None if code == 403 else "staff in the shop's own API"
    return passed(caller, route, answer)


def staff_side(caller: Caller, route: Route, answer: httpx.Response) -> str | None:
    code = answer.status_code
    if caller.kind == "visitor":
        return None if code == 401 else "let a visitor in"
    if route.permission in caller.may:
        return passed(caller, route, answer)
    return None if code == 403 else "let somebody in without the permission"


def passed(caller: Caller, route: Route, answer: httpx.Response) -> str | None:
    """Past the gate: a random id finds nothing, everything else is not the gate's refusal."""
    code = answer.status_code
    trouble = None
    if route.path in SIGN_IN and route.method == "POST":
        trouble = None if code in {401, 422} else "door without a lock"
    elif route.path == "/metrics":
        trouble = None if code == 404 else "shown beyond this machine"
    elif route.path.startswith(OWN_STAFF_ACCOUNT) and caller.kind != "staff":
        trouble = None if code == 401 else "staff's own, given to others"
    elif route.path.endswith("/me/keys") and caller.name != "admin":
        # A key cannot make keys, and nobody gives what they do not have.
        trouble = None if code == 403 else "made a key beyond its own"
    elif code in {401, 403}:
        trouble = "stopped though it may"
    elif (route.method, route.path) in NAMED_BY_CALLER:
        trouble = None
    elif "{" in route.path:
        trouble = None if code == 404 or is_empty(answer) else "answered for an id that nobody has"
    elif route.method in {"GET", "HEAD"} and code >= 400:
        trouble = "not shown"
    return trouble


def is_empty(answer: httpx.Response) -> bool:
    """A list of nothing: no data, though 404 would say it plainer."""
    if answer.status_code != 200 or answer.headers["content-type"].split(";")[0] != "application/json":
        return False
    body = answer.json()
    return body == [] or (isinstance(body, dict) and body.get("items") == [])


def relevant(route: Route, everybody: dict[str, Caller]) -> Iterator[Caller]:
    for caller in everybody.values():
        if not caller.name.startswith("all but"):
            yield caller
    if route.permission in STAFF:
        yield everybody[f"all but {route.permission}"]
    elif route.path.startswith(OWN_STAFF_ACCOUNT):
        yield everybody["all but stock:adjust"]


async def test_every_route_holds_what_it_declares_u116(shop: RealShop, callers: dict[str, Caller]) -> None:
    """U-116: each route × anonymous, guest, shopper, staff without roles, a key lacking only this, admin."""
    found, asked = [], 0
    for route in routes(shop):
        for caller in relevant(route, callers):
            answer = await knock(caller, route)
            asked += 1
            trouble = wrong(caller, route, answer)
            if trouble:
                found.append(
                    f"{route.method} {route.path} ({route.permission}) × {caller.name}: {trouble}: {answer.status_code} {answer.text[:160]}"
                )
    assert found == [], "\n".join(found)
    assert asked > 1000


def test_a_route_that_declares_nothing_refuses_to_start_u116(
    shop: RealShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U-116: the seeded violation."""

    @get("/store/v1/forgotten")
    async def forgotten() -> None:
        return None

    @get("/store/v1/misspelt", opt={"permission": "stock:reed"})
    async def misspelt() -> None:
        return None

    for seeded in (forgotten, misspelt):
        monkeypatch.setattr(store_api, "ROUTES", [seeded])
        with pytest.raises(permit.UndeclaredRoute, match="/".join(seeded.paths)):
            create_app(shop.house)


class Door(NamedTuple):
    """A deed on something of somebody's. `body` may name ids as the path does; `form` says that it is a page's form."""

    method: str
    path: str
    body: Any = None
    form: bool = False
    files: bool = False


REVIEW = {"score": 4}
WISH = {"units": ["{unit}"], "reason": "damaged"}
# In an order in which the owner can do all of it, after everybody else has been refused.
API_DOORS = (
    Door("GET", "/store/v1/orders/{trade}"),
    Door("GET", "/store/v1/cases/{case}"),
    Door("POST", "/store/v1/orders/{trade}/lines/{line}/review", REVIEW),
    Door("POST", "/store/v1/orders/{trade}/children/{order}/returns", WISH),
    Door("POST", "/store/v1/cases/{case}/withdraw"),
    Door("POST", "/store/v1/orders", {"quote_id": "{quote}"}),
    Door("POST", "/store/v1/orders/{unpaid}/payments", {"method": "wallet", "script": "pending"}),
    Door("POST", "/store/v1/orders/{unpaid}/payments/refresh"),
    Door("POST", "/store/v1/orders/{unpaid}/cancel", ORDER_BODY),
)
PAGE_DOORS = (
    Door("GET", "/en/checkout/{quote}"),
    Door("GET", "/en/orders/{trade}"),
    Door("GET", "/en/orders/{trade}/return/{order}"),
    Door("GET", "/en/orders/{trade}/review/{line}"),
    Door("GET", "/en/returns/{case}"),
    Door("GET", "/en/pay/{unpaid}"),
    Door("GET", "/en/paid/{unpaid}"),
    Door("POST", "/en/orders/{trade}/review/{line}", {"score": "4"}, form=True),
    Door(
        "POST",
        "/en/orders/{trade}/return/{order}",
        {"unit": "{unit}", "kind": "return", "reason": "damaged"},
        form=True,
    ),
    Door("POST", "/en/returns/{case}/withdraw", {"nothing": "1"}, form=True),
    Door("POST", "/en/checkout/{quote}", {"nothing": "1"}, form=True),
    Door("POST", "/en/pay/{unpaid}", {"method": "wallet"}, form=True),
    Door("POST", "/en/orders/{unpaid}/cancel", {"reason": "other"}, form=True),
    Door("POST", "/en/orders/{trade}/again", {"nothing": "1"}, form=True),
)
SHOPPER_DOORS = (
    Door("POST", "/store/v1/cases/{case}/photos", files=True),
    Door("PUT", "/store/v1/addresses/{entry}", ADDRESS),
    Door("POST", "/store/v1/addresses/{entry}/default"),
    Door("GET", "/en/account/addresses/{entry}"),
    Door("POST", "/en/account/addresses/{entry}", {"verb": "default"}, form=True),
    Door("POST", "/en/returns/{case}/photo", files=True),
    Door("DELETE", "/store/v1/addresses/{entry}"),
)
ID_PREFIXES = {**PREFIXES, "unpaid": "trd", "unit": "unt"}


def put_in(text: Any, known: dict[str, str]) -> Any:
    if isinstance(text, str):
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], text)
    if isinstance(text, dict):
        return {name: put_in(value, known) for name, value in text.items()}
    return [put_in(one, known) for one in text] if isinstance(text, list) else text


async def open_door(client: httpx.AsyncClient, door: Door, known: dict[str, str]) -> httpx.Response:
    sent: dict[str, Any] = {"headers": key()}
    if door.files:
        name = "photo" if door.path.startswith("/en") else "data"
        sent["files"] = {name: ("x.png", PICTURE, "image/png")}
    elif door.body is not None:
        sent["data" if door.form else "json"] = put_in(door.body, known)
    return await client.request(door.method, put_in(door.path, known), **sent)


def drawn() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(picture, "PNG")
    return picture.getvalue()


PICTURE = drawn()


async def belongings(shop: RealShop, owner: Owner) -> dict[str, str]:
    """A delivered purchase with a return of one unit, one that waits for money, a quote, an address."""
    world = shop.world
    sku_id = await world.sku(price=900)
    placed = await world.place({sku_id: 4}, owner=owner)
    await world.pay(placed.trade_id)
    order = (await world.trade(placed.trade_id)).orders[0]
    await world.deliver(order.id)
    asked = await return_goods.ask_return(
        world.ctx,
        return_goods.AskReturn(
            order_id=order.id, owner=owner, unit_ids=(order.lines[0].units[0].id,), kind="return",
            reason="damaged", note="", by="test",
        ),
        scope="test", key=str(ids.new_id()), now=world.clock.now(),
    )  # fmt: skip
    unpaid = await world.place({sku_id: 1}, owner=owner)
    quote = await world.quote({sku_id: 1}, owner=owner)
    found = {
        "trade": placed.trade_id, "order": order.id, "line": order.lines[0].id,
        "unit": order.lines[0].units[1].id, "case": asked.case_id, "unpaid": unpaid.trade_id,
        "quote": quote.id,
    }  # fmt: skip
    if owner.shopper_id is not None:
        shopper_id = owner.shopper_id
        async with world.db.transaction() as tx:
            saved = await customers.add_address(
                tx, shopper_id=shopper_id, address=HANGZHOU, make_default=True, now=world.clock.now()
            )
        found["entry"] = saved.id
    return {name: ids.show(ID_PREFIXES[name], value) for name, value in found.items()}


def told(answer: httpx.Response) -> tuple[int, str]:
    """The answer without what differs from request to request."""
    if answer.headers["content-type"].startswith("application/problem+json"):
        body = {
            name: value for name, value in answer.json().items() if name not in {"request_id", "instance"}
        }
        return answer.status_code, json.dumps(body, sort_keys=True)
    same = re.sub(r'nonce="[^"]+"', "", answer.text)
    text = re.sub(r"[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}", "ID", same)
    return answer.status_code, re.sub(
        r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", "ID", text
    )


@pytest.mark.parametrize("who", ["guest", "shopper"])
@pytest.mark.parametrize("side", ["api", "pages"])
async def test_what_is_somebody_s_is_unknown_to_everybody_else_u114(
    shop: RealShop, who: str, side: str
) -> None:
    """U-114: each id parameter × another shopper, another guest, a visitor: the answer of an id that nobody has."""
    owner_client, owner = await buyer(shop, who, "owner@example.com")
    known = await belongings(shop, owner)
    doors = API_DOORS if side == "api" else PAGE_DOORS
    if who == "shopper":
        doors += tuple(door for door in SHOPPER_DOORS if door.path.startswith("/en") == (side == "pages"))
    strangers = {
        "shopper": (await buyer(shop, "shopper", "stranger@example.com"))[0],
        "guest": (await buyer(shop, "guest", ""))[0],
        "visitor": shop.client(),
    }
    found = []
    for door in doors:
        for name, client in strangers.items():
            if door in SHOPPER_DOORS and name != "shopper":
                continue
            answers = []
            for meant in (known, {one: some(ID_PREFIXES[one]) for one in known}):
                if name == "visitor":
                    client.cookies.clear()
                answers.append(await open_door(client, door, meant))
            if answers[0].status_code != 404 or told(answers[0]) != told(answers[1]):
                found.append(
                    f"{door.method} {door.path} × {name}: {answers[0].status_code} {answers[0].text[:200]}"
                )
    assert found == [], "\n".join(found)
    for door in doors:
        # Nor is the owner's way in open with one id that is not theirs.
        for name in re.findall(r"\{(\w+)\}", door.path):
            mixed = await open_door(owner_client, door, {**known, name: some(ID_PREFIXES[name])})
            if mixed.status_code != 404:
                found.append(f"{door.method} {door.path} × owner, unknown {name}: {mixed.status_code}")
        answer = await open_door(owner_client, door, known)
        if answer.status_code >= 400:
            found.append(f"{door.method} {door.path} × owner: {answer.status_code} {answer.text[:300]}")
    assert found == [], "\n".join(found)


async def buyer(shop: RealShop, who: str, email: str) -> tuple[httpx.AsyncClient, Owner]:
    if who == "shopper":
        shopper_id, token = await shop.shopper(email)
        return shop.client(token), Owner(shopper_id=shopper_id)
    token = cookies.new_guest()
    client = shop.client()
    settings = for_url(ORIGIN, secret=shop.house.secret)
    made: dict[str, str] = {}
    cookies.set_guest(made, settings, token)
    name, _, rest = next(iter(made.values())).partition("=")
    client.cookies.set(name, rest.partition(";")[0])
    return client, Owner(guest_token=token)


async def test_media_of_one_s_own(shop: RealShop) -> None:
    """A picture's address is as long as a key; what is known of it is staff's, and an unknown one is not there."""
    client, owner = await buyer(shop, "shopper", "owner@example.com")
    known = await belongings(shop, owner)
    kept = await open_door(client, SHOPPER_DOORS[0], known)
    assert kept.status_code == 201, kept.text
    media_id = kept.json()["id"]
    stranger, _ = await buyer(shop, "shopper", "stranger@example.com")
    for unknown in (some("med"), ids.show("med", ids.new_id())):
        assert (await stranger.get(f"/media/{unknown}/640.webp")).status_code == 404
    assert (await stranger.get(f"/console/v1/media/{media_id}")).status_code == 403
