"""The door for browsers: a session in a cookie, and who it stands for."""

from __future__ import annotations

import msgspec
from litestar import Response, delete, get, post
from litestar.params import JSONBody

from daji.base.identity import api as identity
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import PUBLIC, Acting, Asked, HouseGiven, Now
from daji.faces.console.wire import answer
from daji.faces.http import state
from daji.kit.problems import Unauthenticated

TAG = ["Staff"]


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    password: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking and what they may do; `csrf` goes into `X-CSRF-Token` of what a browser changes by cookie."""

    staff: identity.Staff
    permissions: tuple[str, ...]
    csrf: str | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Who this browser is signed in as; None for a visitor, so that asking is no failure."""

    me: Me | None


@get(
    "/session",
    opt=PUBLIC,
    summary="Whether this browser is signed in",
    operation_id="console_session",
    responses=answers(Standing, "`me` is null for a visitor."),
    tags=TAG,
)
async def standing(request: Asked, house: HouseGiven) -> Response[bytes]:
    """Tell a page that has just been opened whether to show the door."""
    who = state.principal(request)
    return answer(Standing(me=await _find(house, who) if who.kind in {"staff", "api"} else None))


@post(
    "/session",
    opt=PUBLIC,
    status_code=200,
    summary="Sign in and get a session cookie",
    operation_id="console_sign_in",
    responses=answers(Me, "Signed in; the cookie comes with the answer.", 401, 422, 429, 503, login=False),
    tags=TAG,
)
async def sign_in(
    request: Asked, data: JSONBody[Credentials], house: HouseGiven, now: Now
) -> Response[bytes]:
    """Let a member of staff in; a session this browser had before ends."""
    signed = await identity.login(
        house.db,
        realm="staff",
        account=data.email,
        password=data.password,
        ip=state.of(request).client_ip,
        now=now,
        replaces=state.session_token(request, "staff"),
    )
    who = state.sign_in(request, signed, now=now)
    return await _tell(house, who)


@delete(
    "/session",
    opt=PUBLIC,
    summary="End the session of this browser",
    operation_id="console_sign_out",
    tags=TAG,
)
async def sign_out(request: Asked, house: HouseGiven, now: Now) -> None:
    """Sign out; who is not signed in stays so."""
    token = state.session_token(request, "staff")
    if token is not None:
        async with house.db.transaction() as tx:
            await identity.logout(tx, token=token, now=now)
    state.sign_out(request, "staff")


@get(
    "/me",
    opt=PUBLIC,
    summary="Who I am and what I may do",
    operation_id="console_me",
    responses=answers(Me, "The member of staff behind this session, token or key."),
    tags=TAG,
)
async def me(request: Asked, actor: Acting, house: HouseGiven) -> Response[bytes]:  # noqa: ARG001 - staff only
    """Tell who the session or token stands for."""
    return await _tell(house, state.principal(request))


async def _tell(house: HouseGiven, who: identity.Principal) -> Response[bytes]:
    return answer(await _find(house, who))


async def _find(house: HouseGiven, who: identity.Principal) -> Me:
    if who.id is None:
        raise Unauthenticated
    async with house.db.read() as session:
        staff = await identity.get_staff(session, staff_id=who.id)
    return Me(staff=staff, permissions=tuple(sorted(who.permissions)), csrf=who.csrf)


ROUTES = [standing, sign_in, sign_out, me]
