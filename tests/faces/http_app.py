"""A small application with one route of each kind, to prove the machinery on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import httpx
import msgspec
import structlog
from litestar import Litestar, Request, Response, WebSocket, get, post, put, websocket
from litestar.di import NamedDependency
from litestar.openapi import OpenAPIConfig
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody
from litestar.router import Router

from daji.base.identity import api as identity
from daji.faces.http import idempotency, install, problems, state
from daji.faces.http.kept import Kept
from daji.faces.http.settings import HttpSettings
from daji.kit import telemetry
from daji.kit.clock import Clock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from daji.kit.problems import NotFound, TooMany

Asked = Request[Any, Any, Any]
Asking = NamedDependency[identity.Principal]
SECRET = b"\x01" * 32


class Item(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    qty: Annotated[int, msgspec.Meta(ge=1, le=999)]
    note: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Basket(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: list[Item]
    text: str = ""


def routes(db: Database) -> list[Any]:
    @get("/public", opt={"permission": "public"})
    async def public(principal: Asking, lang: NamedDependency[str]) -> dict[str, str]:
        return {"kind": principal.kind, "lang": lang}

    @get("/guest", opt={"permission": "guest"})
    async def guest(request: Asked) -> dict[str, str | None]:
        who = state.principal(request)
        return {"kind": who.kind, "csrf": who.csrf}

    @get("/shopper", opt={"permission": "shopper"})
    async def shopper(principal: Asking) -> dict[str, str | None]:
        return {"kind": principal.kind, "csrf": principal.csrf}

    @get("/staff", opt={"permission": "stock:read"})
    async def staff(principal: Asking) -> dict[str, str | None]:
        return {"kind": principal.kind, "csrf": principal.csrf}

    @get("/admin", opt={"permission": "identity:manage"})
    async def admin() -> None:
        return None

    @get("/console-door", opt={"permission": "public", "realm": "staff"})
    async def console_door(principal: Asking) -> dict[str, str]:
        return {"kind": principal.kind}

    @get("/things/{owner_id:uuid}", opt={"permission": "shopper"})
    async def thing(owner_id: FromPath[UUID], principal: Asking) -> dict[str, bool]:
        # As a store does: the owner is part of the condition, and nobody else's row is found.
        if owner_id != principal.id:
            raise NotFound
        return {"mine": True}

    @post("/cart", opt={"permission": "guest"})
    async def cart(request: Asked, data: JSONBody[Basket]) -> dict[str, str]:
        return {"by": state.actor(state.ensure_guest(request)), "text": data.text}

    @post("/account", opt={"permission": "shopper"})
    async def account(data: JSONBody[Item]) -> int:
        return data.qty

    @post("/staff", opt={"permission": "stock:adjust"})
    async def staff_post(data: JSONBody[Item]) -> int:
        return data.qty

    @post("/form", opt={"permission": "guest", "html": True})
    async def form(
        data: URLEncodedBody[dict[str, str]],
    ) -> dict[str, str]:
        return data

    @post("/orders", opt={"permission": "guest", "idempotent": True})
    async def orders(request: Asked, data: JSONBody[Basket]) -> dict[str, str]:
        return msgspec.to_builtins(idempotency.run_key(request))

    @put("/text", opt={"permission": "public"})
    async def text(data: JSONBody[Basket]) -> str:
        async with db.transaction() as tx:
            stored: str = await tx.value("SELECT $1::text", data.text)
        return stored

    @get("/find", opt={"permission": "public"})
    async def find(q: FromQuery[str] = "", limit: FromQuery[int] = 20) -> dict[str, Any]:
        async with db.transaction() as tx:
            return {"q": await tx.value("SELECT $1::text", q), "n": await tx.value("SELECT $1::int", limit)}

    @get("/dear", opt={"permission": "public", "cost": 500})
    async def dear() -> str:
        return "dear"

    @get("/free", opt={"permission": "public", "auth": False})
    async def free() -> str:
        return "free"

    @get("/break", opt={"permission": "public"})
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    @get("/slow-down", opt={"permission": "public"})
    async def slow_down() -> None:
        raise TooMany(retry_after=7)

    @get("/away", opt={"permission": "public"})
    async def away() -> None:
        raise ConnectionRefusedError(111, "postgres at 10.0.0.5 refused")

    @get("/trace", opt={"permission": "public"})
    async def trace() -> dict[str, str | None]:
        return {"request_id": telemetry.request_id(), "trace": telemetry.trace_parent()}

    @get("/page", opt={"permission": "shopper", "html": True})
    async def page() -> str:
        return "page"

    @post("/sign-in", opt={"permission": "public"})
    async def sign_in(
        request: Asked, data: JSONBody[dict[str, str]], now: NamedDependency[Any]
    ) -> str | None:
        realm: identity.Realm = "staff" if "staff" in data["account"] else "shopper"
        signed_in = await identity.login(
            db,
            realm=realm,
            account=data["account"],
            password=data["password"],
            ip=state.of(request).client_ip,
            replaces=state.session_token(request, realm),
            now=now,
        )
        return state.sign_in(request, signed_in, now=now).csrf

    @post("/sign-out", opt={"permission": "shopper"})
    async def sign_out(request: Asked, now: NamedDependency[Any]) -> None:
        token = state.session_token(request, "shopper")
        async with db.transaction() as tx:
            await identity.logout(tx, token=token or "", now=now)
        state.sign_out(request, "shopper")

    @websocket("/socket", opt={"permission": "shopper"})
    async def socket(socket: WebSocket[Any, Any, Any]) -> None:
        await socket.accept()
        await socket.send_text(state.principal(socket).kind)
        await socket.close()

    return [
        socket, trace, public, guest, shopper, staff, admin, console_door, thing, cart, account, staff_post, form, orders, text,
        find, dear, free, broken, slow_down, away, page, sign_in, sign_out,
    ]  # fmt: skip


def render(request: Asked, view: problems.ProblemView) -> Response[str]:
    return Response(
        f"<h1>{view.title}</h1>{view.request_id}", status_code=view.status, media_type="text/html"
    )


def build(
    db: Database,
    clock: Clock,
    catalogue: Catalogue,
    *,
    more: list[Any] | None = None,
    kept: Kept | None = None,
    **settings: Any,
) -> Litestar:
    return install.make_app(
        [*routes(db), *(more or [])],
        settings=HttpSettings(**({"secret": SECRET} | settings)),
        db=db,
        clock=clock,
        catalogue=catalogue,
        render_html=render,
        kept=kept,
        openapi_config=OpenAPIConfig(
            title="test",
            version="1",
            openapi_router=Router(path="/docs", route_handlers=[], opt={"permission": "public"}),
        ),
    )


def client(app: Litestar, *, address: str = "198.51.100.9", **more: Any) -> httpx.AsyncClient:
    """Speak HTTP to the application without a socket; `base_url` says by what name."""
    given = {"base_url": "http://shop.test"} | more
    # Errors of the application are what is tested: they must come back as answers.
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=(address, 5)), **given)  # type: ignore[arg-type]


@contextmanager
def silence() -> Iterator[None]:
    """Keep logs out of the way: the console's tracebacks take longer than the requests."""
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()
