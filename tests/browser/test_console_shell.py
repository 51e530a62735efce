"""The console's frame in a real browser: its door, what a role may, finding things, news without reload, a phone."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from daji.faces.cli.demoshop.people import ACCOUNTS
from daji.faces.console.page import BASE
from tests.browser.conftest import OpenPage
from tests.browser.walks import fits
from tests.faces.store.shopping import ADDRESS, CONTACT, key
from tests.live import LiveShop

# Asked for first: without a browser no shop need be opened.
pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("chromium")]

MESSAGES = Path(__file__).parents[2] / "web" / "console" / "src" / "messages" / "zh"
WORDS: dict[str, Any] = {}
for name in ("shell", "kit", "orders", "overview", "words"):
    WORDS |= json.loads((MESSAGES / f"{name}.json").read_text())


def say(path: str, **params: object) -> str:
    """The console's words in Chinese, so that a test does not break when they are put better."""
    found: Any = WORDS
    for step in path.split("."):
        found = found[step]
    for word, value in params.items():
        found = found.replace(f"{{{word}}}", str(value))
    assert isinstance(found, str)
    return found


def password_of(role: str) -> tuple[str, str]:
    found = next(one for one in ACCOUNTS if one.role == role)
    return found.login, found.password


async def enter(page: Page, shop: LiveShop, path: str, role: str) -> None:
    login, password = password_of(role)
    await page.goto(f"{shop.url}{BASE}{path}")
    await page.get_by_label(say("shell.signIn.email")).fill(login)
    await page.get_by_label(say("shell.signIn.password")).fill(password)
    await page.get_by_role("button", name=say("shell.signIn.enter")).click()
    await page.wait_for_url(f"{shop.url}{BASE}{path}")


def order_something(shop: LiveShop) -> Any:
    """Somebody places an order and does not pay yet."""
    with httpx.Client(base_url=f"{shop.url}/store/v1", headers={"Origin": shop.url}, timeout=30) as guest:
        for card in guest.get("/products").json()["items"]:
            product = guest.get(f"/products/{card['slug']}").json()
            for sku in product["skus"]:
                wish = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": sku["id"], "qty": 1}]}
                offer = guest.post("/quotes", json=wish)
                if offer.is_success:
                    placed = guest.post("/orders", json={"quote_id": offer.json()["id"]}, headers=key())
                    assert placed.is_success, placed.text
                    return placed.json()
    raise AssertionError("nothing is for sale")


async def test_the_door_refuses_lets_in_and_leads_on(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page(desk=True)
    login, password = password_of("operator")
    await page.goto(f"{live_shop.url}{BASE}/parcels?late=1")
    await page.get_by_label(say("shell.signIn.email")).fill(login)
    await page.get_by_label(say("shell.signIn.password")).fill("not-the-password-1")
    await page.get_by_label(say("shell.signIn.password")).press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label(say("shell.signIn.password")).fill(password)
    await page.get_by_label(say("shell.signIn.password")).press("Enter")
    await page.wait_for_url(f"{live_shop.url}{BASE}/parcels?late=1")
    await expect(page.get_by_role("heading", name=say("orders.parcels.title"))).to_be_visible()
    await page.get_by_role("button", name=re.compile("^账号")).click()
    await page.get_by_role("menuitem", name=say("shell.signOut")).click()
    await expect(page.get_by_role("heading", name=say("shell.signIn.title"))).to_be_visible()
    await page.goto(f"{live_shop.url}{BASE}/orders")
    await expect(page.get_by_role("heading", name=say("shell.signIn.title"))).to_be_visible()


async def test_a_new_order_appears_by_itself_and_is_cancelled(
    live_shop: LiveShop, open_page: OpenPage
) -> None:
    page = await open_page(desk=True)
    await enter(page, live_shop, "/orders", "operator")
    await expect(page.get_by_role("img", name=say("shell.live"))).to_be_visible()
    await expect(page.locator("tbody tr[data-index]").first).to_be_visible()
    placed = await asyncio.to_thread(order_something, live_shop)
    row = page.locator("tr", has_text=placed["number"])
    await expect(row).to_be_visible()
    await expect(row).to_contain_text(say("words.trade.placed"))

    await row.get_by_role("link").click()
    await page.wait_for_url(re.compile(rf"{BASE}/orders/{placed['id']}$"))
    await page.get_by_role("button", name=say("orders.cancelAll")).click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_role("button", name=say("orders.cancelNow")).click()
    await expect(sheet.get_by_text(say("kit.reasonNeeded"))).to_be_visible()
    await sheet.get_by_label(say("kit.reason")).select_option("buyer_request")
    await sheet.get_by_role("button", name=say("orders.cancelNow")).click()
    await expect(page.locator(".pagehead").get_by_text(say("words.trade.cancelled"))).to_be_visible()
    await expect(page.get_by_role("button", name=say("orders.cancelAll"))).to_have_count(0)

    await page.get_by_label(say("orders.noteText")).fill("买家来电要求取消")
    await page.get_by_role("button", name=say("orders.noteSave")).click()
    await expect(page.locator(".story").get_by_text("买家来电要求取消")).to_be_visible()


async def test_a_role_sees_and_does_only_its_own(live_shop: LiveShop, open_page: OpenPage) -> None:
    placed = await asyncio.to_thread(order_something, live_shop)
    page = await open_page(desk=True)
    await enter(page, live_shop, f"/orders/{placed['id']}", "warehouse")
    await expect(page.get_by_role("heading", name=placed["number"], exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name=say("orders.cancelAll"))).to_have_count(0)
    refused = await page.evaluate(
        """async (trade) => {
          const me = (await (await fetch('/console/v1/session')).json()).me;
          const answer = await fetch(`/console/v1/orders/${trade}/cancel`, {
            method: 'POST', body: JSON.stringify({ reason: 'other' }),
            headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf, 'Idempotency-Key': 'k1' } });
          return [answer.status, (await answer.json()).code];
        }""",
        placed["id"],
    )
    assert refused == [403, "forbidden"]
    navigation = page.get_by_role("navigation", name=say("shell.nav"))
    await expect(navigation.get_by_role("link", name=say("orders.title"))).to_be_visible()
    await page.goto(f"{live_shop.url}{BASE}/audit")
    await expect(page.get_by_text(say("shell.lost.forbiddenText"))).to_be_visible()


async def test_anything_is_found_from_the_keyboard(live_shop: LiveShop, open_page: OpenPage) -> None:
    placed = await asyncio.to_thread(order_something, live_shop)
    page = await open_page(desk=True)
    await enter(page, live_shop, "/", "admin")
    await expect(page.locator(".figure").first).to_be_visible()
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name=say("shell.palette.title"))
    await expect(field).to_be_focused()
    await field.press_sequentially(placed["number"].lower())
    await expect(page.get_by_role("option", name=re.compile(placed["number"]))).to_be_visible()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(placed["id"]))

    await page.locator("body").press("?")
    await expect(page.get_by_role("dialog", name=say("shell.shortcuts.title"))).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("o")
    await page.wait_for_url(f"{live_shop.url}{BASE}/orders")
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox", name=say("orders.search"))).to_be_focused()
    await page.keyboard.type(placed["number"])
    await page.wait_for_url(re.compile(rf"text={placed['number']}$"))
    await expect(page.locator("tbody tr[data-index]")).to_have_count(1)


