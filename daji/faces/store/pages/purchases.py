"""Purchases: the list by what they wait for, one with all that happened to it, cancelling, receiving, buying again."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from daji.faces.http.idempotency import run_key
from daji.faces.store import basket
from daji.faces.store.buyer import by_of, find_owner, known_owner
from daji.faces.store.pages.forms import FORM, FORM_ONCE, PAGE
from daji.faces.store.pages.scene import Here, Scene
from daji.faces.store.route_map import draw
from daji.flows.cancel_order import CancelOrder, cancel_order
from daji.flows.confirm_receipt import confirm_receipt
from daji.kit import ids
from daji.kit.problems import NotFound, Problem
from daji.views import store_route, store_tabs

CANCEL_REASONS = ("changed_mind", "ordered_by_mistake", "wrong_address", "found_cheaper", "too_slow", "other")
DONE = frozenset({"cancelled", "reviewed", "received", "placed"})


@get("/orders", opt=PAGE, include_in_schema=False)
async def listing(scene: Here) -> Response[str]:
    """List the buyer's purchases, all or those that wait for one thing."""
    given = scene.request.query_params
    tab: store_tabs.Tab = next((one for one in store_tabs.TABS if one == given.get("tab")), "all")
    owner = find_owner(scene.principal)
    found = None
    if owner is not None:
        async with scene.house.db.read() as session:
            found = await store_tabs.list_tab(
                session, owner=owner, tab=tab, cursor=given.get("cursor"), limit=10
            )
    return await scene.show("orders.html", found=found, tab=tab, tabs=store_tabs.TABS)


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


@post("/orders/{trade:str}/received/{order:str}", opt=FORM, include_in_schema=False)
async def receive(scene: Here, trade: FromPath[str], order: FromPath[str]) -> Response[Any]:
    """Everything is here and well."""
    try:
        await confirm_receipt(
            scene.house.ctx,
            trade_id=ids.read("trd", trade),
            order_id=ids.read("ord", order),
            owner=known_owner(scene.principal),
            now=scene.now,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await _purchase(scene, trade, problem)
    return scene.go(f"/orders/{trade}?done=received")


@post("/orders/{trade:str}/again", opt=FORM, include_in_schema=False)
async def buy_again(scene: Here, trade: FromPath[str]) -> Response[Any]:
    """Put everything of the purchase that is still for sale into the cart."""
    owner = known_owner(scene.principal)
    screen = await _look(scene, trade)
    await basket.put_again(
        scene.house,
        owner=owner,
        channel=scene.channel,
        lines=[(line.sku_id, line.qty) for order in screen.page.trade.orders for line in order.lines],
        now=scene.now,
    )
    return scene.go("/cart?added=1")


async def _look(scene: Scene, trade: str) -> store_route.TradeScreen:
    trade_id, owner = ids.read("trd", trade), known_owner(scene.principal)
    async with scene.house.db.read() as session:
        return await store_route.get_trade_screen(session, trade_id=trade_id, owner=owner)


async def _purchase(scene: Scene, trade: str, problem: Problem | None = None) -> Response[str]:
    screen = await _look(scene, trade)
    done = scene.request.query_params.get("done")
    return await scene.show(
        "order.html",
        problem=problem,
        page=screen.page,
        shots=screen.shots,
        maps={shipment_id: draw(route) for shipment_id, route in screen.routes.items()},
        reasons=CANCEL_REASONS,
        done=done if done in DONE else None,
    )


ROUTES = [listing, show, cancel, receive, buy_again]
