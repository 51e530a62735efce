"""What the machinery knows of one request, and how handlers and pages get at it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import Scope

from daji.base.identity import api as identity
from daji.base.identity.api import Principal
from daji.faces.http import cookies
from daji.faces.http.budget import Verdict
from daji.faces.http.settings import HttpSettings
from daji.kit import ids
from daji.kit.clock import Clock

AnyRequest = Request[Any, Any, State]
AnyConnection = ASGIConnection[Any, Any, Any, State]

_KEY = "daji"
_NONCE_BYTES = 16
_INCOMING_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(given: str) -> str:
    """The id that whoever asks gave the request, so that both sides' logs name it alike; one of ours when it is none."""
    return given if _INCOMING_ID.fullmatch(given) else ids.show("req", ids.new_id())


class RequestState(msgspec.Struct, kw_only=True):
    """`bearer` says that the principal came by a header, which no foreign page can send.

    `headers` are those of the request, by their names in small letters; of one that came twice, the last. `kept` says
    that the answer was made for somebody before, `light` that no other may be given now (`crowding`). `nonce` is what a script or style element of this answer must carry to be allowed (CSP Level 3, 2.3.1).
    """

    settings: HttpSettings
    request_id: str
    lang: str
    client_ip: str
    principal: Principal = identity.ANONYMOUS
    guest_token: str | None = None
    bearer: bool = False
    new_cookies: dict[str, str] = {}
    quota: Verdict | None = None
    headers: Mapping[str, str] = {}
    kept: bool = False
    light: bool = False
    made_nonce: str = ""

    @property
    def nonce(self) -> str:
        """Made when it is first needed: an answer for a program has no element that could carry one."""
        if not self.made_nonce:
            self.made_nonce = secrets.token_urlsafe(_NONCE_BYTES)
        return self.made_nonce


def attach(scope: Scope, state: RequestState) -> None:
    scope["state"][_KEY] = state


def of_scope(scope: Scope) -> RequestState:
    found: RequestState = scope["state"][_KEY]
    return found


def of(request: AnyConnection) -> RequestState:
    return of_scope(request.scope)


def principal(request: AnyConnection) -> Principal:
    return of(request).principal


def lang(request: AnyConnection) -> str:
    return of(request).lang


def ensure_guest(request: AnyConnection) -> Principal:
    """Give a visitor without identity one that lasts, as a cookie with the answer; others stay who they are."""
    state = of(request)
    if state.principal.kind == "anonymous":
        token = state.guest_token or cookies.new_guest()
        state.guest_token = token
        state.principal = guest(state.settings.secret, token)
        cookies.set_guest(state.new_cookies, state.settings, token)
    return state.principal


def sign_in(request: AnyConnection, signed_in: identity.SignedIn, *, now: datetime) -> Principal:
    """Set the session cookie of somebody who just signed in; from here on the request is theirs."""
    state = of(request)
    life = int((signed_in.expires_at - now).total_seconds())
    realm: identity.Realm = "staff" if signed_in.principal.kind == "staff" else "shopper"
    cookies.set_session(state.new_cookies, state.settings, realm, signed_in.token, life)
    state.principal = with_csrf(state.settings.secret, signed_in.principal)
    return state.principal


def sign_out(request: AnyConnection, realm: identity.Realm) -> None:
    """Drop the session cookie; the session itself ends by `identity.logout`."""
    state = of(request)
    cookies.drop_session(state.new_cookies, state.settings, realm)
    state.principal = identity.ANONYMOUS


def drop_guest(request: AnyConnection) -> None:
    """Forget the guest, after their cart has been merged."""
    state = of(request)
    state.guest_token = None
    cookies.drop_guest(state.new_cookies, state.settings)


def session_token(request: AnyConnection, realm: identity.Realm) -> str | None:
    """The session cookie as it came, for `login(replaces=…)` and `logout`."""
    return request.cookies.get(cookies.session_name(of(request).settings, realm))


def actor(who: Principal) -> str:
    """Name who did it, in the house's form: `shopper:<id>`, `staff:<id>`, `guest:<hash>` or `anonymous`.

    A script is named as the member of staff whose key it holds.
    """
    if who.kind == "shopper":
        return f"shopper:{who.id}"
    if who.kind in {"staff", "api"}:
        return f"staff:{who.id}"
    if who.guest_token is not None:
        # Never the token itself: names of actors are written into logs and timelines.
        return f"guest:{sha256(who.guest_token.encode()).hexdigest()[:16]}"
    return "anonymous"


def guest(secret: bytes, token: str) -> Principal:
    return with_csrf(secret, Principal(kind="guest", guest_token=token))


def with_csrf(secret: bytes, who: Principal) -> Principal:
    """Bind a form token to the session, or to the guest, so that nobody can bring one of their own."""
    subject = f"session:{who.session_id}" if who.session_id is not None else f"guest:{who.guest_token}"
    token = hmac.new(secret, b"csrf\0" + subject.encode(), sha256).hexdigest()
    return msgspec.structs.replace(who, csrf=token)


def dependencies(clock: Clock) -> Mapping[str, Provide]:
    """`principal`, `lang` and `now` for handlers that name them."""

    def give_now() -> datetime:
        return clock.now()

    def give_principal(request: AnyRequest) -> Principal:
        return principal(request)

    def give_lang(request: AnyRequest) -> str:
        return lang(request)

    providers: dict[str, Callable[..., Any]] = {
        "now": give_now,
        "principal": give_principal,
        "lang": give_lang,
    }
    return {name: Provide(give, sync_to_thread=False) for name, give in providers.items()}
