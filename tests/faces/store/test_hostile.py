"""What strangers, mistakes and malice get from the store."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from daji.base.identity import api as identity
from daji.kit import ids
from tests.faces.store.conftest import Visitor
from tests.faces.store.shopping import ADDRESS, CONTACT, good, key, pay, place, quote, show, sku
from tests.makers.world import World

HUGE = "9" * 40
TEXTS = ["", " ", "\0", "a\0b", "'; DROP TABLE orders.trade; --", "%_\\", "../../etc/passwd", "𝕏" * 400, HUGE]
SECRET_WORD = "lantern river 42"


async def test_u22_no_amount_of_a_client_is_taken(world: World, visitor: Visitor) -> None:
    """U-22: prices, totals and "paid" in a body are refused, and what is due is the server's sum."""
    tea = await world.sku(price=1299)
    guest = visitor()
    offer = await quote(guest, tea)
    line = {"sku": sku(tea), "qty": 1}
    bodies: list[tuple[str, str, Any]] = [
        ("PUT", f"/store/v1/cart/lines/{sku(tea)}", {"qty": 1, "price": 1}),
        (
            "POST",
            "/store/v1/quotes",
            {"address": ADDRESS, "contact": CONTACT, "items": [{**line, "unit_price": 1}]},
        ),
        ("POST", "/store/v1/quotes", {"address": ADDRESS, "contact": CONTACT, "items": [line], "freight": 0}),
        ("POST", "/store/v1/orders", {"quote_id": offer["id"], "total": 1}),
        ("POST", "/store/v1/orders", {"quote_id": offer["id"], "paid": True}),
        ("POST", "/store/v1/orders", {"quote_id": offer["id"], "payment": {"amount": 1}}),
        ("POST", "/store/v1/orders", {"quote_id": offer["id"], "payment": {"status": "captured"}}),
    ]
    for method, url, body in bodies:
        refused = await guest.request(method, url, json=body, headers=key())
        assert refused.status_code == 422, (url, refused.text)
        assert refused.json()["fields"][0]["code"] == "unknown_field"
    said = {"quote_id": offer["id"], "payment": "paid"}
    refused = await guest.post("/store/v1/orders", json=said, headers=key())
    assert (refused.status_code, refused.json()["fields"][0]["code"]) == (422, "wrong_type")
    placed = good(await guest.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))
    assert placed["due"] == 1299
    refused = await guest.post(
        f"/store/v1/orders/{placed['id']}/payments", json={"method": "wallet", "amount": 1}, headers=key()
    )
    assert refused.status_code == 422
    assert (await show(guest, placed["id"]))["payment"] == "unpaid"


async def test_u114_everything_of_another_buyer_answers_404(world: World, visitor: Visitor) -> None:
    """U-114: each id parameter × another guest, a visitor without anything, another shopper."""
    owner = visitor()
    tea = await world.sku(price=900)
    offer = await quote(owner, tea)
    placed = await place(owner, tea)
    await pay(owner, placed["id"])
    child = (await show(owner, placed["id"]))["orders"][0]
    await world.deliver(ids.read("ord", child["id"]))
    line, unit = child["lines"][0]["id"], child["lines"][0]["units"][0]["id"]
    returns = f"/store/v1/orders/{placed['id']}/children/{child['id']}/returns"
    wish = {"units": [unit], "reason": "damaged"}
    case = good(await owner.post(returns, json=wish, headers=key()))["id"]
    doors: list[tuple[str, str, Any]] = [
        ("POST", "/store/v1/orders", {"quote_id": offer["id"]}),
        ("GET", f"/store/v1/orders/{placed['id']}", None),
        ("POST", f"/store/v1/orders/{placed['id']}/payments", {"method": "wallet"}),
        ("POST", f"/store/v1/orders/{placed['id']}/payments/refresh", None),
        ("POST", f"/store/v1/orders/{placed['id']}/cancel", {"reason": "other"}),
        ("POST", returns, wish),
        ("GET", f"/store/v1/cases/{case}", None),
        ("POST", f"/store/v1/cases/{case}/withdraw", None),
        ("POST", f"/store/v1/orders/{placed['id']}/lines/{line}/review", {"score": 1}),
        ("GET", f"/en/orders/{placed['id']}", None),
        ("GET", f"/en/pay/{placed['id']}", None),
        ("GET", f"/en/paid/{placed['id']}", None),
        ("GET", f"/en/checkout/{offer['id']}", None),
        ("GET", f"/en/returns/{case}", None),
        ("GET", f"/en/orders/{placed['id']}/return/{child['id']}", None),
        ("GET", f"/en/orders/{placed['id']}/review/{line}", None),
    ]
    guest = visitor()
    await place(guest, tea)
    for stranger in (visitor(), guest, await shopper(world, visitor, "other@example.com")):
        for method, url, body in doors:
            answer = await stranger.request(method, url, json=body, headers=key())
            assert answer.status_code == 404, (method, url, answer.status_code, answer.text[:300])
    assert (await show(owner, placed["id"]))["status"] == "confirmed"


