"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect

from daji.base.identity import api as identity
from daji.faces.console.asking import PUBLIC, Asked, HouseGiven, Now, find_actor
from daji.faces.console.render import SEE_OTHER, plain_form, read_form, show_page
from daji.faces.http import state
from daji.kit.problems import Problem

HOME = "/console/"
_OPT = {**PUBLIC, "html": True}


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    email: Annotated[str, msgspec.Meta(max_length=254)]
    password: Annotated[str, msgspec.Meta(max_length=1024)]
    next: str = HOME


def inside(path: str) -> str:
    """The page to go on to, when it is one of the console's; nobody is led elsewhere by a link."""
    plain = path.startswith("/console/") and "\\" not in path and "//" not in path
    return path if plain and path.isprintable() and not path.startswith("/console/log") else HOME


@get("/login", opt=_OPT)
async def login_page(request: Asked) -> Response[Any]:
    """Show the door, or the house to who is in already."""
    goal = inside(request.query_params.get("next", HOME))
    if find_actor(request) is not None:
        return Redirect(goal, status_code=SEE_OTHER)
    return show_page(request, "login.html.j2", email="", next=goal)


@post("/login", opt=_OPT, status_code=200)
async def login(request: Asked, house: HouseGiven, now: Now) -> Response[Any]:
    """Let a member of staff in."""
    try:
        given = await read_form(request, SignIn)
        signed = await identity.login(
            house.db,
            realm="staff",
            account=given.email,
            password=given.password,
            ip=state.of(request).client_ip,
            now=now,
            replaces=state.session_token(request, "staff"),
        )
    except Problem as problem:
        form = await plain_form(request)
        return show_page(
            request,
            "login.html.j2",
            problem=problem,
            email=form.get("email", ""),
            next=inside(form.get("next", HOME)),
        )
    state.sign_in(request, signed, now=now)
    return Redirect(inside(given.next), status_code=SEE_OTHER)


@post("/logout", opt=_OPT, status_code=200)
async def logout(request: Asked, house: HouseGiven, now: Now) -> Redirect:
    """End the session of this browser."""
    token = state.session_token(request, "staff")
    if token is not None:
        async with house.db.transaction() as tx:
            await identity.logout(tx, token=token, now=now)
    state.sign_out(request, "staff")
    return Redirect("/console/login", status_code=SEE_OTHER)


ROUTES = [login_page, login, logout]
