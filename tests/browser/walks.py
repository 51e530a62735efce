"""What a buyer and the staff do with their fingers, step by step, on a living shop."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

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


def told(key: str, **params: object) -> str:
    """The console's words."""
    return WORDS.text("zh", f"console.{key}", **params)


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
    await page.get_by_role("searchbox").fill(search)
    await page.get_by_role("button", name=say("search.go")).click()
    await page.locator("main").get_by_role("link", name=re.compile(search)).first.click()
    await page.get_by_role("link", name=option, exact=True).click()
    await expect(page.get_by_role("link", name=option, exact=True)).to_have_attribute("aria-current", "true")
    await fits(page)
    await page.get_by_label(say("qty"), exact=True).fill(str(pieces))
    await page.get_by_role("button", name=say("product.add")).click()
    await expect(page.locator("main .qty")).to_have_value(str(pieces))
    await fits(page)


async def place_order(page: Page, address: dict[str, str]) -> str:
    """From the cart to a placed order; the id of the purchase."""
    await page.get_by_role("link", name=say("cart.checkout")).click()
    for name, value in address.items():
        await page.locator(f"#f-{name}").fill(value)
    await fits(page)
    await page.get_by_role("button", name=say("checkout.to_quote")).click()
    await expect(page.get_by_text(say("sum.freight")).first).to_be_visible()
    # The promise of a day, and the price of the way.
    promise = say("confirm.by", date="@").partition("@")
    await expect(page.get_by_text(re.compile(f"{promise[0]}\\d{{4}}.*{promise[2]}"))).to_be_visible()
    await fits(page)
    await page.get_by_role("button", name=say("confirm.place")).click()
    await page.wait_for_url(re.compile(r"/zh/pay/trd_\w+$"))
    await fits(page)
    return page.url.rsplit("/", 1)[1]


async def go_to_gateway(page: Page) -> None:
    button = page.locator("main form button.btn-big")
    await button.click()
    await page.wait_for_url(re.compile(r"/pay/(?!trd_)\w+"))
    await page.locator("#password").fill(PASSWORD)


async def pay(page: Page) -> None:
    """Pay in the gateway's own page, come back, and see that it is paid."""
    await go_to_gateway(page)
    await page.locator("button.pay").click()
    await page.wait_for_url(re.compile(r"/zh/paid/trd_"))
    await expect(page.get_by_role("heading", name=say("paid.paid"))).to_be_visible()
    await fits(page)


async def sign_in(page: Page, shop: LiveShop, role: str) -> None:
    account = next(one for one in ACCOUNTS if one.role == role)
    await page.goto(f"{shop.url}/console/login")
    await page.get_by_label(told("login.email")).fill(account.login)
    await page.get_by_label(told("login.password")).fill(account.password)
    await page.get_by_role("button", name=told("login.enter")).click()
    await page.wait_for_url(f"{shop.url}/console/")


async def ship(page: Page, shop: LiveShop, trade: str) -> None:
    """Find the order, pick all of it, weigh the box, hand it over."""
    await page.goto(f"{shop.url}/console/orders/{trade}")
    await page.locator('a[href^="/console/work/ord_"]').click()
    await page.get_by_role("button", name=told("work.take_all")).click()
    await page.get_by_label(told("work.weight")).fill("1200")
    await page.get_by_role("button", name=told("work.close_box")).click()
    await page.get_by_role("button", name=told("work.give_away")).click()
    await expect(page.get_by_text(told("work.is_gone")).first).to_be_visible()


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
