"""Following, cancelling, giving back, reviewing."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from daji.care.aftersales import api as aftersales
from daji.faces.http.idempotency import run_key
from daji.faces.store.buyer import by_of, find_owner, known_owner
from daji.faces.store.pages.forms import FORM, FORM_ONCE, PAGE, whole
from daji.faces.store.pages.scene import Here, Scene
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.keep_return_photo import keep_return_photo
from daji.flows.post_review import post_review
from daji.flows.return_goods import AskReturn, ask_return, close_without_refund
from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid, NotFound, Problem
from daji.views import store_orders

CANCEL_REASONS = ("changed_mind", "ordered_by_mistake", "wrong_address", "found_cheaper", "too_slow", "other")
MAX_PHOTO = 16 * 1024 * 1024
PHOTO_FORM = {"permission": "shopper", "html": True, "accepts": ["multipart/form-data"]}


@get("/orders", opt=PAGE, include_in_schema=False)
async def listing(scene: Here) -> Response[str]:
    """List the buyer's purchases."""
    owner = find_owner(scene.principal)
    found = None
    if owner is not None:
        async with scene.house.db.read() as session:
            found = await store_orders.list_trades(
                session, owner=owner, cursor=scene.request.query_params.get("cursor"), limit=10
            )
    return await scene.show("orders.html", found=found)


@get("/orders/{trade:str}", opt=PAGE, include_in_schema=False)
async def show(scene: Here, trade: FromPath[str]) -> Response[str]:
    """Show one purchase."""
    return await _purchase(scene, trade)


@post("/orders/{trade:str}/cancel", opt=FORM_ONCE, include_in_schema=False)
async def cancel(scene: Here, trade: FromPath[str]) -> Response[Any]:
    """Cancel the purchase or one part of it."""
    form = await scene.form()
    run = run_key(scene.request)
    order = form.get("order")
    try:
        await cancel_order(
            scene.house.ctx,
            CancelOrder(
                trade_id=ids.read("trd", trade),
                order_id=ids.read("ord", order) if order else None,
                owner=known_owner(scene.principal),
                reason=form.get("reason", ""),
                by=by_of(scene.principal),
            ),
            scope=run.scope,
            key=run.key,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _purchase(scene, trade, problem)
    return scene.go(f"/orders/{trade}?done=cancelled")


@get("/orders/{trade:str}/return/{order:str}", opt=PAGE, include_in_schema=False)
async def choose_return(scene: Here, trade: FromPath[str], order: FromPath[str]) -> Response[str]:
    """Let the buyer choose pieces to give back."""
    return await _return(scene, trade, order)


@post("/orders/{trade:str}/return/{order:str}", opt=FORM_ONCE, include_in_schema=False)
async def ask(scene: Here, trade: FromPath[str], order: FromPath[str]) -> Response[Any]:
    """Ask for the return."""
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
    return scene.go(f"/returns/{ids.show('cas', asked.case_id)}")


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


@post("/returns/{case:str}/photo", opt=PHOTO_FORM, request_max_body_size=MAX_PHOTO, include_in_schema=False)
async def photo(scene: Here, case: FromPath[str]) -> Response[Any]:
    """Take in a picture of the goods."""
    sent = (await scene.request.form()).get("photo")
    try:
        if not isinstance(sent, UploadFile):
            raise Invalid(fields=(FieldProblem(pointer="/photo", code="required"),))
        await keep_return_photo(
            scene.house.ctx,
            storage=scene.house.storage,
            case_id=ids.read("cas", case),
            owner=known_owner(scene.principal),
            by=by_of(scene.principal),
            content=await sent.read(),
            declared_type=sent.content_type,
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _case(scene, case, problem)
    return scene.go(f"/returns/{case}?done=photo")


@get("/orders/{trade:str}/review/{line:str}", opt=PAGE, include_in_schema=False)
async def write_review(scene: Here, trade: FromPath[str], line: FromPath[str]) -> Response[str]:
    """Let the buyer say what they think."""
    return await _review(scene, trade, line)


@post("/orders/{trade:str}/review/{line:str}", opt=FORM, include_in_schema=False)
async def review(scene: Here, trade: FromPath[str], line: FromPath[str]) -> Response[Any]:
    """Post the review."""
    form = await scene.form()
    try:
        await post_review(
            scene.house.ctx,
            trade_id=ids.read("trd", trade),
            line_id=ids.read("lin", line),
            owner=known_owner(scene.principal),
            score=whole(form, "score", default=0, least=1, most=5),
            title=form.get("title", ""),
            text=form.get("text", ""),
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _review(scene, trade, line, problem=problem, form=form)
    return scene.go(f"/orders/{trade}?done=reviewed")


async def _page(scene: Scene, trade: str) -> store_orders.TradePage:
    trade_id, owner = ids.read("trd", trade), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        return await store_orders.get_trade_page(session, trade_id=trade_id, owner=owner)


async def _purchase(scene: Scene, trade: str, problem: Problem | None = None) -> Response[str]:
    return await scene.show(
        "order.html",
        problem=problem,
        page=await _page(scene, trade),
        reasons=CANCEL_REASONS,
        done=scene.request.query_params.get("done"),
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
    page = await _page(scene, trade)
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
    )


async def _case(scene: Scene, case: str, problem: Problem | None = None) -> Response[str]:
    case_id, owner = ids.read("cas", case), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        page = await store_orders.get_case_page(session, case_id=case_id, owner=owner)
    return await scene.show(
        "case.html", problem=problem, page=page, done=scene.request.query_params.get("done")
    )


async def _review(
    scene: Scene,
    trade: str,
    line: str,
    *,
    problem: Problem | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    line_id = ids.read("lin", line)
    page = await _page(scene, trade)
    found = next((one for order in page.trade.orders for one in order.lines if one.id == line_id), None)
    if found is None:
        raise NotFound
    return await scene.show("review.html", problem=problem, page=page, line=found, form=form or {})


ROUTES = [
    listing,
    show,
    cancel,
    choose_return,
    ask,
    show_return,
    withdraw,
    photo,
    write_review,
    review,
]
