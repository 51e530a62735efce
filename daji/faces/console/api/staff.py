"""Signing in and out, tokens and keys, who works here and what they may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.base.identity import api as identity
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import PUBLIC, Acting, Asked, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.faces.http import state
from daji.kit import ids
from daji.kit.paging import Page
from daji.kit.problems import Forbidden

TAG = ["Staff"]
_STAFF = "stf"


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    password: str


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token, shown this once; seconds until it ends."""

    token: str
    token_type: str
    expires_in: int


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A script's key: a part of its owner's permissions, for at most 366 days."""

    label: str
    permissions: tuple[str, ...]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 90


class NewStaff(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    name: str
    password: str
    roles: tuple[str, ...]
    lang: str = "zh"


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    roles: tuple[str, ...]


@post(
    "/login",
    opt=PUBLIC,
    status_code=200,
    summary="Sign in and get a bearer token",
    operation_id="console_login",
    responses=answers(Token, "The token of this person, for 12 hours.", 401, 422, 429, 503, login=False),
    tags=TAG,
)
async def login(request: Asked, data: JSONBody[SignIn], house: HouseGiven, now: Now) -> Response[bytes]:
    """Give a token to a member of staff. Unknown account, closed account and wrong password answer alike."""
    signed = await identity.login(
        house.db,
        realm="staff",
        account=data.email,
        password=data.password,
        ip=state.of(request).client_ip,
        now=now,
        kind="bearer",
    )
    return answer(
        Token(
            token=signed.token,
            token_type="Bearer",  # noqa: S106 - the scheme's name
            expires_in=int((signed.expires_at - now).total_seconds()),
        )
    )


@post(
    "/logout",
    opt=PUBLIC,
    status_code=204,
    summary="End the token or session this request came with",
    operation_id="console_logout",
    tags=TAG,
)
async def logout(request: Asked, actor: Acting, house: HouseGiven, now: Now) -> None:
    """End what stands for me here; the others stay."""
    session_id = state.principal(request).session_id
    if session_id is not None:
        async with house.db.transaction() as tx:
            await identity.revoke_session(tx, account_id=actor.staff_id, session_id=session_id, now=now)


@get(
    "/me/sessions",
    opt=PUBLIC,
    summary="My sessions, tokens and keys",
    operation_id="console_list_sessions",
    responses=answers(tuple[identity.SessionInfo, ...], "Live ones, newest first."),
    tags=TAG,
)
async def list_sessions(actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Everything that can act as me right now."""
    async with house.db.read() as session:
        found = await identity.list_sessions(session, account_id=actor.staff_id, now=now)
    return answer(found)


