"""Signing in and out, and the shopper's own account."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.base.identity import api as identity
from daji.faces.http import state
from daji.faces.store.api.addresses import shopper_id
from daji.faces.store.buyer import sign_in
from daji.faces.store.pages.forms import OPEN_FORM, OWN, OWN_FORM, PAGE
from daji.faces.store.pages.scene import Here, Scene, query
from daji.kit import ids
from daji.kit.problems import Problem
from daji.views import store_account, store_tabs


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
    return await scene.show("register.html", form={"next": scene.request.query_params.get("next", "")})


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
    return scene.go(f"/login{query(fresh=1, next=_inside(form.get('next', '')))}")


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
    """Show the account with what its purchases wait for; a visitor is asked to sign in."""
    if scene.principal.kind != "shopper" or scene.principal.id is None:
        return scene.go("/login?next=/account")
    async with scene.house.db.read() as session:
        home = await store_account.get_home(session, shopper_id=scene.principal.id)
    return await scene.show("account.html", home=home, shopper=home.shopper, tabs=store_tabs.TABS[1:])


@get("/account/security", opt=OWN, include_in_schema=False)
async def security(scene: Here) -> Response[str]:
    """Show where the account is signed in, and offer another password."""
    return await _security(scene)


@post("/account/password", opt=OWN_FORM, include_in_schema=False)
async def change_password(scene: Here) -> Response[Any]:
    """Set another password; everything else that was signed in ends."""
    sent = await scene.request.form()
    try:
        await identity.change_password(
            scene.house.db,
            account_id=shopper_id(scene.principal),
            old=str(sent.get("old", "")),
            new=str(sent.get("new", "")),
            keep=scene.principal.session_id,
            now=scene.now,
        )
    except Problem as problem:
        return await _security(scene, problem)
    return scene.go("/account/security?done=password")


@post("/account/profile", opt=OWN_FORM, include_in_schema=False)
async def change_name(scene: Here) -> Response[Any]:
    """Be called otherwise."""
    form = await scene.form()
    try:
        await scene.house.db.run(
            lambda tx: identity.update_profile(
                tx,
                shopper_id=shopper_id(scene.principal),
                name=form.get("name", ""),
                lang=scene.lang,
                now=scene.now,
            )
        )
    except Problem as problem:
        return await _security(scene, problem)
    return scene.go("/account/security?done=name")


@post("/account/sessions/{session_id:str}", opt=OWN_FORM, include_in_schema=False)
async def end_session(scene: Here, session_id: FromPath[str]) -> Response[Any]:
    """Sign out somewhere else; `others` ends all but this one."""
    owner = shopper_id(scene.principal)
    if session_id == "others":
        await scene.house.db.run(
            lambda tx: identity.revoke_sessions(
                tx, account_id=owner, keep=scene.principal.session_id, now=scene.now
            )
        )
    else:
        known = ids.read("ses", session_id)
        await scene.house.db.run(
            lambda tx: identity.revoke_session(tx, account_id=owner, session_id=known, now=scene.now)
        )
    return scene.go("/account/security?done=session")


async def _security(scene: Scene, problem: Problem | None = None) -> Response[str]:
    owner = shopper_id(scene.principal)
    async with scene.house.db.read() as session:
        shopper = await identity.get_shopper(session, shopper_id=owner)
        live = await identity.list_sessions(session, account_id=owner, now=scene.now)
    done = scene.request.query_params.get("done")
    return await scene.show(
        "security.html",
        problem=problem,
        shopper=shopper,
        live=live,
        here=scene.principal.session_id,
        done=done if done in {"password", "name", "session"} else None,
    )


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
    security,
    change_password,
    change_name,
    end_session,
]
