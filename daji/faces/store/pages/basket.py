"""The cart: what is wished for, at today's prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from daji.faces.store import basket
from daji.faces.store.buyer import find_owner, known_owner, new_owner
from daji.faces.store.pages.forms import FORM, PAGE, whole
from daji.faces.store.pages.scene import Here, Scene, query
from daji.kit import ids
from daji.kit.problems import Problem
from daji.trade.cart import api as cart
from daji.views import store_cart


@get("/cart", opt=PAGE, include_in_schema=False)
async def show(scene: Here) -> Response[str]:
    """Show the cart at today's prices."""
    given = scene.request.query_params
    return await _show(scene, gone=_gone(given), added=bool(given.get("added")))


async def _show(
    scene: Scene,
    *,
    gone: dict[str, str] | None = None,
    added: bool = False,
    problem: Problem | None = None,
) -> Response[str]:
    async with scene.house.db.read() as session:
        screen = await store_cart.get_cart_screen(
            session,
            owner=find_owner(scene.principal),
            channel=scene.channel,
            country=scene.market.country,
            at=scene.now,
        )
    return await scene.show(
        "cart.html", problem=problem, screen=screen, page=screen.page, gone=gone, added=added
    )


@post("/cart/add", opt=FORM, include_in_schema=False)
async def add(scene: Here) -> Response[Any]:
    """Put a SKU into the cart, or with `now` go straight to the checkout of it alone."""
    form = await scene.form()
    sku_id = ids.read("sku", form.get("sku", ""))
    qty = whole(form, "qty", default=1, least=1, most=cart.MAX_QTY)
    if form.get("now"):
        return scene.go(f"/checkout{query(sku=form['sku'], qty=qty)}")
    page = await basket.put(
        scene.house,
        owner=new_owner(scene.request),
        channel=scene.channel,
        changes=(cart.LineChange(sku_id=sku_id, qty=qty, mode="add"),),
        now=scene.now,
    )
    if scene.partial:
        return scene.say(
            "front.added", to="/cart", go="front.to_cart", count=sum(row.qty for row in page.rows)
        )
    return scene.go("/cart?added=1")


@post("/cart/line", opt=FORM, include_in_schema=False)
async def change(scene: Here) -> Response[Any]:
    """Change how many, 0 takes it out; `select` marks the line instead, `all` every line. A script gets the cart back."""
    form = await scene.form()
    try:
        gone = await _change(scene, form)
    except Problem as problem:
        if not scene.partial:
            raise
        return await _show(scene, problem=problem)
    if scene.partial:
        return await _show(scene, gone=_gone(gone))
    return scene.go(f"/cart{query(**gone)}")


async def _change(scene: Scene, form: Mapping[str, str]) -> dict[str, str]:
    """Do it; what was taken out, so that it can be put back."""
    owner, channel, now = known_owner(scene.principal), scene.channel, scene.now
    if form.get("all"):
        await basket.select(
            scene.house,
            owner=owner,
            channel=channel,
            sku_ids=None,
            selected=form["all"] == "select",
            now=now,
        )
        return {}
    sku_id = ids.read("sku", form.get("sku", ""))
    if "select" in form:
        await basket.select(
            scene.house,
            owner=owner,
            channel=channel,
            sku_ids=[sku_id],
            selected=form["select"] == "1",
            now=now,
        )
    elif "remove" in form:
        await basket.remove(scene.house, owner=owner, channel=channel, sku_ids=[sku_id], now=now)
        return {"gone": form["sku"], "n": form.get("qty", "")}
    else:
        qty = whole(form, "qty", default=1, least=0, most=cart.MAX_QTY)
        change = cart.LineChange(sku_id=sku_id, qty=qty)
        await basket.put(scene.house, owner=owner, channel=channel, changes=(change,), now=now)
    return {}


def _gone(given: Mapping[str, str]) -> dict[str, str] | None:
    """What was just taken out, so that it can be put back: id and quantity; None for nothing."""
    sku, n = given.get("gone", ""), given.get("n", "")
    if not sku or not (n.isascii() and n.isdigit()):
        return None
    return {"sku": sku, "n": n}


ROUTES = [show, add, change]
