"""Staff and the audit log as pages."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from daji.base.audit import api as audit
from daji.base.identity import api as identity
from daji.faces.console.api import staff as api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, P, can
from daji.faces.console.render import done, plain_form, read_form, show_page
from daji.kit.problems import NotFound, Problem
from daji.views import console_audit


@get("/staff", opt=can(P.IDENTITY_MANAGE, html=True))
async def staff_page(
    request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show who works here."""
    return await _staff(request, house, cursor=cursor)


async def _staff(
    request: Asked, house: HouseGiven, *, cursor: str | None = None, **more: Any
) -> Response[str]:
    async with house.db.read() as session:
        page = await identity.list_staff(session, cursor=cursor or None, limit=100)
    form = await plain_form(request) if request.method == "POST" else {}
    form.pop("password", None)
    return show_page(
        request,
        "staff.html.j2",
        page=page,
        roles=tuple(identity.Role),
        permissions_of=identity.permissions_of,
        form=form,
        chosen=await _roles(request) if request.method == "POST" else (),
        **more,
    )


async def _roles(request: Asked) -> tuple[str, ...]:
    form = await request.form()
    return tuple(role for role in form.getall("roles", []) if isinstance(role, str))


@post("/staff", opt=can(P.IDENTITY_MANAGE, html=True), status_code=200)
async def create_staff(request: Asked, actor: Acting, house: HouseGiven, now: Now) -> Response[Any]:
    """Add a member of staff."""
    try:
        data = await read_form(request, api.NewStaff, roles=await _roles(request))
        await api.create_staff.fn(data=data, actor=actor, house=house, now=now)
    except Problem as problem:
        return await _staff(request, house, problem=problem)
    return done("/console/staff", "staff_added")


@post("/staff/{staff_id:str}/{verb:str}", opt=can(P.IDENTITY_MANAGE, html=True), status_code=200)
async def change_staff(
    request: Asked, staff_id: FromPath[str], verb: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[Any]:
    """Set roles, close an account, open it again."""
    try:
        if verb == "roles":
            data = await read_form(request, api.Roles, roles=await _roles(request))
            await api.set_roles.fn(staff_id=staff_id, data=data, actor=actor, house=house, now=now)
        elif verb in {"deactivate", "activate"}:
            act = api.deactivate_staff if verb == "deactivate" else api.activate_staff
            await act.fn(staff_id=staff_id, actor=actor, house=house, now=now)
        else:
            raise NotFound
    except Problem as problem:
        return await _staff(request, house, problem=problem)
    return done("/console/staff", f"staff_{verb}")


@get("/audit", opt=can(P.AUDIT_READ, html=True))
async def audit_page(
    request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show what staff did, the last first; `?verify=1` recomputes the chain."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await console_audit.list_entries(
            session,
            action=asked.get("action") or None,
            subject=asked.get("subject") or None,
            cursor=cursor or None,
            limit=50,
        )
    verified = None
    if asked.get("verify") == "1":
        async with house.db.snapshot() as session:
            verified = await audit.verify(session)
    return show_page(request, "audit.html.j2", page=page, asked=asked, verified=verified)


ROUTES = [staff_page, create_staff, change_staff, audit_page]
