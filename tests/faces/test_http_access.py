"""Who may enter: every kind of visitor at every kind of route, cookies, forged requests."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, WebSocket, get, websocket
from litestar.router import Router

from daji.base.identity import api as identity
from daji.base.identity import passwords as hashing
from daji.base.identity.passwords import Passwords
from daji.boot import MESSAGES
from daji.faces.http import cookies, permit, state
from daji.faces.http.settings import HttpSettings, for_url
from daji.kit import ids
from daji.kit.clock import SimClock
from daji.kit.db import Database, counting
from daji.kit.i18n import Catalogue
from tests.faces import http_app

PASSWORD = "correct horse 7"
ITEM = {"qty": 1}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with http_app.silence():
        yield


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Passwords(memory_kib=8, rounds=1)
    for module in ("login", "register_shopper", "staff"):
        monkeypatch.setattr(f"daji.base.identity.commands.{module}.shared", lambda: quick)
    assert hashing.shared is not None


class Bench(msgspec.Struct, kw_only=True):
    app: Litestar
    db: Database
    clock: SimClock
    owner: identity.Shopper
    tokens: dict[str, str]
    open: Callable[..., httpx.AsyncClient]


@pytest.fixture
async def bench(db: Database, now: datetime) -> AsyncIterator[Bench]:
    clock = SimClock(now)
    app = http_app.build(db, clock, Catalogue(MESSAGES))
    async with db.transaction() as tx:
        people = [
            await identity.register_shopper(
                tx, phone=None, email=f"{name}@example.com", password=PASSWORD, name=name, lang="en", now=now
            )
            for name in ("owner", "stranger")
        ]
        for role in ("warehouse", "analyst", "admin"):
            await identity.create_staff(
                tx, email=f"staff-{role}@example.com", name=role, password=PASSWORD, roles=(role,), by=None,
                now=now,
            )  # fmt: skip
    tokens: dict[str, str] = {}
    for account in ("owner", "stranger", "staff-warehouse", "staff-analyst", "staff-admin"):
        realm: Any = "staff" if "staff" in account else "shopper"
        signed_in = await identity.login(
            db, realm=realm, account=f"{account}@example.com", password=PASSWORD, ip="::1", now=now,
            kind="bearer",
        )  # fmt: skip
        tokens[account] = signed_in.token
    async with db.transaction() as tx:
        admin = await identity.authenticate_bearer(tx, token=tokens["staff-admin"], now=now)
        assert admin.id is not None
        key = await identity.create_api_key(
            tx, staff_id=admin.id, label="k", permissions=["stock:read"], lives=timedelta(days=1), now=now
        )
        tokens["api"] = key.token
        clients: list[httpx.AsyncClient] = []

        def open_client(who: str | None = None, **more: Any) -> httpx.AsyncClient:
            headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
            made = http_app.client(app, **({"headers": headers} | more))
            clients.append(made)
            return made

    yield Bench(app=app, db=db, clock=clock, owner=people[0], tokens=tokens, open=open_client)
    for client in clients:
        await client.aclose()


async def signed_in(bench: Bench, account: str = "owner", **more: Any) -> tuple[httpx.AsyncClient, str]:
    """A browser with a session, and the form token that its pages carry."""
    client = bench.open(**more)
    answer = await client.post("/sign-in", json={"account": f"{account}@example.com", "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    return client, answer.text


MATRIX = {
    # route: anonymous, guest, owner, stranger, warehouse, analyst, admin, api key (stock:read)
    "/public": (200, 200, 200, 200, 200, 200, 200, 200),
    "/guest": (200, 200, 200, 200, 403, 403, 403, 403),
    "/shopper": (401, 401, 200, 200, 403, 403, 403, 403),
    "/things/OWNER": (401, 401, 200, 404, 403, 403, 403, 403),
    "/staff": (401, 401, 403, 403, 200, 200, 200, 200),
    "/admin": (401, 401, 403, 403, 403, 403, 200, 403),
    "/nowhere": (404, 404, 404, 404, 404, 404, 404, 404),
}
WHO = (None, "guest", "owner", "stranger", "staff-warehouse", "staff-analyst", "staff-admin", "api")


async def test_each_route_for_each_kind_of_visitor_u114(bench: Bench):
    seen = {}
    for path, expected in MATRIX.items():
        answers = []
        for who in WHO:
            client = bench.open(who if who != "guest" else None)
            if who == "guest":
                await client.post("/cart", json={"items": []})
            url = path.replace("OWNER", str(bench.owner.id))
            answers.append((await client.get(url)).status_code)
        seen[path] = tuple(answers)
        assert len(expected) == len(WHO)
    assert seen == MATRIX


async def test_a_foreign_id_and_an_unknown_id_get_the_same_answer_u114(bench: Bench):
    client = bench.open("stranger")
    bodies = []
    for owner in (bench.owner.id, ids.new_id()):
        answer = await client.get(f"/things/{owner}")
        assert answer.status_code == 404
        body = answer.json()
        bodies.append({k: v for k, v in body.items() if k not in {"request_id", "instance"}})
    assert bodies[0] == bodies[1]


async def test_statements_none_for_visitors_one_for_accounts(bench: Bench):
    visitor, guest = bench.open(), bench.open()
    await guest.post("/cart", json={"items": []})
    browser, _ = await signed_in(bench)
    for client, url, statements in (
        (visitor, "/public", 0),
        (visitor, "/shopper", 0),
        (guest, "/guest", 0),
        (browser, "/shopper", 1),
        (bench.open("owner"), "/shopper", 1),
        (bench.open("api"), "/staff", 1),
        (bench.open(headers={"Authorization": "Bearer nonsense"}), "/public", 0),
        (browser, "/health/live", 0),
    ):
        with counting() as tally:
            await client.get(url)
        assert tally.count == statements, url


async def test_a_bearer_token_that_is_not_valid_answers_401_even_in_public(bench: Bench):
    for token in ("nonsense", "", "daji_" + "A" * 43):
        answer = await bench.open(headers={"Authorization": f"Bearer {token}"}).get("/public")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await bench.open(headers={"Authorization": "Basic eDp5"}).get("/public")).json()[
        "kind"
    ] == "anonymous"


async def test_a_session_cookie_is_a_visitors_once_it_has_ended(bench: Bench):
    client, csrf = await signed_in(bench)
    assert (await client.get("/public")).json()["kind"] == "shopper"
    stolen = dict(client.cookies)
    answer = await client.post("/sign-out", headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 201
    assert "daji_session" not in client.cookies
    thief = bench.open(cookies=stolen)
    assert (await thief.get("/public")).json()["kind"] == "anonymous"
    assert (await thief.get("/shopper")).status_code == 401


async def test_signing_in_ends_the_session_brought_along(bench: Bench):
    client, _ = await signed_in(bench)
    before = dict(client.cookies)
    again = await client.post(
        "/sign-in",
        json={"account": "owner@example.com", "password": PASSWORD},
        headers={"X-CSRF-Token": (await client.get("/shopper")).json()["csrf"]},
    )
    assert again.status_code == 201
    assert client.cookies["daji_session"] != before["daji_session"]
    assert (await bench.open(cookies=before).get("/shopper")).status_code == 401


async def test_sessions_slide_with_a_new_cookie_now_and_then(bench: Bench):
    client, _ = await signed_in(bench)
    assert "set-cookie" not in (await client.get("/public")).headers
    bench.clock.advance(timedelta(days=29))
    answer = await client.get("/public")
    assert answer.json()["kind"] == "shopper"
    assert "Max-Age=2592000" in answer.headers["set-cookie"]
    bench.clock.advance(timedelta(days=29))
    assert (await client.get("/public")).json()["kind"] == "shopper"


async def test_staff_and_shopper_have_a_cookie_each(bench: Bench):
    client, csrf = await signed_in(bench)
    await client.post(
        "/sign-in",
        json={"account": "staff-analyst@example.com", "password": PASSWORD},
        headers={"X-CSRF-Token": csrf},
    )
    assert (await client.get("/shopper")).json()["kind"] == "shopper"
    assert (await client.get("/staff")).json()["kind"] == "staff"
    assert (await client.get("/console-door")).json()["kind"] == "staff"
    swapped = bench.open(cookies={"daji_staff": client.cookies["daji_session"]})
    assert (await swapped.get("/staff")).status_code == 401
    swapped = bench.open(cookies={"daji_session": client.cookies["daji_staff"]})
    assert (await swapped.get("/shopper")).status_code == 401


async def test_a_guest_exists_only_once_something_is_kept_and_cannot_be_made_up(bench: Bench):
    client = bench.open()
    for _ in range(2):
        assert (await client.get("/guest")).json()["kind"] == "anonymous"
    assert "daji_guest" not in client.cookies
    first = (await client.post("/cart", json={"items": []})).json()["by"]
    assert first.startswith("guest:")
    cookie = client.cookies["daji_guest"]
    token, _, _ = cookie.partition(".")
    assert token not in first
    for forged in (token, f"{token}.{'0' * 64}", f"{cookies.new_guest()}.{cookie[44:]}", "x" * 4000, "…"):
        made_up = bench.open(headers={"Cookie": f"daji_guest={forged}".encode()})
        assert (await made_up.get("/guest")).json()["kind"] == "anonymous"
    assert (await bench.open(cookies={"daji_guest": cookie}).get("/guest")).json()["kind"] == "guest"


async def test_cookies_are_locked_down(bench: Bench):
    client = bench.open()
    line = (await client.post("/cart", json={"items": []})).headers["set-cookie"]
    assert re.fullmatch(r"daji_guest=\S+; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax", line)
    app = http_app.build(bench.db, bench.clock, Catalogue(MESSAGES), secure=True)
    async with http_app.client(app, base_url="https://shop.test") as secure:
        answer = await secure.post("/cart", json={"items": []})
        assert re.fullmatch(
            r"__Host-daji_guest=\S+; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure",
            answer.headers["set-cookie"],
        )
        assert answer.headers["cache-control"] == "private, no-cache"
        assert (await secure.get("/guest")).json()["kind"] == "guest"


# --- forged requests


async def test_a_session_must_bring_its_own_form_token(bench: Bench):
    client, csrf = await signed_in(bench)
    _, foreign = await signed_in(bench, "stranger")
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": foreign}, {"X-CSRF-Token": "é".encode()}):
        answer = await client.post("/account", json=ITEM, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert (await client.post("/account", json=ITEM, headers={"X-CSRF-Token": csrf})).status_code == 201


async def test_the_browsers_word_does_not_replace_a_sessions_token(bench: Bench):
    client, _ = await signed_in(bench)
    answer = await client.post(
        "/account", json=ITEM, headers={"Origin": "http://shop.test", "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://shop.test.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_other_sites_cannot_post_even_with_the_token(bench: Bench, headers: dict[str, str]):
    client, csrf = await signed_in(bench)
    guest = bench.open()
    await guest.post("/cart", json={"items": []})
    for one, url in ((client, "/account"), (guest, "/cart"), (bench.open(), "/sign-in")):
        answer = await one.post(url, json=ITEM, headers={"X-CSRF-Token": csrf, **headers})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


async def test_a_guest_in_a_second_tab_is_not_sent_away(bench: Bench):
    guest = bench.open()
    await guest.post("/cart", json={"items": []})
    assert (await guest.post("/cart", json={"items": []})).status_code == 403
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://shop.test"}):
        assert (await guest.post("/cart", json={"items": []}, headers=headers)).status_code == 201
    csrf = (await guest.get("/guest")).json()["csrf"]
    assert (await guest.post("/cart", json={"items": []}, headers={"X-CSRF-Token": csrf})).status_code == 201


async def test_a_form_carries_the_token_in_a_field_and_the_handler_still_reads_it(bench: Bench):
    client, csrf = await signed_in(bench)
    answer = await client.post("/form", data={"name": "林", "_csrf": csrf})
    assert answer.status_code == 201
    assert answer.json()["name"] == "林"
    refused = await client.post("/form", data={"name": "林"})
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("text/html")


async def test_bearer_requests_need_no_form_token(bench: Bench):
    answer = await bench.open("owner").post("/account", json=ITEM, headers={"Origin": "https://app.example"})
    assert answer.status_code == 201


async def test_staff_post_with_cookie_and_token(bench: Bench):
    client, csrf = await signed_in(bench, "staff-warehouse")
    assert (await client.post("/staff", json=ITEM)).status_code == 403
    assert (await client.post("/staff", json=ITEM, headers={"X-CSRF-Token": csrf})).status_code == 201


def test_form_tokens_belong_to_one_session_and_one_installation():
    one = identity.Principal(kind="shopper", session_id=ids.new_id())
    other = identity.Principal(kind="shopper", session_id=ids.new_id())
    assert state.with_csrf(b"s", one).csrf == state.with_csrf(b"s", one).csrf
    assert state.with_csrf(b"s", one).csrf != state.with_csrf(b"s", other).csrf
    assert state.with_csrf(b"s", one).csrf != state.with_csrf(b"t", one).csrf


# --- a route that says nothing does not start (U-116)


@pytest.mark.parametrize(
    "opt", [{}, {"permission": None}, {"permission": "stock:raed"}, {"permission": ["public"]}]
)
async def test_a_route_without_a_declaration_does_not_start_u116(bench: Bench, opt: dict[str, Any]):
    @get("/forgotten", opt=opt)
    async def forgotten() -> None:
        return None

    with pytest.raises((permit.UndeclaredRoute, TypeError), match=r"/forgotten|unhashable"):
        http_app.build(bench.db, bench.clock, Catalogue(MESSAGES), more=[forgotten])


async def test_every_other_kind_of_route_must_declare_too_u116(bench: Bench):
    @websocket("/undeclared")
    async def undeclared(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.close()

    with pytest.raises(permit.UndeclaredRoute, match="/undeclared"):
        http_app.build(bench.db, bench.clock, Catalogue(MESSAGES), more=[undeclared])


async def test_a_router_may_declare_for_its_routes(bench: Bench):
    @get("/inside")
    async def inside() -> None:
        return None

    router = Router("/area", route_handlers=[inside], opt={"permission": "audit:read"})
    app = http_app.build(bench.db, bench.clock, Catalogue(MESSAGES), more=[router])
    assert ("GET", "/area/inside", "audit:read") in set(permit.declared(app))
    async with http_app.client(app) as client:
        assert (await client.get("/area/inside")).status_code == 401


async def speak(app: Litestar, headers: list[tuple[bytes, bytes]]) -> list[str]:
    """Open a socket by hand: what the application sends back, by type, texts in full."""
    incoming = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])
    said: list[str] = []

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        said.append(message.get("text") or message["type"])

    scope: Any = {
        "type": "websocket", "path": "/socket", "raw_path": b"/socket", "query_string": b"", "scheme": "ws",
        "headers": [(b"host", b"shop.test"), *headers], "client": ("198.51.100.9", 1), "subprotocols": [],
        "root_path": "", "http_version": "1.1", "extensions": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return said


async def test_sockets_are_guarded_like_routes_and_refuse_foreign_pages(bench: Bench):
    client, _ = await signed_in(bench)
    cookie = (b"cookie", f"daji_session={client.cookies['daji_session']}".encode())
    own, foreign = (b"origin", b"http://shop.test"), (b"origin", b"https://evil.example")
    assert await speak(bench.app, [own]) == ["websocket.close"]
    assert await speak(bench.app, [cookie, foreign]) == ["websocket.close"]
    assert await speak(bench.app, [cookie]) == ["websocket.close"]
    assert await speak(bench.app, [cookie, own]) == ["websocket.accept", "shopper", "websocket.close"]
    bearer = (b"authorization", f"Bearer {bench.tokens['owner']}".encode())
    assert "shopper" in await speak(bench.app, [bearer])


async def test_options_tell_methods_only(bench: Bench):
    answer = await bench.open().options("/staff")
    assert answer.status_code == 204
    assert "GET" in answer.headers["allow"]


def test_settings_follow_the_public_address():
    plain = for_url("http://127.0.0.1:8000", secret=b"x")
    assert (plain.secure, plain.origins) == (False, ("http://127.0.0.1:8000",))
    assert for_url("https://shop.example", secret=b"x", proxies=1) == HttpSettings(
        secret=b"x", secure=True, origins=("https://shop.example",), proxies=1
    )