async def test_ids_that_are_none_answer_404(world: World, visitor: Visitor) -> None:
    guest = visitor()
    for wrong in ("x", "trd_", "trd_" + "z" * 26, "ord_" + "0" * 26, "trd_" + "0" * 26, HUGE, "%27", "..%2f"):
        for url in (f"/store/v1/orders/{wrong}", f"/store/v1/cases/{wrong}", f"/store/v1/products/{wrong}"):
            assert (await guest.get(url)).status_code == 404, url
        for url in (f"/zh/orders/{wrong}", f"/zh/p/{wrong}", f"/zh/c/{wrong}", f"/zh/returns/{wrong}"):
            assert (await guest.get(url)).status_code == 404, url


@pytest.mark.parametrize("qty", [-1, 1000, 10**30, 1.5, "two", None, True])
async def test_quantities_that_are_none_are_refused(world: World, visitor: Visitor, qty: Any) -> None:
    tea = await world.sku()
    guest = visitor()
    refused = await guest.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": qty})
    assert refused.status_code == 422, refused.text
    assert refused.json()["fields"][0]["pointer"] == "/qty"
    refused = await guest.post(
        "/en/cart/add", data={"sku": sku(tea), "qty": str(qty) if qty is not None else "-0x"}
    )
    assert refused.status_code in {303, 422}


async def test_a_sku_nobody_made_cannot_be_put_into_a_cart(world: World, visitor: Visitor) -> None:
    refused = await visitor().put(f"/store/v1/cart/lines/{sku(ids.new_id())}", json={"qty": 1})
    assert refused.status_code == 404


@pytest.mark.parametrize("text", TEXTS)
async def test_any_text_is_taken_or_refused_but_never_breaks(
    world: World, visitor: Visitor, text: str
) -> None:
    tea = await world.sku()
    guest = visitor()
    answers: list[httpx.Response] = []
    for url in ("/store/v1/products", "/zh/search"):
        answers += [await guest.get(url, params={"q": text})]
        answers += [await guest.get(url, params={"q": "a", "cursor": text})]
        answers += [await guest.get(url, params={"q": text, "sort": "price_up"})]
    for field in ADDRESS:
        body = {
            "address": {**ADDRESS, field: text},
            "contact": CONTACT,
            "items": [{"sku": sku(tea), "qty": 1}],
        }
        answers.append(await guest.post("/store/v1/quotes", json=body))
        answers.append(
            await guest.post("/zh/checkout", data={**ADDRESS, field: text, "sku": sku(tea), "qty": "1"})
        )
    answers.append(await guest.post("/zh/login", data={"account": text, "password": text, "next": text}))
    answers.append(await guest.post("/zh/register", data={"account": text, "password": text, "name": text}))
    broken = [(answer.url, answer.status_code) for answer in answers if answer.status_code >= 500]
    assert broken == []


async def test_hostile_words_are_shown_as_words(world: World, visitor: Visitor) -> None:
    """U-111: nothing a buyer types becomes markup."""
    script = "<script>alert(1)</script>"
    guest = visitor()
    page = (await guest.get("/en/search", params={"q": script})).text
    assert script not in page
    assert "&lt;script&gt;" in page
    refused = await guest.post("/en/checkout", data={**ADDRESS, "name": script, "city": ""})
    assert refused.status_code == 422
    assert script not in refused.text


async def test_a_form_of_another_site_is_refused(world: World, visitor: Visitor) -> None:
    tea = await world.sku()
    guest = visitor()
    await guest.post("/en/cart/add", data={"sku": sku(tea), "qty": "1"})
    forged = await guest.post(
        "/en/cart/add", data={"sku": sku(tea), "qty": "1"}, headers={"Origin": "http://evil.test"}
    )
    assert forged.status_code == 403
    assert good(await guest.get("/store/v1/cart"))["lines"][0]["qty"] == 1


async def test_signing_in_never_leads_elsewhere(world: World, visitor: Visitor) -> None:
    for way in ("https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)"):
        guest = visitor()
        await make_account(world, f"{ids.new_id()}@example.com", guest, way)


async def make_account(world: World, account: str, guest: httpx.AsyncClient, way: str) -> None:
    async with world.db.transaction() as tx:
        await identity.register_shopper(
            tx, phone=None, email=account, password=SECRET_WORD, name="", lang="en", now=world.clock.now()
        )
    answer = await guest.post("/en/login", data={"account": account, "password": SECRET_WORD, "next": way})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/account")


async def shopper(world: World, visitor: Visitor, email: str) -> httpx.AsyncClient:
    """A browser whose owner has signed in."""
    async with world.db.transaction() as tx:
        await identity.register_shopper(
            tx, phone=None, email=email, password=SECRET_WORD, name="Lin", lang="en", now=world.clock.now()
        )
    client = visitor()
    signed = good(await client.post("/store/v1/session", json={"account": email, "password": SECRET_WORD}))
    client.headers["X-CSRF-Token"] = signed["csrf"]
    return client
