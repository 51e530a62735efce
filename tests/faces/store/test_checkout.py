"""The checkout: three taps for who comes back, nothing that was not seen, an address that may be pasted."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import httpx
import pytest

from daji.boot import House
from daji.faces.app import create_app
from daji.kit import ids
from daji.shop.pricing import api as pricing
from tests.faces.store.conftest import ORIGIN, Visitor
from tests.faces.store.shopping import ADDRESS, good, sku
from tests.faces.store.test_hostile import shopper
from tests.faces.store.test_pages import hidden, way
from tests.makers.world import World

MOST_TAPS, MOST_STEPS = 3, 4


class Thumb:
    """A buyer who can only tap what a page offers, and counts."""

    def __init__(self, client: httpx.AsyncClient, page: str) -> None:
        self.client, self.page, self.taps, self.steps = client, page, 0, 1

    async def link(self, pattern: str) -> None:
        found = re.search(rf'href="({pattern})"', self.page)
        assert found, pattern
        self.taps, self.steps = self.taps + 1, self.steps + 1
        self.page = (await self.client.get(html.unescape(found[1]))).text

    async def button(self, action: str) -> httpx.Response:
        """Press the button of a form as it stands: what is chosen is what the page chose."""
        form = re.search(rf'<form[^>]*id="buy"[^>]*action="({action})".*?</form>', self.page, re.DOTALL)
        assert form, action
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
        method = re.search(r'name="method" value="(\w+)" checked', self.page)
        assert method
        self.taps, self.steps = self.taps + 1, self.steps + 1
        return await self.client.post(html.unescape(form[1]), data={**fields, "method": method[1]})


async def returning(world: World, visitor: Visitor, price: int = 900) -> tuple[httpx.AsyncClient, str]:
    """A shopper with an address and something in the cart."""
    tea = await world.sku(price=price)
    lin = await shopper(world, visitor, f"{ids.new_id()}@example.com")
    good(await lin.post("/store/v1/addresses", json={"address": ADDRESS, "default": True}))
    good(await lin.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 2}))
    return lin, sku(tea)


async def test_a_returning_buyer_needs_three_taps(world: World, visitor: Visitor) -> None:
    """Cart → checkout → gateway → paid: four steps, three taps, the last one at the gateway."""
    await world.freight(800)
    lin, _ = await returning(world, visitor)
    thumb = Thumb(lin, (await lin.get("/en/cart")).text)
    await thumb.link("/en/checkout")
    assert "26.00" in thumb.page
    assert ADDRESS["line"] in thumb.page
    gone = await thumb.button('/en/checkout/quo_[^"]+')
    assert way(gone).startswith("http://sandbox.test/pay/")
    # The third tap is the gateway's own button.
    thumb.taps += 1
    listed = good(await lin.get("/store/v1/orders"))["items"][0]
    tender = (await world.payable(ids.read("trd", listed["id"]))).tenders[0]
    await world.client.act((await world.client.query(str(tender.id))).gateway_no, "approve")
    thumb.steps += 1
    assert "seal-good" in (await lin.get(f"/en/paid/{listed['id']}")).text
    assert (thumb.taps, thumb.steps) == (MOST_TAPS, MOST_STEPS)


async def test_a_double_tap_is_one_order_and_one_payment(world: World, visitor: Visitor) -> None:
    lin, _ = await returning(world, visitor)
    page = (await lin.get("/en/checkout")).text
    action = re.search(r'action="(/en/checkout/quo_[^"]+)"', page)
    assert action
    body = {"_idempotency_key": hidden(page, "_idempotency_key"), "method": "wallet", "note": "放门口"}
    first, second = await lin.post(action[1], data=body), await lin.post(action[1], data=body)
    assert way(first) == way(second)
    orders = good(await lin.get("/store/v1/orders"))["items"]
    assert len(orders) == 1
    assert len((await world.payable(ids.read("trd", orders[0]["id"]))).tenders) == 1
    assert "放门口" in (await lin.get(f"/zh/orders/{orders[0]['id']}")).text


async def test_what_changed_is_said_and_the_new_offer_stands_ready(world: World, visitor: Visitor) -> None:
    lin, tea = await returning(world, visitor, price=1000)
    page = (await lin.get("/en/checkout")).text
    old = re.search(r'action="/en/checkout/(quo_[^"]+)"', page)
    assert old
    world.clock.advance(timedelta(seconds=1))
    assert world.list_id is not None
    async with world.db.transaction() as tx:
        await pricing.set_prices(
            tx, list_id=world.list_id, prices=[pricing.NewPrice(sku_id=ids.read("sku", tea), amount=1250)],
            valid_from=world.clock.now(), by="system", now=world.clock.now(),
        )  # fmt: skip
    body = {"_idempotency_key": hidden(page, "_idempotency_key"), "method": "wallet"}
    answer = await lin.post(f"/en/checkout/{old[1]}", data=body)
    assert answer.status_code == 409
    assert "10.00" in answer.text
    assert "12.50" in answer.text
    fresh = re.search(r'action="/en/checkout/(quo_[^"]+)"', answer.text)
    assert fresh
    assert fresh[1] != old[1]
    assert good(await lin.get("/store/v1/orders"))["items"] == []
    body = {"_idempotency_key": hidden(answer.text, "_idempotency_key"), "method": "wallet"}
    assert way(await lin.post(f"/en/checkout/{fresh[1]}", data=body)).startswith("http://sandbox.test/pay/")
    assert good(await lin.get("/store/v1/cart"))["lines"] == []


async def test_the_cart_tells_what_a_thing_cost_when_it_was_put_in(world: World, visitor: Visitor) -> None:
    lin, tea = await returning(world, visitor, price=1000)
    world.clock.advance(timedelta(seconds=1))
    assert world.list_id is not None
    async with world.db.transaction() as tx:
        await pricing.set_prices(
            tx, list_id=world.list_id, prices=[pricing.NewPrice(sku_id=ids.read("sku", tea), amount=880)],
            valid_from=world.clock.now(), by="system", now=world.clock.now(),
        )  # fmt: skip
    page = (await lin.get("/en/cart")).text
    assert 'class="small down"' in page
    assert "1.20" in page


async def test_taking_out_can_be_undone(world: World, visitor: Visitor) -> None:
    lin, tea = await returning(world, visitor)
    cart = (await lin.get("/en/cart")).text
    form = {"_csrf": hidden(cart, "_csrf"), "sku": tea}
    after = await lin.get(way(await lin.post("/en/cart/line", data={**form, "qty": "2", "remove": "1"})))
    assert good(await lin.get("/store/v1/cart"))["lines"] == []
    assert f'value="{tea}"' in after.text
    await lin.post("/en/cart/line", data={**form, "qty": hidden(after.text, "qty")})
    assert good(await lin.get("/store/v1/cart"))["lines"][0]["qty"] == 2
    # A script gets the cart back instead of being led to it.
    partial = await lin.post("/en/cart/line", data={**form, "qty": "5"}, headers={"HX-Request": "true"})
    assert partial.status_code == 200
    assert 'id="cart"' in partial.text
    wrong = await lin.post("/en/cart/line", data={**form, "qty": "9999"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert 'id="cart"' in wrong.text


@pytest.mark.parametrize("script", [True, False])
async def test_a_pasted_address_fills_the_form(world: World, visitor: Visitor, *, script: bool) -> None:
    guest = visitor()
    tea = await world.sku()
    text = "收货人：李四，电话 138 0013 8000，地址：浙江杭州西湖区文三路 100 号 2 幢 301"
    headers = {"HX-Request": "true"} if script else {}
    filled = await guest.post(
        "/zh/checkout", data={"pasted": text, "verb": "read", "sku": sku(tea), "qty": "1"}, headers=headers
    )
    assert filled.status_code == 200
    for part in ('value="李四"', 'value="13800138000"', "<option selected>浙江省", "<option selected>杭州市"):
        assert part in filled.text
    assert "<option selected>西湖区" in filled.text
    lacking = await guest.post(
        "/zh/checkout", data={"pasted": "李四 13800138000", "verb": "read", "sku": sku(tea), "qty": "1"}
    )
    assert '<a href="#f-line">' in lacking.text


async def test_short_names_of_places_are_taken(world: World, visitor: Visitor) -> None:
    """What a browser without script sends may be typed: 杭州 is 杭州市, and the house knows where that lies."""
    guest = visitor()
    tea = await world.sku()
    typed = {**ADDRESS, "region": "浙江", "city": "杭州", "district": "西湖", "sku": sku(tea), "qty": "1"}
    offer = (await guest.get(way(await guest.post("/zh/checkout", data=typed)))).text
    assert "浙江省 杭州市 西湖区" in offer


async def test_a_payment_that_cannot_start_keeps_the_order(world: World, visitor: Visitor) -> None:
    lin, _ = await returning(world, visitor)
    page = (await lin.get("/en/checkout")).text
    action = re.search(r'action="(/en/checkout/quo_[^"]+)"', page)
    assert action
    key = hidden(page, "_idempotency_key")
    refused = await lin.post(action[1], data={"_idempotency_key": key, "method": "shells"})
    assert refused.status_code == 422
    assert good(await lin.get("/store/v1/orders"))["items"] == []


async def test_purchases_stand_under_what_they_wait_for(world: World, visitor: Visitor) -> None:
    lin, _ = await returning(world, visitor)
    page = (await lin.get("/en/checkout")).text
    action = re.search(r'action="(/en/checkout/quo_[^"]+)"', page)
    assert action
    await lin.post(action[1], data={"_idempotency_key": hidden(page, "_idempotency_key"), "method": "wallet"})
    trade = good(await lin.get("/store/v1/orders"))["items"][0]

    async def under(tab: str) -> bool:
        return trade["number"] in (await lin.get(f"/en/orders?tab={tab}")).text

    assert [await under(tab) for tab in ("all", "pay", "ship", "receive", "review", "returns")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    tender = (await world.payable(ids.read("trd", trade["id"]))).tenders[0]
    await world.client.act((await world.client.query(str(tender.id))).gateway_no, "approve")
    await lin.get(f"/en/paid/{trade['id']}")
    assert await under("ship")
    order = (await world.trade(ids.read("trd", trade["id"]))).orders[0]
    await world.deliver(order.id)
    assert await under("review")
    shown = (await lin.get(f"/en/orders/{trade['id']}")).text
    received = f"/en/orders/{trade['id']}/received/{ids.show('ord', order.id)}"
    assert received in shown
    csrf = {"_csrf": hidden(shown, "_csrf")}
    assert way(await lin.post(received, data=csrf)) == f"/en/orders/{trade['id']}?done=received"
    assert (await lin.post(received, data=csrf)).status_code == 409
    assert way(await lin.post(f"/en/orders/{trade['id']}/again", data=csrf)) == "/en/cart?added=1"
    assert good(await lin.get("/store/v1/cart"))["lines"][0]["qty"] == 2


async def test_shut_for_a_while(house: House, world: World) -> None:
    """A file in the house's folder: buyers are told when to come back, staff and health checks are let in."""
    assert world
    (house.settings.home / "maintenance").write_text("1800")
    transport = httpx.ASGITransport(create_app(house), client=("198.51.100.9", 5))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as reader:
        page = await reader.get("/zh/", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "1800")
        assert "req_" in page.text
        assert (await reader.get("/store/v1/products")).json()["code"] == "http.maintenance"
        assert (await reader.get("/health/live")).status_code == 200
        assert (await reader.get("/console/sign-in")).status_code == 200


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_pages_of_text(visitor: Visitor, lang: str) -> None:
    reader = visitor()
    for topic in ("help", "shipping", "returns-policy", "privacy", "terms", "about"):
        page = await reader.get(f"/{lang}/{topic}")
        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        for link in re.findall(rf'<a href="(/{lang}/[a-z-]+)"', page.text):
            assert (await reader.get(link)).status_code in {200, 303}, link


async def test_a_page_that_is_not_there_helps_on(world: World, visitor: Visitor) -> None:
    assert world
    page = await visitor().get("/en/p/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    for help_ in ('action="/en/search"', 'href="/en/categories"', 'href="/en/help"', "req_"):
        assert help_ in page.text
