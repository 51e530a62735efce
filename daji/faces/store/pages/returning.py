"""Giving back: what, why, what comes back and when, and how far it is."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.care.aftersales import api as aftersales
from daji.faces.http.idempotency import run_key
from daji.faces.store.buyer import by_of, known_owner
from daji.faces.store.pages.forms import FORM, PAGE
from daji.faces.store.pages.scene import Here, Scene
from daji.faces.store.pages.uploads import MAX_PHOTO, PICTURES_FORM_ONCE, pictures
from daji.flows.keep_return_photo import keep_return_photo
from daji.flows.post_review import Picture
from daji.flows.return_goods import AskReturn, ask_return, close_without_refund
from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid, NotFound, Problem
from daji.views import store_orders

PHOTO_FORM = {"permission": "shopper", "html": True, "accepts": ["multipart/form-data"]}
MAX_PHOTOS = 6


@get("/orders/{trade:str}/return/{order:str}", opt=PAGE, include_in_schema=False)
async def choose_return(scene: Here, trade: FromPath[str], order: FromPath[str]) -> Response[str]:
    """Let the buyer choose pieces to give back."""
    return await _return(scene, trade, order)


@post(
    "/orders/{trade:str}/return/{order:str}",
    opt=PICTURES_FORM_ONCE,
    request_max_body_size=MAX_PHOTOS * MAX_PHOTO,
    include_in_schema=False,
)
async def ask(scene: Here, trade: FromPath[str], order: FromPath[str]) -> Response[Any]:
    """Ask for the return; pictures may come along, or later."""
    form, units = await scene.form(), await scene.values("unit")
    run = run_key(scene.request)
    try:
        if not units:
            raise Invalid(fields=(FieldProblem(pointer="/unit", code="required"),))
        asked = await ask_return(
            scene.house.ctx,
            AskReturn(
                trade_id=ids.read("trd", trade),
                order_id=ids.read("ord", order),
                owner=known_owner(scene.principal),
                unit_ids=tuple(ids.read("unt", unit) for unit in units),
                kind=form.get("kind", ""),
                reason=form.get("reason", ""),
                note=form.get("note", ""),
                by=by_of(scene.principal),
            ),
            scope=run.scope,
            key=run.key,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _return(scene, trade, order, problem=problem, form=form, units=units)
    case = ids.show("cas", asked.case_id)
    if scene.principal.kind == "shopper" and (sent := await pictures(scene, "photo")):
        try:
            await _keep(scene, case, sent[:MAX_PHOTOS])
        except Problem as problem:
            # The return is asked for; only a picture was not to be read.
            return await _case(scene, case, problem)
    return scene.go(f"/returns/{case}")


@get("/returns/{case:str}", opt=PAGE, include_in_schema=False)
async def show_return(scene: Here, case: FromPath[str]) -> Response[str]:
    """Show how far a return is and when the money is promised."""
    return await _case(scene, case)


@post("/returns/{case:str}/withdraw", opt=FORM, include_in_schema=False)
async def withdraw(scene: Here, case: FromPath[str]) -> Response[Any]:
    """Keep the goods after all."""
    try:
        await close_without_refund(
            scene.house.ctx,
            case_id=ids.read("cas", case),
            verb="withdraw",
            why="",
            owner=known_owner(scene.principal),
            by=by_of(scene.principal),
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _case(scene, case, problem)
    return scene.go(f"/returns/{case}")


@post(
    "/returns/{case:str}/photo",
    opt=PHOTO_FORM,
    request_max_body_size=MAX_PHOTOS * MAX_PHOTO,
    include_in_schema=False,
)
async def photo(scene: Here, case: FromPath[str]) -> Response[Any]:
    """Take in pictures of the goods."""
    try:
        sent = await pictures(scene, "photo")
        if not sent:
            raise Invalid(fields=(FieldProblem(pointer="/photo", code="required"),))
        await _keep(scene, case, sent[:MAX_PHOTOS])
    except NotFound:
        raise
    except Problem as problem:
        return await _case(scene, case, problem)
    return scene.go(f"/returns/{case}?done=photo")


async def _keep(scene: Scene, case: str, sent: tuple[Picture, ...]) -> None:
    for one in sent:
        await keep_return_photo(
            scene.house.ctx,
            storage=scene.house.storage,
            case_id=ids.read("cas", case),
            owner=known_owner(scene.principal),
            by=by_of(scene.principal),
            content=one.content,
            declared_type=one.declared_type,
            now=scene.now,
        )


async def _return(
    scene: Scene,
    trade: str,
    order: str,
    *,
    problem: Problem | None = None,
    form: dict[str, str] | None = None,
    units: tuple[str, ...] = (),
) -> Response[str]:
    order_id = ids.read("ord", order)
    trade_id, owner = ids.read("trd", trade), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        page = await store_orders.get_trade_page(session, trade_id=trade_id, owner=owner)
    found = next((one for one in page.trade.orders if one.id == order_id), None)
    if found is None:
        raise NotFound
    return await scene.show(
        "return.html",
        problem=problem,
        page=page,
        order=found,
        reasons=aftersales.REASONS,
        form=form or {},
        units=units,
        closes=aftersales.window_closes(found.delivered_at) if found.delivered_at else None,
        expected=aftersales.expected_refund_by(kind="return", status="requested", at=scene.now),
        expected_only=aftersales.expected_refund_by(kind="refund_only", status="requested", at=scene.now),
        max_photos=MAX_PHOTOS,
    )


async def _case(scene: Scene, case: str, problem: Problem | None = None) -> Response[str]:
    case_id, owner = ids.read("cas", case), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        page = await store_orders.get_case_page(session, case_id=case_id, owner=owner)
    return await scene.show(
        "case.html",
        problem=problem,
        page=page,
        done=scene.request.query_params.get("done"),
        max_photos=MAX_PHOTOS,
    )


ROUTES = [choose_return, ask, show_return, withdraw, photo]
