"""Orders and parcels as pages."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from daji.faces.console.api import orders as api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, Once, P, can
from daji.faces.console.render import done, is_again, plain_form, read_form, show_page
from daji.kit import ids
from daji.kit.i18n import DEFAULT_ZONE
from daji.kit.problems import FieldProblem, Invalid, Problem
from daji.trade.orders.api import CANCEL_REASONS
from daji.views import console_order, console_orders, console_parcels


@get("/orders", opt=can(P.ORDERS_READ, html=True))
async def list_page(
    request: Asked, house: HouseGiven, now: Now, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show orders, narrowed by the filters in the address."""
    asked = request.query_params
    narrow = console_orders.Narrow(
        status=asked.get("status") or None,
        payment=asked.get("payment") or None,
        delivery=asked.get("delivery") or None,
        channel=asked.get("channel") or None,
        placed_from=_day(asked.get("from"), "from"),
        placed_to=_day(asked.get("to"), "to", after=1),
        text=asked.get("text") or None,
        late=asked.get("late") == "1",
    )
    async with house.db.read() as session:
        page = await console_orders.list_orders(
            session, narrow=narrow, at=now, cursor=cursor or None, limit=50
        )
    return show_page(request, "orders.html.j2", page=page, asked=asked)


def _day(text: str | None, name: str, *, after: int = 0) -> datetime | None:
    """Midnight of that day where the shop is."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=after)
    except (ValueError, OverflowError):
        raise Invalid(fields=(FieldProblem(pointer=name, code="wrong_type"),)) from None
    return datetime.combine(day, time(), tzinfo=ZoneInfo(DEFAULT_ZONE))


@get("/orders/{trade:str}", opt=can(P.ORDERS_READ, html=True))
async def one_page(request: Asked, trade: FromPath[str], house: HouseGiven) -> Response[str]:
    """Show all of one order."""
    return await _show(request, trade, house)


async def _show(request: Asked, trade: str, house: HouseGiven, **more: Any) -> Response[str]:
    async with house.db.read() as session:
        screen = await console_order.get_order_screen(session, trade_id=ids.read("trd", trade))
    filled = await plain_form(request) if request.method == "POST" else {}
    return show_page(
        request,
        "order.html.j2",
        screen=screen,
        trade=screen.trade,
        reasons=CANCEL_REASONS,
        form=filled,
        **more,
    )


@post("/orders/{trade:str}/cancel", opt=can(P.ORDERS_CANCEL, once=True, html=True), status_code=200)
async def cancel(
    request: Asked, trade: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Cancel the trade, or one order of it."""
    try:
        data = await read_form(request, api.CancelIn)
        await api.cancel.fn(trade=trade, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        key = once.key if is_again(problem) else None
        return await _show(request, trade, house, problem=problem, key=key)
    return done(f"/console/orders/{trade}", "cancelled")


@post("/orders/{trade:str}/notes", opt=can(P.ORDERS_READ, once=True, html=True), status_code=200)
async def add_note(
    request: Asked, trade: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Write a remark into the timeline."""
    try:
        data = await read_form(request, api.NoteIn)
        await api.add_note.fn(trade=trade, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _show(request, trade, house, problem=problem)
    return done(f"/console/orders/{trade}", "noted")


@get("/parcels", opt=can(P.ORDERS_READ, html=True))
async def parcels_page(
    request: Asked, house: HouseGiven, now: Now, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show parcels, the late ones first to be asked for."""
    asked = request.query_params
    async with house.db.read() as session:
        page = await console_parcels.list_parcels(
            session,
            at=now,
            status=asked.get("status") or None,
            text=asked.get("text") or None,
            late=asked.get("late") == "1",
            cursor=cursor or None,
            limit=50,
        )
    return show_page(request, "parcels.html.j2", page=page, asked=asked, now=now)


ROUTES = [list_page, one_page, cancel, add_note, parcels_page]