@delete(
    "/me/sessions/{session_id:str}",
    opt=PUBLIC,
    summary="End one of my sessions, tokens or keys",
    operation_id="console_end_session",
    tags=TAG,
)
async def end_session(session_id: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> None:
    """End it at once; somebody else's answers 404."""
    await write(
        house,
        actor,
        Deed(action="identity.revoke_session", kind="session", subject=session_id),
        lambda tx: identity.revoke_session(
            tx, account_id=actor.staff_id, session_id=ids.read("ses", session_id), now=now
        ),
        now=now,
    )


@post(
    "/me/keys",
    opt=PUBLIC,
    summary="Make an API key for a script",
    operation_id="console_create_key",
    responses=answers(identity.ApiKey, "The key; its token is shown this once.", 422, status=201),
    tags=TAG,
)
async def create_key(
    data: JSONBody[NewKey], actor: Acting, request: Asked, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Make a key that may do part of what I may. A key cannot make keys."""
    if state.principal(request).kind != "staff":
        raise Forbidden
    key = await write(
        house,
        actor,
        Deed(action="identity.create_key", kind="session", given={"label": data.label}),
        lambda tx: identity.create_api_key(
            tx,
            staff_id=actor.staff_id,
            label=data.label,
            permissions=data.permissions,
            lives=timedelta(days=data.days),
            now=now,
        ),
        now=now,
    )
    return answer(key, status=201)


@get(
    "/staff",
    opt=can(P.IDENTITY_MANAGE),
    summary="List staff",
    operation_id="console_list_staff",
    responses=answers(Page[identity.Staff], "Staff by e-mail.", 422),
    tags=TAG,
)
async def list_staff(
    house: HouseGiven,
    *,
    active: FromQuery[bool | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Everybody who works here, a page at a time."""
    async with house.db.read() as session:
        found = await identity.list_staff(session, active=active, cursor=cursor, limit=limit)
    return answer(found)


@post(
    "/staff",
    opt=can(P.IDENTITY_MANAGE),
    summary="Add a member of staff",
    operation_id="console_create_staff",
    responses=answers(identity.Staff, "The new member of staff.", 409, 422, status=201),
    tags=TAG,
)
async def create_staff(
    data: JSONBody[NewStaff], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Add somebody. Nobody gives a role that holds more than they do."""
    staff = await write(
        house,
        actor,
        Deed(action="identity.create_staff", kind="staff"),
        lambda tx: identity.create_staff(
            tx,
            email=data.email,
            name=data.name,
            password=data.password,
            roles=data.roles,
            by=actor.staff_id,
            now=now,
            lang=data.lang,
        ),
        now=now,
    )
    return answer(staff, status=201)


@put(
    "/staff/{staff_id:str}/roles",
    opt=can(P.IDENTITY_MANAGE),
    summary="Set somebody's roles",
    operation_id="console_set_roles",
    responses=answers(identity.Staff, "With exactly these roles.", 404, 409, 422),
    tags=TAG,
)
async def set_roles(
    staff_id: FromPath[str], data: JSONBody[Roles], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Let somebody hold exactly these roles; works at once for what is open."""
    whom = ids.read(_STAFF, staff_id)
    staff = await write(
        house,
        actor,
        Deed(action="identity.set_roles", kind="staff", subject=staff_id),
        lambda tx: identity.set_roles(tx, staff_id=whom, roles=data.roles, by=actor.staff_id, now=now),
        before=lambda tx: identity.get_staff(tx, staff_id=whom),
        now=now,
    )
    return answer(staff)


@post(
    "/staff/{staff_id:str}/deactivate",
    opt=can(P.IDENTITY_MANAGE),
    status_code=200,
    summary="Close somebody's account",
    operation_id="console_deactivate_staff",
    responses=answers(identity.Staff, "Closed; sessions and keys have ended.", 404, 409),
    tags=TAG,
)
async def deactivate_staff(
    staff_id: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Close the account and end all that stands for it."""
    whom = ids.read(_STAFF, staff_id)
    staff = await write(
        house,
        actor,
        Deed(action="identity.deactivate_staff", kind="staff", subject=staff_id),
        lambda tx: identity.deactivate_staff(tx, staff_id=whom, by=actor.staff_id, now=now),
        before=lambda tx: identity.get_staff(tx, staff_id=whom),
        now=now,
    )
    return answer(staff)


@post(
    "/staff/{staff_id:str}/activate",
    opt=can(P.IDENTITY_MANAGE),
    status_code=200,
    summary="Open a closed account again",
    operation_id="console_activate_staff",
    responses=answers(identity.Staff, "Open, with the roles it had.", 404, 409),
    tags=TAG,
)
async def activate_staff(
    staff_id: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Open the account again."""
    whom = ids.read(_STAFF, staff_id)
    staff = await write(
        house,
        actor,
        Deed(action="identity.activate_staff", kind="staff", subject=staff_id),
        lambda tx: identity.activate_staff(tx, staff_id=whom, by=actor.staff_id, now=now),
        before=lambda tx: identity.get_staff(tx, staff_id=whom),
        now=now,
    )
    return answer(staff)


ROUTES = [
    login,
    logout,
    list_sessions,
    end_session,
    create_key,
    list_staff,
    create_staff,
    set_roles,
    deactivate_staff,
    activate_staff,
]
