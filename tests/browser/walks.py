"""What a buyer and the staff do with their fingers, step by step, on a living shop."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.async_api import Page, expect

from daji.adapters.carrier.simulated.signing import Signer
from daji.boot import MESSAGES
from daji.faces.cli.demoshop.people import ACCOUNTS
from daji.fulfil.delivery.ports import EventCode, TrackingEvent
from daji.kit import ids
from daji.kit.i18n import Catalogue
from tests.live import LiveShop

PASSWORD = "888888"
WORDS = Catalogue(MESSAGES)
FAR_AWAY = {
    "name": "李远",
    "phone": "13900000001",
    "region": "西藏自治区",
    "city": "拉萨市",
    "district": "城关区",
    "line": "北京中路 35 号",
    "postcode": "850000",
}
MONEY = re.compile(r"¥[\d,]+\.\d\d")
TRACKING = re.compile(r"DJ\d{9}CN")
SCANS: tuple[EventCode, ...] = ("picked_up", "in_transit", "out_for_delivery", "delivered")


def say(key: str, **params: object) -> str:
    """The store's words in Chinese, so that a test does not break when they are put better."""
    return WORDS.text("zh", f"store.{key}", **params)


def cents(text: str) -> int:
    """The first amount in a text, in fen."""
    found = MONEY.search(text)
    assert found, text
    return int(re.sub(r"[¥,.]", "", found[0]))


async def fits(page: Page) -> None:
    """Nothing sticks out of the phone's side."""
    wide = await page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px wider than the screen"


async def put_into_cart(page: Page, shop: LiveShop, *, search: str, option: str, pieces: int) -> None:
    """Find goods by words, choose a SKU, put some into the cart."""
    await page.goto(f"{shop.url}/zh/")
    await fits(page)
    await page.locator("#q").fill(search)
    await page.get_by_role("button", name=say("search.go")).click()
    await page.locator("main").get_by_role("link", name=re.compile(search)).first.click()
    await page.get_by_role("link", name=option, exact=True).click()
    await expect(page.get_by_role("link", name=option, exact=True)).to_have_attribute("aria-current", "true")
    await fits(page)
    await page.get_by_label(say("qty"), exact=True).fill(str(pieces))
    await page.get_by_role("button", name=say("product.add")).click()
    await expect(page.locator("#toasts .toast, #cart").first).to_be_visible()
    await page.goto(f"{shop.url}/zh/cart")
    # What was put in last stands last.
    await expect(page.locator("main .qty").last).to_have_value(str(pieces))
    await fits(page)


async def place_order(page: Page, address: dict[str, str]) -> None:
    """From the cart to an offer that says what it costs and when it comes; its button places and pays."""
    await page.get_by_role("link", name=say("cart.checkout")).click()
    await fill_address(page, address)
    await fits(page)
    await page.get_by_role("button", name=say("checkout.to_quote")).click()
    await page.wait_for_url(re.compile(r"/zh/checkout/quo_\w+$"))
    await expect(page.get_by_text(say("sum.freight")).first).to_be_visible()
    # The promise of a day, and the price of the way.
    promise = say("confirm.by", date="@").partition("@")
    await expect(page.get_by_text(re.compile(f"{promise[0]}\\d{{4}}.*{promise[2]}")).first).to_be_visible()
    await fits(page)


async def fill_address(page: Page, address: dict[str, str]) -> None:
    """Fill each field as it is: choose where there is a choice, type where there is none."""
    for name, value in address.items():
        field = page.locator(f"#f-{name}")
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
            if name in {"region", "city"} and await page.evaluate("document.documentElement.className"):
                # The next choice comes with the answer.
                inner = {"region": "city", "city": "district"}[name]
                await expect(page.locator(f"select#f-{inner}")).to_be_visible()
        else:
            await field.fill(value)


async def go_to_gateway(page: Page) -> None:
    button = page.locator("main form button.btn-big")
    await button.click()
    await page.wait_for_url(re.compile(r"/pay/(?!trd_)\w+"))
    await page.locator("#password").fill(PASSWORD)


async def pay(page: Page) -> str:
    """Pay in the gateway's own page, come back, and see that it is paid; the id of the purchase."""
    await go_to_gateway(page)
    await page.locator("button.pay").click()
    await page.wait_for_url(re.compile(r"/zh/paid/trd_"))
    await expect(page.get_by_role("heading", name=say("paid.paid"))).to_be_visible()
    await fits(page)
    found = re.search(r"/paid/(trd_\w+)", page.url)
    assert found
    return found[1]


class Staff:
    """Somebody at work, by the console's API: what their pages do is proved where the pages are."""

    def __init__(self, shop: LiveShop, role: str) -> None:
        account = next(one for one in ACCOUNTS if one.role == role)
        self._api = f"{shop.url}/console/v1"
        self._headers: dict[str, str] = {}
        token = self.do("/login", {"email": account.login, "password": account.password})["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def do(self, path: str, body: object) -> Any:
        headers = self._headers | {"Idempotency-Key": str(ids.new_id())}
        answer = httpx.post(self._api + path, json=body, headers=headers, timeout=20)
        assert answer.is_success, answer.text
        return answer.json()

    def see(self, path: str) -> Any:
        answer = httpx.get(self._api + path, headers=self._headers, timeout=20)
        assert answer.is_success, answer.text
        return answer.json()

    def ship(self, trade: str) -> None:
        """Pick all of an order, weigh the box, hand it over."""
        order = self.see(f"/orders/{trade}")["trade"]["orders"][0]["id"]
        self.do(f"/pick-lists/{order}/pick", {})
        self.do(f"/pick-lists/{order}/pack", {"weight_g": 1200})
        self.do(f"/pick-lists/{order}/ship", {})

    def take_back(self, case: str) -> None:
        """Say yes, take the goods in as good as new, let the money go back."""
        self.do(f"/cases/{case}/approve", {})
        found = self.see(f"/cases/{case}")
        trade = self.see(f"/orders/{found['trade_id']}")["trade"]
        site = next(one["site_id"] for one in trade["orders"] if one["id"] == found["order_id"])
        grades = [{"unit_id": unit["unit_id"], "grade": "restock"} for unit in found["units"]]
        self.do(f"/cases/{case}/receive", {"site_id": site, "grades": grades})


def drive(shop: LiveShop, tracking_no: str) -> None:
    """Days on the road in a moment: the carrier's webhooks, signed with the installation's secret."""
    signer = Signer((shop.home / "secret").read_bytes())
    now = datetime.now(UTC)
    for n, code in enumerate(SCANS):
        event = TrackingEvent(
            event_id=str(ids.new_id()),
            tracking_no=tracking_no,
            code=code,
            at=now - timedelta(seconds=len(SCANS) - n),
            place="拉萨市",
        )
        notice = signer.sign((event,), now)
        answer = httpx.post(
            f"{shop.url}/notify/carriers/simulated", content=notice.body, headers=notice.headers, timeout=20
        )
        assert answer.status_code == 200, answer.text
