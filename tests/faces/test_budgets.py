"""U-80: how many statements a request may send, BEGIN and COMMIT included.

The four limits are promises. The table holds what was measured: a number that grows is noticed here, and a number that
shrinks is the new budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from daji.flows import return_goods
from daji.kit import ids
from daji.kit.db import counting
from tests.faces.real_app import RealShop
from tests.faces.store.shopping import ADDRESS, CONTACT, good, key, pay, sku

PROMISES = {
    "POST /store/v1/orders": 11,
    "GET /en/p/{slug}": 6,
    "GET /store/v1/products/{slug}": 6,
    "GET /store/v1/categories": 3,
    "GET /en/c/{category}": 3,
    "GET /store/v1/products": 3,
}

BUYER = {
    "GET /en/": 3,
    "GET /en/c/{category}": 3,
    "GET /en/search?q=龙井": 4,
    "GET /en/p/{slug}": 6,
    "GET /en/cart": 7,
    "GET /en/checkout": 9,
    "GET /en/checkout/{quote}": 3,
    "GET /en/pay/{waiting}": 2,
    "GET /en/paid/{waiting}": 2,
    "GET /en/orders": 7,
    "GET /en/orders/{trade}": 15,
    "GET /en/orders/{trade}/return/{order}": 14,
    "GET /en/orders/{trade}/review/{line}": 15,
    "GET /en/returns/{case}": 8,
    "GET /store/v1/categories": 1,
    "GET /store/v1/products": 2,
    "GET /store/v1/products?q=龙井": 3,
    "GET /store/v1/products?sort=price_up&category={category_id}": 2,
    "GET /store/v1/products/{slug}": 1,
    "GET /store/v1/products/{product}/reviews": 1,
    "GET /store/v1/cart": 1,
    "GET /store/v1/orders": 5,
    "GET /store/v1/orders/{trade}": 13,
    "GET /store/v1/cases/{case}": 3,
    "GET /store/v1/session": 0,
}
STAFF = {
    "GET /console/v1/orders": 2,
    "GET /console/v1/orders/{trade}": 16,
    "GET /console/v1/products": 2,
    "GET /console/v1/goods": 3,
    "GET /console/v1/goods?low=true": 3,
    "GET /console/v1/goods/export.csv": 3,
    "GET /console/v1/products/{product}/screen": 7,
    "GET /console/v1/products/{product}/revisions": 2,
    "GET /console/v1/price-lists/{list}/prices": 3,
    "GET /console/v1/reviews/board": 2,
    "GET /console/v1/uploads": 2,
    "GET /console/v1/products/{product}": 2,
    "GET /console/v1/pick-lists": 2,
    "GET /console/v1/stock": 2,
    "GET /console/v1/cases": 4,
    "GET /console/v1/shipments": 2,
    "GET /console/v1/home": 3,
    "GET /console/v1/overview": 5,
    "GET /console/v1/search?q=D26": 5,
    "GET /console/v1/live": 3,
    "GET /console/v1/session": 2,
}
WRITES = {
    "PUT /store/v1/cart/lines/{sku}": 2,
    "POST /store/v1/quotes": 6,
    "POST /store/v1/orders": 11,
    "POST /store/v1/orders/{waiting}/payments": 14,
    "POST /store/v1/orders/{trade}/lines/{line}/review": 7,
    "POST /console/v1/pick-lists/{work}/pick": 19,
    "POST /console/v1/pick-lists/{work}/pack": 14,
    "POST /console/v1/pick-lists/{work}/ship": 28,
    "POST /console/v1/cases/{case}/approve": 15,
}


@dataclass(kw_only=True)
class Stage:
    """A shop with some goods, a guest with orders in every state, and a member of staff."""

    shop: RealShop
    guest: httpx.AsyncClient
    staff: httpx.AsyncClient
    skus: list[UUID]
    names: dict[str, str]

    async def measure(self, client: httpx.AsyncClient, route: str, **sent: Any) -> int:
        method, path = route.split(" ", 1)
        with counting() as tally:
            answer = await client.request(method, path.format(**self.names), **sent)
        assert answer.status_code < 400, (route, answer.status_code, answer.text[:500])
        return tally.count


async def set_stage(shop: RealShop, *, lines: int) -> Stage:
    """`lines` products, each in one cart, one paid, one delivered and one waiting order."""
    world = shop.world
    skus = [await world.sku(price=900 + n, stock=200) for n in range(lines)]
    guest = shop.client()
    for one in skus:
        good(await guest.put(f"/store/v1/cart/lines/{sku(one)}", json={"qty": 1}))
    staff = shop.client(await shop.staff("admin@shop.test", "admin"))
    stage = Stage(shop=shop, guest=guest, staff=staff, skus=skus, names={})
    product = good(await guest.get("/store/v1/products"))["items"][0]
    categories = good(await guest.get("/store/v1/categories"))["items"]
    stage.names |= {
        "slug": product["slug"],
        "product": product["id"],
        "list": ids.show("prl", world.list_id) if world.list_id else "",
        "category": categories[0]["slug"],
        "category_id": categories[0]["id"],
    }
    wanted = [{"sku": sku(one), "qty": 2} for one in skus]
    for name in ("waiting", "paid", "trade"):
        wish = {"address": ADDRESS, "contact": CONTACT, "items": wanted}
        offer = good(await guest.post("/store/v1/quotes", json=wish))
        placed = good(await guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))
        stage.names[name] = placed["id"]
        if name != "waiting":
            await pay(guest, placed["id"])
    delivered = await world.trade(ids.read("trd", stage.names["trade"]))
    order = delivered.orders[0]
    await world.deliver(order.id)
    asked = await return_goods.ask_return(
        world.ctx,
        return_goods.AskReturn(
            order_id=order.id, owner=delivered.owner, unit_ids=(order.lines[0].units[0].id,), kind="return",
            reason="damaged", note="", by="test",
        ),
        scope="test", key=str(ids.new_id()), now=world.clock.now(),
    )  # fmt: skip
    # What was promised or signed in before the parcel's days on the road has ended by now.
    stage.staff.headers["Authorization"] = f"Bearer {await shop.sign_in('staff', 'admin@shop.test')}"
    wish = {"address": ADDRESS, "contact": CONTACT}
    stage.names["quote"] = good(await guest.post("/store/v1/quotes", json={**wish, "items": wanted}))["id"]
    paid = (await world.trade(ids.read("trd", stage.names["paid"]))).orders[0]
    stage.names |= {
        "order": ids.show("ord", order.id),
        "line": ids.show("lin", order.lines[0].id),
        "case": ids.show("cas", asked.case_id),
        "work": ids.show("ord", paid.id),
    }
    return stage


async def measure_all(stage: Stage) -> dict[str, int]:
    """Every read of the tables, then the writes, each on something that the reads do not need any more."""
    found = {route: await stage.measure(stage.guest, route) for route in BUYER}
    found |= {route: await stage.measure(stage.staff, route) for route in STAFF}
    names, tea = stage.names, sku(stage.skus[0])
    wish = {"address": ADDRESS, "contact": CONTACT}
    writes: list[tuple[httpx.AsyncClient, str, Any]] = [
        (stage.guest, "PUT /store/v1/cart/lines/{sku}", {"json": {"qty": 2}}),
        (stage.guest, "POST /store/v1/quotes", {"json": wish}),
        (stage.guest, "POST /store/v1/orders", {"json": {"quote_id": names["quote"]}, "headers": key()}),
        (
            stage.guest,
            "POST /store/v1/orders/{waiting}/payments",
            {"json": {"method": "wallet"}, "headers": key()},
        ),
        (stage.guest, "POST /store/v1/orders/{trade}/lines/{line}/review", {"json": {"score": 5}}),
        (stage.staff, "POST /console/v1/pick-lists/{work}/pick", {"json": {}, "headers": key()}),
        (
            stage.staff,
            "POST /console/v1/pick-lists/{work}/pack",
            {"json": {"weight_g": 500}, "headers": key()},
        ),
        (stage.staff, "POST /console/v1/pick-lists/{work}/ship", {"json": {}, "headers": key()}),
        (stage.staff, "POST /console/v1/cases/{case}/approve", {"json": {}}),
    ]
    names["sku"] = tea
    for client, route, sent in writes:
        found[route] = await stage.measure(client, route, **sent)
    return found


async def test_u80_promises_and_budgets(shop: RealShop) -> None:
    """U-80: an order within 25 statements, a product page within 6, a list within 3; the others as measured."""
    found = await measure_all(await set_stage(shop, lines=2))
    assert {route: found[route] for route, most in PROMISES.items() if found[route] > most} == {}
    table = BUYER | STAFF | WRITES
    assert {route: found[route] for route in table} == table


async def test_more_rows_are_no_more_statements(shop: RealShop) -> None:
    """U-80: nothing asks once for each line, product or order."""
    found = await measure_all(await set_stage(shop, lines=12))
    table = BUYER | STAFF | WRITES
    assert {route: found[route] for route in table} == table
