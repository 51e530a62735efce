"""From a look to a paid order through the JSON API."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from daji.kit import ids
from daji.kit.db import counting
from daji.shop.pricing import api as pricing
from tests.faces.store.conftest import Visitor
from tests.faces.store.shopping import ADDRESS, CONTACT, good, key, pay, place, quote, show, sku
from tests.makers.world import World


async def test_a_guest_buys_from_cart_to_paid(world: World, visitor: Visitor) -> None:
    tea = await world.sku(price=1299)
    await world.freight(800)
    guest = visitor()
    cart = good(await guest.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 2}))
    assert (cart["goods"], cart["currency"], cart["lines"][0]["enough"]) == (2598, "CNY", True)
    offer = good(await guest.post("/store/v1/quotes", json={"address": ADDRESS, "contact": CONTACT}))
    assert (offer["goods"], offer["freight"], offer["total"]) == (2598, 800, 3398)
    placed = good(await guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))
    assert placed["due"] == 3398
    assert good(await guest.get("/store/v1/cart"))["lines"] == []
    started = await pay(guest, placed["id"])
    assert started["tenders"][0]["amount"] == 3398
    seen = await show(guest, placed["id"])
    assert (seen["status"], seen["payment"], seen["paid_by"]["captured"]) == ("confirmed", "paid", 3398)
    assert [unit["paid"] for unit in seen["orders"][0]["lines"][0]["units"]] == [1699, 1699]
    assert [entry["code"] for entry in seen["timeline"]][-1] == "placed"
    listed = good(await guest.get("/store/v1/orders"))
    assert [trade["number"] for trade in listed["items"]] == [placed["number"]]


async def test_the_same_key_is_one_order_even_at_once(world: World, visitor: Visitor) -> None:
    tea = await world.sku(stock=5)
    guest = visitor()
    offer = await quote(guest, tea)
    once = key()
    answers = await asyncio.gather(
        *(guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=once) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = await quote(guest, tea)
    refused = await guest.post("/store/v1/orders", json={"quote_id": other["id"]}, headers=once)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


async def test_one_request_places_and_pays(world: World, visitor: Visitor) -> None:
    tea = await world.sku(price=1299, stock=5)
    guest = visitor()
    lines = [{"sku": sku(tea), "qty": 1}, {"sku": sku(tea), "qty": 1, "add": True}]
    cart = good(await guest.put("/store/v1/cart/lines", json={"lines": lines}))
    assert [(line["sku"], line["qty"]) for line in cart["lines"]] == [(sku(tea), 2)]
    offer = good(await guest.post("/store/v1/quotes", json={"address": ADDRESS, "contact": CONTACT}))
    body = {"quote_id": offer["id"], "payment": {"method": "wallet", "script": "approve"}}
    once = key()
    placed = good(await guest.post("/store/v1/orders", json=body, headers=once))
    (tender,) = placed["payment"]["tenders"]
    assert (placed["due"], tender["status"], tender["amount"]) == (2598, "captured", 2598)
    seen = await show(guest, placed["id"])
    assert (seen["status"], seen["payment"], seen["paid_by"]["captured"]) == ("confirmed", "paid", 2598)
    assert good(await guest.post("/store/v1/orders", json=body, headers=once)) == placed
    other = {**body, "payment": {"method": "wallet", "script": "decline"}}
    refused = await guest.post("/store/v1/orders", json=other, headers=once)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_payment_that_is_declined_leaves_the_order_to_be_paid(world: World, visitor: Visitor) -> None:
    guest = visitor()
    offer = await quote(guest, await world.sku())
    body = {"quote_id": offer["id"], "payment": {"method": "wallet", "script": "decline"}}
    placed = good(await guest.post("/store/v1/orders", json=body, headers=key()))
    assert [tender["status"] for tender in placed["payment"]["tenders"]] == ["declined"]
    assert (await show(guest, placed["id"]))["payment"] == "unpaid"
    again = await pay(guest, placed["id"])
    assert [tender["status"] for tender in again["tenders"]] == ["captured"]


async def test_several_lines_go_in_together_or_not_at_all(world: World, visitor: Visitor) -> None:
    tea, cup = await world.sku(), await world.sku()
    guest = visitor()
    both = [{"sku": sku(cup), "qty": 2}, {"sku": sku(tea), "qty": 1}]
    cart = good(await guest.put("/store/v1/cart/lines", json={"lines": both}))
    assert [(line["sku"], line["qty"]) for line in cart["lines"]] == [(sku(cup), 2), (sku(tea), 1)]
    stranger = [{"sku": sku(tea), "qty": 0}, {"sku": sku(ids.new_id()), "qty": 1}]
    refused = await guest.put("/store/v1/cart/lines", json={"lines": stranger})
    assert refused.status_code == 404
    much = [{"sku": sku(tea), "qty": 999}, {"sku": sku(tea), "qty": 1, "add": True}]
    assert (await guest.put("/store/v1/cart/lines", json={"lines": much})).status_code == 422
    for wrong in ([], [{"sku": sku(tea)}], [{"sku": sku(tea), "qty": -1}], [*both] * 61):
        answer = await guest.put("/store/v1/cart/lines", json={"lines": wrong})
        assert answer.status_code in {400, 422}
    kept = good(await guest.get("/store/v1/cart"))
    assert [(line["sku"], line["qty"]) for line in kept["lines"]] == [(sku(cup), 2), (sku(tea), 1)]
    gone = [{"sku": sku(tea), "qty": 0}, {"sku": sku(cup), "qty": 1}]
    left = good(await guest.put("/store/v1/cart/lines", json={"lines": gone}))
    assert [(line["sku"], line["qty"]) for line in left["lines"]] == [(sku(cup), 1)]


async def test_carts_that_are_filled_in_one_moment_share_their_statements(
    world: World, visitor: Visitor
) -> None:
    """Each gets its own cart or its own refusal, and a buyer who asks thirty times at once loses none of it."""
    tea, cup = await world.sku(price=1299), await world.sku(price=500)
    hasty, other, lost, greedy = (visitor() for _ in range(4))
    good(await hasty.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 1}))
    unknown = ids.show("sku", ids.new_id())
    with counting() as tally:
        *added, first, second, third = await asyncio.gather(
            *(hasty.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 1, "add": True}) for _ in range(30)),
            other.put("/store/v1/cart/lines", json={"lines": [{"sku": sku(cup), "qty": 2}]}),
            lost.put(f"/store/v1/cart/lines/{unknown}", json={"qty": 1}),
            greedy.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 1000}),
        )
    assert {answer.status_code for answer in added} == {200}
    assert sorted(answer.json()["lines"][0]["qty"] for answer in added) == list(range(2, 32))
    assert [(line["sku"], line["qty"]) for line in good(first)["lines"]] == [(sku(cup), 2)]
    assert [second.status_code, third.status_code] == [404, 422]
    assert good(await hasty.get("/store/v1/cart"))["lines"][0]["qty"] == 31
    # 30 turns of the one cart, whose first the others share.
    assert tally.count <= 2 * 31


async def test_an_order_without_a_key_is_refused(world: World, visitor: Visitor) -> None:
    guest = visitor()
    offer = await quote(guest, await world.sku())
    refused = await guest.post("/store/v1/orders", json={"quote_id": offer["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")


async def test_a_changed_price_is_told_and_nothing_is_placed(world: World, visitor: Visitor) -> None:
    tea = await world.sku(price=1000)
    guest = visitor()
    offer = await quote(guest, tea)
    assert world.list_id is not None
    world.clock.advance(timedelta(seconds=1))
    async with world.db.transaction() as tx:
        await pricing.set_prices(
            tx,
            list_id=world.list_id,
            prices=[pricing.NewPrice(sku_id=tea, amount=1100)],
            valid_from=world.clock.now(),
            by="system",
            now=world.clock.now(),
        )
    refused = await guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "flows.quote_changed")
    assert {change["code"] for change in refused.json()["changes"]} >= {"price_up"}
    assert good(await guest.get("/store/v1/orders"))["items"] == []


async def test_a_pending_payment_is_settled_when_the_buyer_comes_back(world: World, visitor: Visitor) -> None:
    guest = visitor()
    placed = await place(guest, await world.sku())
    started = await pay(guest, placed["id"], script="pending")
    assert started["pay_url"].startswith("http://sandbox.test/")
    url = f"/store/v1/orders/{placed['id']}/payments/refresh"
    assert good(await guest.post(url))["state"] == "pending"
    tender_id = ids.read("ten", started["tenders"][0]["id"])
    payment = await world.client.query(str(tender_id))
    await world.client.act(payment.gateway_no, "approve")
    assert good(await guest.post(url))["state"] == "paid"


async def test_a_declined_payment_can_be_tried_again(world: World, visitor: Visitor) -> None:
    guest = visitor()
    placed = await place(guest, await world.sku())
    await pay(guest, placed["id"], script="decline")
    state = good(await guest.post(f"/store/v1/orders/{placed['id']}/payments/refresh"))
    assert (state["state"], state["to_pay"]) == ("failed", placed["due"])
    await pay(guest, placed["id"])
    assert (await show(guest, placed["id"]))["payment"] == "paid"


async def test_cancelling_gives_the_money_back(world: World, visitor: Visitor) -> None:
    guest = visitor()
    placed = await place(guest, await world.sku(price=900), 2)
    await pay(guest, placed["id"])
    url = f"/store/v1/orders/{placed['id']}/cancel"
    cancelled = good(await guest.post(url, json={"reason": "changed_mind"}, headers=key()))
    assert (cancelled["status"], cancelled["give_back"]) == ("cancelled", 1800)
    again = await guest.post(url, json={"reason": "changed_mind"}, headers=key())
    assert again.status_code == 409


async def test_a_return_and_a_review_follow_a_delivery(world: World, visitor: Visitor) -> None:
    guest = visitor()
    placed = await place(guest, await world.sku(price=900), 2)
    await pay(guest, placed["id"])
    seen = await show(guest, placed["id"])
    child, line = seen["orders"][0], seen["orders"][0]["lines"][0]
    review_url = f"/store/v1/orders/{placed['id']}/lines/{line['id']}/review"
    early = await guest.post(review_url, json={"score": 5})
    assert (early.status_code, early.json()["code"]) == (409, "flows.not_received_yet")
    await world.deliver(ids.read("ord", child["id"]))
    seen = await show(guest, placed["id"])
    assert seen["orders"][0]["shipments"][0]["events"][0]["code"] == "delivered"
    review = good(await guest.post(review_url, json={"score": 4, "title": "好茶", "text": "香"}))
    assert (review["author"], review["score"]) == ("王**", 4)
    assert (await guest.post(review_url, json={"score": 1})).status_code == 409
    unit = line["units"][0]["id"]
    asked = good(
        await guest.post(
            f"/store/v1/orders/{placed['id']}/children/{child['id']}/returns",
            json={"units": [unit], "reason": "damaged"},
            headers=key(),
        )
    )
    assert asked["amount"] == 900
    case = good(await guest.get(f"/store/v1/cases/{asked['id']}"))
    assert (case["status"], case["units"]) == ("requested", [unit])
    withdrawn = good(await guest.post(f"/store/v1/cases/{asked['id']}/withdraw"))
    assert withdrawn["status"] == "withdrawn"


async def test_u80_budgets_of_statements(world: World, visitor: Visitor) -> None:
    """U-80: an order within 25 statements, a product within 6, a list within 3; BEGIN and COMMIT count."""
    tea = await world.sku()
    guest = visitor()
    offer = await quote(guest, tea, 2)
    with counting() as placing:
        good(await guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))
    with counting() as listing:
        slug = good(await guest.get("/store/v1/products"))["items"][0]["slug"]
    with counting() as product:
        good(await guest.get(f"/store/v1/products/{slug}"))
    with counting() as page:
        assert (await guest.get(f"/en/p/{slug}")).status_code == 200
    with counting() as category:
        assert (await guest.get("/en/c/cha")).status_code == 200
    assert placing.count <= 25, placing.statements
    assert listing.count <= 3, listing.statements
    assert product.count <= 6, product.statements
    assert page.count <= 6, page.statements
    assert category.count <= 5, category.statements
