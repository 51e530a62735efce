"""Returns and reviews as pages."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from daji.faces.console.api import returns as api
from daji.faces.console.api import reviews as reviews_api
from daji.faces.console.asking import Acting, Asked, HouseGiven, Now, Once, P, can
from daji.faces.console.render import done, is_again, plain_form, read_form, show_page
from daji.kit import ids
from daji.kit.problems import NotFound, Problem
from daji.shop.reviews import api as reviews
from daji.views import console_case

_GRADE = "grade."


@get("/returns", opt=can(P.AFTERSALES_READ, html=True))
async def list_page(request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None) -> Response[str]:
    """Show cases, those that wait for us unless another status is asked for."""
    status = request.query_params.get("status", "requested")
    async with house.db.read() as session:
        page = await console_case.list_cases(
            session, status=None if status in {"", "all"} else status, cursor=cursor or None, limit=50
        )
    return show_page(request, "returns.html.j2", page=page, chosen=status)


@get("/returns/{case:str}", opt=can(P.AFTERSALES_READ, html=True))
async def one_page(request: Asked, case: FromPath[str], house: HouseGiven) -> Response[str]:
    """Show one case and what may be done with it."""
    return await _show(request, case, house)


async def _show(request: Asked, case: str, house: HouseGiven, **more: Any) -> Response[str]:
    async with house.db.read() as session:
        screen = await console_case.get_case_screen(session, case_id=ids.read("cas", case))
    filled = await plain_form(request) if request.method == "POST" else {}
    return show_page(request, "return.html.j2", screen=screen, case=screen.case, form=filled, **more)


@post("/returns/{case:str}/approve", opt=can(P.AFTERSALES_DECIDE, html=True), status_code=200)
async def approve(
    request: Asked, case: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[Any]:
    """Say yes."""
    try:
        data = await read_form(request, api.ApproveIn)
        await api.approve.fn(case=case, data=data, actor=actor, house=house, now=now)
    except Problem as problem:
        return await _show(request, case, house, problem=problem)
    return done(f"/console/returns/{case}", "approved")


@post("/returns/{case:str}/reject", opt=can(P.AFTERSALES_DECIDE, once=True, html=True), status_code=200)
async def reject(
    request: Asked, case: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Say no, and why."""
    try:
        data = await read_form(request, api.RejectIn)
        await api.reject.fn(case=case, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        return await _show(request, case, house, problem=problem)
    return done(f"/console/returns/{case}", "rejected")


@post("/returns/{case:str}/receive", opt=can(P.ORDERS_REFUND, once=True, html=True), status_code=200)
async def receive(
    request: Asked, case: FromPath[str], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[Any]:
    """Grade every unit and give the money back."""
    form = await plain_form(request)
    grades = [
        {"unit_id": name.removeprefix(_GRADE), "grade": value}
        for name, value in form.items()
        if name.startswith(_GRADE)
    ]
    try:
        data = await read_form(request, api.ReceiveIn, grades=grades)
        await api.receive.fn(case=case, data=data, actor=actor, once=once, house=house, now=now)
    except Problem as problem:
        key = once.key if is_again(problem) else None
        return await _show(request, case, house, problem=problem, key=key)
    return done(f"/console/returns/{case}", "refunding")


@get("/reviews", opt=can(P.REVIEWS_MODERATE, html=True))
async def reviews_page(
    request: Asked, house: HouseGiven, cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Show what buyers say, the newest first."""
    return await _reviews(request, house, cursor=cursor)


async def _reviews(
    request: Asked, house: HouseGiven, *, cursor: str | None = None, **more: Any
) -> Response[str]:
    status = request.query_params.get("status")
    async with house.db.read() as session:
        page = await reviews.list_reviews(
            session,
            status="hidden" if status == "hidden" else "shown" if status == "shown" else None,
            cursor=cursor or None,
            limit=30,
        )
    return show_page(request, "reviews.html.j2", page=page, chosen=status or "", **more)


@post("/reviews/{review:str}/{verb:str}", opt=can(P.REVIEWS_MODERATE, html=True), status_code=200)
async def moderate(
    request: Asked, review: FromPath[str], verb: FromPath[str], actor: Acting, house: HouseGiven, now: Now
) -> Response[Any]:
    """Hide, show again, or answer."""
    try:
        if verb == "reply":
            reply = await read_form(request, reviews_api.ReplyIn)
            await reviews_api.reply.fn(review=review, data=reply, actor=actor, house=house, now=now)
        elif verb in {"hide", "show"}:
            why = await read_form(request, reviews_api.WhyIn)
            act = reviews_api.hide if verb == "hide" else reviews_api.show
            await act.fn(review=review, data=why, actor=actor, house=house, now=now)
        else:
            raise NotFound
    except Problem as problem:
        return await _reviews(request, house, problem=problem)
    return done("/console/reviews", f"review_{verb}")


ROUTES = [list_page, one_page, approve, reject, receive, reviews_page, moderate]
