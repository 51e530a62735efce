"""The station: a queue, and one list at a time, on a hand-held or a desk."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from daji.faces.console.api import warehouse as api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, Once, P, can
from daji.faces.console.render import done, is_again, plain_form, read_form, show_page, uuid_field
from daji.fulfil.inventory import api as inventory
from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid, Problem
from daji.views import console_work

_LINE = "picked."


@get("/work", opt=can(P.WAREHOUSE_WORK, html=True))
async def queue_page(
    request: Asked, house: HouseGiven, now: Now, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show what is to be done, the oldest first."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await console_work.list_work(
            session,
            site_id=uuid_field("sit", asked.get("site")),
            status=asked.get("status") or None,
            number=asked.get("number") or None,
            cursor=cursor or None,
            limit=50,
        )
        sites = await inventory.sites(session)
    return show_page(request, "work.html.j2", page=page, sites=sites, asked=asked, now=now)


@get("/work/{order:str}", opt=can(P.WAREHOUSE_WORK, html=True))
async def one_page(request: Asked, order: FromPath[str], house: HouseGiven) -> Response[str]:
    """Show one list with the one thing to do next."""
    return await _show(request, order, house)


async def _show(request: Asked, order: str, house: HouseGiven, **more: Any) -> Response[str]:
    async with house.db.read() as session:
        work = await console_work.get_work(session, order_id=ids.read("ord", order))
    filled = await plain_form(request) if request.method == "POST" else {}
    return show_page(
        request,
        "work_list.html.j2",
        work=work,
        order=order,
        carriers=sorted(house.ctx.carriers),
        form=filled,
        **more,
    )


async def _again(
    request: Asked, order: str, house: HouseGiven, once: Once, problem: Problem
) -> Response[str]:
    key = once.key if is_again(problem) else None
    return await _show(request, order, house, problem=problem, key=key)


async def _picked(request: Asked) -> tuple[api.PickedIn, ...] | None:
    """Pieces per line; None, for everything, when the form asks so."""
    form = await plain_form(request)
    if form.get("all") == "1":
        return None
    found = []
    for name, value in form.items():
        if name.startswith(_LINE) and value.strip() not in {"", "0"}:
            if not value.strip().isdecimal():
                raise Invalid(fields=(FieldProblem(pointer=name, code="wrong_type"),))
            found.append(api.PickedIn(line_id=name.removeprefix(_LINE), qty=int(value.strip()[:9])))
    if not found:
        raise Invalid(fields=(FieldProblem(pointer="picked", code="required"),))
    return tuple(found)


@post("/work/{order:str}/pick", opt=can(P.WAREHOUSE_WORK, once=True, html=True), status_code=200)
async def pick(
    request: Asked, order: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Note pieces that were taken."""
    try:
        data = api.PickIn(picked=await _picked(request))
        await api.pick.fn(order=order, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _again(request, order, house, once, problem)
    return done(f"/console/work/{order}", "picked")


@post("/work/{order:str}/pack", opt=can(P.WAREHOUSE_WORK, once=True, html=True), status_code=200)
async def pack(
    request: Asked, order: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Close the box with its weight."""
    form = await plain_form(request)
    sides = [form.get(f"size.{side}", "").strip() for side in ("length", "width", "height")]
    try:
        given = {"size_mm": sides} if any(sides) else {}
        data = await read_form(request, api.PackIn, **given)
        await api.pack.fn(order=order, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _again(request, order, house, once, problem)
    return done(f"/console/work/{order}", "packed")


@post("/work/{order:str}/ship", opt=can(P.WAREHOUSE_WORK, once=True, html=True), status_code=200)
async def ship(
    request: Asked, order: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Hand the box to a carrier."""
    try:
        data = await read_form(request, api.ShipIn)
        await api.ship.fn(order=order, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _again(request, order, house, once, problem)
    return done(f"/console/work/{order}", "shipped")


@post("/work/{order:str}/missing", opt=can(P.WAREHOUSE_WORK, once=True, html=True), status_code=200)
async def report_missing(
    request: Asked, order: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Say that goods are not there: the order is cancelled, the money goes back."""
    try:
        data = await read_form(request, api.MissingIn)
        await api.report_missing.fn(order=order, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _again(request, order, house, once, problem)
    return done("/console/work", "missing")


ROUTES = [queue_page, one_page, pick, pack, ship, report_missing]
