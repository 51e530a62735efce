"""Stock as pages: balances, the ledger, receiving and correcting."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery

from daji.faces.console.api import stock as api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, Once, P, can
from daji.faces.console.render import done, is_again, plain_form, read_form, show_page, uuid_field
from daji.fulfil.inventory import api as inventory
from daji.kit.problems import Problem
from daji.views import console_stock


@get("/stock", opt=can(P.STOCK_READ, html=True))
async def balances_page(
    request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show what lies where."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await console_stock.list_balances(
            session,
            site_id=uuid_field("sit", asked.get("site")),
            text=asked.get("text") or None,
            only_out=asked.get("out") == "1",
            cursor=cursor or None,
            limit=50,
        )
        sites = await inventory.sites(session)
    return show_page(request, "stock.html.j2", page=page, sites=sites, asked=asked)


@get("/stock/movements", opt=can(P.STOCK_READ, html=True))
async def movements_page(
    request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show the ledger."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await console_stock.list_movements(
            session,
            search=console_stock.Search(
                site_id=uuid_field("sit", asked.get("site")),
                sku_code=asked.get("sku_code") or None,
                kind=asked.get("kind") or None,
            ),
            cursor=cursor or None,
            limit=100,
        )
        sites = await inventory.sites(session)
    return show_page(request, "movements.html.j2", page=page, sites=sites, asked=asked)


@get("/stock/change", opt=can(P.STOCK_ADJUST, html=True))
async def change_page(request: Asked, house: HouseGiven) -> Response[str]:
    """Show the forms for one SKU, or for goods that arrive."""
    return await _show(request, house, dict(request.query_params.items()))


async def _show(request: Asked, house: HouseGiven, form: dict[str, str], **more: Any) -> Response[str]:
    async with house.db.read() as session:
        found = await console_stock.get_change(
            session,
            sku_id=uuid_field("sku", form.get("sku_id")),
            sku_code=form.get("sku_code"),
        )
    return show_page(request, "stock_change.html.j2", found=found, form=form, **more)


async def _refused(request: Asked, house: HouseGiven, once: Once, problem: Problem) -> Response[str]:
    key = once.key if is_again(problem) else None
    form = await plain_form(request)
    if problem.code == "id_unknown":
        form.pop("sku_id", None)
    return await _show(request, house, form, problem=problem, key=key)


@post("/stock/adjust", opt=can(P.STOCK_ADJUST, once=True, html=True), status_code=200)
async def adjust(request: Asked, actor: Acting, once: Once, house: HouseGiven, now: Now) -> Response[Any]:
    """Correct a count."""
    typed = (await plain_form(request)).get("delta", "").strip()
    try:
        # People write +3 for what came to light; a number on the wire has no plus sign.
        data = await read_form(request, api.AdjustIn, delta=typed.removeprefix("+"))
        await api.adjust.fn(data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _refused(request, house, once, problem)
    return done(f"/console/stock/change?sku_id={data.sku_id}", "adjusted")


@post("/stock/move", opt=can(P.STOCK_ADJUST, once=True, html=True), status_code=200)
async def move_bucket(
    request: Asked, actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Set aside, put back on sale, throw away."""
    try:
        data = await read_form(request, api.MoveIn)
        await api.move_bucket.fn(data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _refused(request, house, once, problem)
    return done(f"/console/stock/change?sku_id={data.sku_id}", "moved")


@post("/stock/receive", opt=can(P.STOCK_ADJUST, once=True, html=True), status_code=200)
async def receive(request: Asked, actor: Acting, once: Once, house: HouseGiven, now: Now) -> Response[Any]:
    """Take goods in."""
    form = await plain_form(request)
    lines = [{"sku_id": form.get("sku_id", ""), "qty": form.get("qty", "")}]
    try:
        data = await read_form(request, api.ReceiveIn, lines=lines)
        await api.receive.fn(data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _refused(request, house, once, problem)
    return done(f"/console/stock/change?sku_id={data.lines[0].sku_id}", "received")


ROUTES = [balances_page, movements_page, change_page, adjust, move_bucket, receive]
