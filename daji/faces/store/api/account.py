"""Accounts of shoppers: sign up, sign in by cookie or token, sign out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from daji.base.identity import api as identity
from daji.faces.http import state
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire import Email, Name, Phone
from daji.faces.store.buyer import PUBLIC, SHOPPER, Asked, Asking, HouseGiven, Lang, Now, sign_in
from daji.kit import ids
from daji.kit.problems import Unauthenticated

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=256, examples=["lantern-river-42"])]
Account = Annotated[str, msgspec.Meta(min_length=1, max_length=254, examples=["lin@example.com"])]


class SignUpBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At least one of `phone` and `email`."""

    password: Password
    phone: Phone | None = None
    email: Email | None = None
    name: Name = ""


class SignedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The same answer whether or not the contact had an account (U-112): go on by signing in."""

    next: Literal["sign_in"] = "sign_in"


class SignInBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`account` is the phone number or the e-mail address."""

    account: Account
    password: Password


class ShopperWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["shr_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    name: Name
    phone: Phone | None
    email: Email | None

    @classmethod
    def of(cls, shopper: identity.Shopper) -> ShopperWire:
        return cls(
            id=ids.show("shr", shopper.id), name=shopper.name, phone=shopper.phone, email=shopper.email
        )


class SessionWire(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking. `csrf` goes into the header `X-CSRF-Token` of requests that change something by cookie."""

    kind: Literal["anonymous", "guest", "shopper", "staff", "api"]
    id: str | None
    csrf: str | None

    @classmethod
    def of(cls, principal: identity.Principal) -> SessionWire:
        shown = ids.show("shr", principal.id) if principal.kind == "shopper" and principal.id else None
        return cls(kind=principal.kind, id=shown, csrf=principal.csrf)


class TokenWire(msgspec.Struct, frozen=True, kw_only=True):
    """Send it as `Authorization: Bearer …`; it is shown this once."""

    token: str
    expires_at: datetime
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme's name


@post(
    "/account",
    status_code=202,
    opt=PUBLIC,
    summary="Sign up",
    tags=["account"],
    responses=refuses(422, 429),
)
async def sign_up(
    request: Asked, data: JSONBody[SignUpBody], house: HouseGiven, lang: Lang, now: Now
) -> SignedUp:
    """Register a shopper. The answer never tells whether the contact was known."""
    await identity.sign_up(
        house.db,
        phone=data.phone,
        email=data.email,
        password=data.password,
        name=data.name,
        lang=lang,
        ip=state.of(request).client_ip,
        now=now,
    )
    return SignedUp()


@post(
    "/session",
    status_code=200,
    opt=PUBLIC,
    summary="Sign in with a cookie",
    tags=["account"],
    responses=refuses(401, 422, 429),
)
async def open_session(
    request: Asked, data: JSONBody[SignInBody], house: HouseGiven, now: Now
) -> SessionWire:
    """Open a browser session; the guest's cart is added to the shopper's."""
    return SessionWire.of(
        await sign_in(house, request, account=data.account, password=data.password, now=now)
    )


@get("/session", opt=PUBLIC, summary="Who am I", tags=["account"], responses=refuses())
async def show_session(principal: Asking) -> SessionWire:
    """Say who the request comes from, and the token that forms need."""
    return SessionWire.of(principal)


@post("/session/end", status_code=204, opt=PUBLIC, summary="Sign out", tags=["account"], responses=refuses())
async def end_session(request: Asked, house: HouseGiven, now: Now) -> None:
    """End the session of this cookie; ending none is fine."""
    token = state.session_token(request, "shopper")
    if token is not None:
        await house.db.run(lambda tx: identity.logout(tx, token=token, now=now))
    state.sign_out(request, "shopper")


@post(
    "/tokens",
    status_code=201,
    opt=PUBLIC,
    summary="Sign in with a bearer token",
    tags=["account"],
    responses=refuses(401, 422, 429),
)
async def open_token(request: Asked, data: JSONBody[SignInBody], house: HouseGiven, now: Now) -> TokenWire:
    """Issue a token for clients that keep no cookies."""
    signed_in = await identity.login(
        house.db,
        realm="shopper",
        account=data.account,
        password=data.password,
        ip=state.of(request).client_ip,
        now=now,
        kind="bearer",
    )
    return TokenWire(token=signed_in.token, expires_at=signed_in.expires_at)


@get("/me", opt=SHOPPER, summary="My account", tags=["account"], responses=refuses(401))
async def me(house: HouseGiven, principal: Asking) -> ShopperWire:
    """Show the shopper's own account."""
    if principal.id is None:
        raise Unauthenticated
    async with house.db.read() as session:
        return ShopperWire.of(await identity.get_shopper(session, shopper_id=principal.id))


ROUTES = [sign_up, open_session, show_session, end_session, open_token, me]
