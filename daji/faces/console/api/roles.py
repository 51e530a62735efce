"""What roles hold, and getting staff in or out: first passwords, sessions."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from daji.base.identity import api as identity
from daji.faces.console.api.docs import answers
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.db import Session, Tx

TAG = ["Staff"]


class RoleIn(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly what the role shall hold; `version` is the one that was seen."""

    permissions: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)]
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """Every role, and every permission in the order in which they are shown."""

    roles: tuple[identity.RoleNow, ...]
    permissions: tuple[str, ...]


class PasswordIn(msgspec.Struct, frozen=True, kw_only=True):
    """The password to begin with; its owner changes it."""

    password: str


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions, tokens and keys have ended."""

    ended: int


@get(
    "/roles",
    opt=can(P.IDENTITY_MANAGE),
    summary="What each role holds",
    operation_id="console_list_roles",
    responses=answers(Matrix, "Roles and permissions."),
    tags=TAG,
)
async def list_roles(house: HouseGiven) -> Response[bytes]:
    """Show the permission matrix."""
    async with house.db.read() as session:
        roles = await identity.list_roles(session)
    return answer(Matrix(roles=roles, permissions=tuple(str(one) for one in identity.Permission)))


@put(
    "/roles/{role:str}",
    opt=can(P.IDENTITY_MANAGE),
    summary="Say what a role holds",
    operation_id="console_set_role",
    responses=answers(identity.RoleNow, "In force with the next request.", 404, 409, 422),
    tags=TAG,
)
async def set_role(
    role: FromPath[str], data: JSONBody[RoleIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Let a role hold exactly this; nobody gives or takes what they do not hold."""

    async def before(tx: Session) -> identity.RoleNow | None:
        return next((found for found in await identity.list_roles(tx) if found.role == role), None)

    done = await write(
        house,
        actor,
        Deed(action="identity.set_role", kind="role", subject=role),
        lambda tx: identity.set_role_permissions(
            tx,
            role=role,
            permissions=data.permissions,
            version=data.version,
            by=actor.staff_id,
            now=now,
        ),
        before=before,
        now=now,
    )
    return answer(done)


@post(
    "/staff/{staff_id:str}/password",
    opt=can(P.IDENTITY_MANAGE),
    status_code=200,
    summary="Give somebody a password to begin with",
    operation_id="console_set_staff_password",
    responses=answers(identity.Staff, "Everything that stood for them has ended.", 404, 422, 503),
    tags=TAG,
)
async def set_password(
    staff_id: FromPath[str], data: JSONBody[PasswordIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Help somebody in who forgot their password."""
    whom = ids.read("stf", staff_id)
    done = await write(
        house,
        actor,
        Deed(action="identity.set_staff_password", kind="staff", subject=staff_id),
        lambda tx: identity.set_staff_password(
            tx, staff_id=whom, password=data.password, by=actor.staff_id, now=now
        ),
        now=now,
    )
    return answer(done)


@get(
    "/staff/{staff_id:str}/sessions",
    opt=can(P.IDENTITY_MANAGE),
    summary="What can act as somebody right now",
    operation_id="console_list_staff_sessions",
    responses=answers(tuple[identity.SessionInfo, ...], "Live ones, newest first.", 404),
    tags=TAG,
)
async def list_sessions(staff_id: FromPath[str], house: HouseGiven, now: Now) -> Response[bytes]:
    """Show the live sessions, tokens and keys of a member of staff."""
    async with house.db.read() as session:
        found = await identity.list_sessions(session, account_id=ids.read("stf", staff_id), now=now)
    return answer(found)


@delete(
    "/staff/{staff_id:str}/sessions/{session_id:str}",
    opt=can(P.IDENTITY_MANAGE),
    summary="End a session, token or key of somebody",
    operation_id="console_end_staff_session",
    tags=TAG,
)
async def end_session(
    staff_id: FromPath[str], session_id: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> None:
    """End it at once."""
    whom, which = ids.read("stf", staff_id), ids.read("ses", session_id)
    await write(
        house,
        actor,
        Deed(action="identity.end_staff_session", kind="staff", subject=staff_id),
        lambda tx: identity.end_staff_sessions(
            tx, staff_id=whom, session_id=which, by=actor.staff_id, now=now
        ),
        now=now,
    )


@post(
    "/staff/{staff_id:str}/sessions/end",
    opt=can(P.IDENTITY_MANAGE),
    status_code=200,
    summary="End everything that can act as somebody",
    operation_id="console_end_staff_sessions",
    responses=answers(Ended, "They have to sign in again.", 404),
    tags=TAG,
)
async def end_sessions(
    staff_id: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Shut out whoever has somebody's things."""
    whom = ids.read("stf", staff_id)

    async def work(tx: Tx) -> Ended:
        ended = await identity.end_staff_sessions(
            tx, staff_id=whom, session_id=None, by=actor.staff_id, now=now
        )
        return Ended(ended=ended)

    deed = Deed(action="identity.end_staff_sessions", kind="staff", subject=staff_id)
    return answer(await write(house, actor, deed, work, now=now))


ROUTES = [list_roles, set_role, set_password, list_sessions, end_session, end_sessions]
