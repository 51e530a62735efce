"""Signing in and out, and the shopper's own account."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from daji.base.identity import api as identity
from daji.faces.http import state
from daji.faces.store.buyer import sign_in
from daji.faces.store.pages.forms import OPEN_FORM, PAGE
from daji.faces.store.pages.scene import Here
from daji.kit.problems import Problem


@get("/login", opt=PAGE, include_in_schema=False)
async def login_page(scene: Here) -> Response[Any]:
    """Ask who it is; somebody who is signed in goes to their account."""
    if scene.principal.kind == "shopper":
        return scene.go("/account")
    given = scene.request.query_params
    return await scene.show(
        "login.html", form={"next": given.get("next", "")}, fresh=bool(given.get("fresh"))
    )


@post("/login", opt=OPEN_FORM, include_in_schema=False)
async def login(scene: Here) -> Response[Any]:
    """Sign in; the guest's cart comes along."""
    form = await scene.form()
    sent = await scene.request.form()
    try:
        # Not the trimmed text: a password may begin or end with a space.
        await sign_in(
            scene.house,
            scene.request,
            account=form.get("account", ""),
            password=str(sent.get("password", "")),
            now=scene.now,
        )
    except Problem as problem:
        return await scene.show("login.html", problem=problem, form=form, fresh=False)
    return scene.go(_inside(form.get("next", "")) or "/account")


@get("/register", opt=PAGE, include_in_schema=False)
async def register_page(scene: Here) -> Response[Any]:
    """Offer an account."""
    if scene.principal.kind == "shopper":
        return scene.go("/account")
    return await scene.show("register.html", form={})


@post("/register", opt=OPEN_FORM, include_in_schema=False)
async def register(scene: Here) -> Response[Any]:
    """Make an account; the answer is the same for a contact that has one (U-112)."""
    form = await scene.form()
    sent = await scene.request.form()
    account = form.get("account", "")
    mail = "@" in account
    try:
        await identity.sign_up(
            scene.house.db,
            phone=None if mail else account,
            email=account if mail else None,
            password=str(sent.get("password", "")),
            name=form.get("name", ""),
            lang=scene.lang,
            ip=state.of(scene.request).client_ip,
            now=scene.now,
        )
    except Problem as problem:
        return await scene.show("register.html", problem=problem, form=form)
    return scene.go("/login?fresh=1")


@post("/logout", opt=OPEN_FORM, include_in_schema=False)
async def logout(scene: Here) -> Response[Any]:
    """Sign out."""
    token = state.session_token(scene.request, "shopper")
    if token is not None:
        await scene.house.db.run(lambda tx: identity.logout(tx, token=token, now=scene.now))
    state.sign_out(scene.request, "shopper")
    return scene.go("/")


@get("/account", opt=PAGE, include_in_schema=False)
async def account(scene: Here) -> Response[Any]:
    """Show the account; a visitor is asked to sign in."""
    if scene.principal.kind != "shopper" or scene.principal.id is None:
        return scene.go("/login")
    async with scene.house.db.read() as session:
        shopper = await identity.get_shopper(session, shopper_id=scene.principal.id)
    return await scene.show("account.html", shopper=shopper)


def _inside(path: str) -> str | None:
    """A path of these pages to go on to; None for anything that could lead elsewhere."""
    inside = (
        path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    )
    return path if inside else None


ROUTES = [
    login_page,
    login,
    register_page,
    register,
    logout,
    account,
]