async def test_filters_stand_in_the_address_and_are_kept_as_a_view(
    live_shop: LiveShop, open_page: OpenPage
) -> None:
    page = await open_page(desk=True)
    await enter(page, live_shop, "/orders?status=completed", "service")
    await expect(page.get_by_role("button", name=say("words.trade.completed"), pressed=True)).to_be_visible()
    await page.get_by_role("button", name=say("words.trade.cancelled"), exact=True).click()
    await page.wait_for_url(re.compile(r"\?status=cancelled$"))
    await page.get_by_role("button", name=say("kit.views.title"), exact=True).click()
    await page.get_by_role("menuitem", name=say("kit.views.save")).click()
    await page.get_by_label(say("kit.views.name")).fill("已取消的单")
    await page.get_by_role("button", name=say("kit.save"), exact=True).click()
    await page.get_by_role("button", name=say("kit.clearFilters")).click()
    await page.wait_for_url(f"{live_shop.url}{BASE}/orders")

    await page.reload()
    await page.get_by_role("button", name=say("kit.views.title"), exact=True).click()
    await page.get_by_role("menuitemradio", name="已取消的单").click()
    await page.wait_for_url(re.compile(r"\?status=cancelled$"))


async def test_a_phone_has_everything_under_the_thumb(live_shop: LiveShop, open_page: OpenPage) -> None:
    await asyncio.to_thread(order_something, live_shop)
    page = await open_page()
    await enter(page, live_shop, "/", "operator")
    await expect(page.locator(".figure").first).to_be_visible()
    await fits(page)
    quick = page.get_by_role("navigation", name=say("shell.quickNav"))
    await quick.get_by_role("link", name=say("orders.title")).tap()
    await page.wait_for_url(f"{live_shop.url}{BASE}/orders")
    await fits(page)
    await page.locator(".cards li a").first.tap()
    await expect(page.locator(".pagehead h1")).to_be_visible()
    await fits(page)
    await quick.get_by_role("button", name=say("shell.allPages")).tap()
    drawer = page.get_by_role("dialog", name=say("shell.allPages"))
    await drawer.get_by_role("link", name=say("orders.parcels.title")).tap()
    await page.wait_for_url(f"{live_shop.url}{BASE}/parcels")
    await expect(drawer).to_be_hidden()
    await fits(page)


async def test_language_and_theme_are_chosen_and_remembered(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page(desk=True)
    await enter(page, live_shop, "/orders", "operator")
    await page.get_by_role("button", name=say("shell.theme")).click()
    await page.get_by_role("menuitemradio", name=say("shell.themes.dark")).click()
    await page.get_by_role("button", name=say("shell.language")).click()
    await page.get_by_role("menuitemradio", name="English").click()
    await expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    html = page.locator("html")
    await expect(html).to_have_attribute("data-theme", "dark")
    await expect(html).to_have_class(re.compile("dark"))
