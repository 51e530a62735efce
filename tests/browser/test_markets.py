"""From one currency to the other and back, on the page where one stands, with script and without."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.walks import WORDS, fits
from tests.live import LiveShop

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("chromium")]


def say(key: str, **params: object) -> str:
    return WORDS.text("en", f"store.{key}", **params)


async def switch(page: Page, currency: str) -> None:
    """Take the link at the foot of the page, as a phone does."""
    foot = page.get_by_role("navigation", name=say("front.currency"))
    await foot.get_by_role("link", name=re.compile(f"{currency}$")).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("desk", [False, True], ids=["390 px", "1280 px"])
async def test_a_shopper_changes_the_currency_and_stays_on_the_page(
    live_shop: LiveShop, open_page: OpenPage, *, desk: bool, script: bool
) -> None:
    page = await open_page(desk=desk, script=script)
    await page.goto(f"{live_shop.url}/en/search?q=kettle&price=100-99999900&sort=price_up")
    await page.locator("main a[href*='/en/p/']").first.click()
    await page.wait_for_url(re.compile(r"/en/p/"))
    here = re.sub(r".*/en/", "", page.url)
    price = page.locator("[data-price] .price").first
    await expect(price).to_contain_text("CN¥")
    if desk:
        await page.get_by_role("link", name=say("front.in_currency", code="USD", name="US Dollar")).click()
    else:
        await switch(page, "USD")
    await page.wait_for_url(f"{live_shop.url}/en-usd/{here}")
    await expect(price).to_contain_text(re.compile(r"^\$\d"))
    await expect(page.locator("#way")).to_contain_text(say("country.US"))
    await expect(page.locator("#way")).to_contain_text(re.compile(r"\$\d|Free|free"))
    await fits(page)
    # The page has the button twice on a phone: beside the thumb, and where the goods are described.
    await page.locator("button:visible", has_text=say("product.add")).first.click()
    if script:
        await expect(page.locator("#toasts .toast")).to_be_visible()
    await page.goto(f"{live_shop.url}/en-usd/cart")
    await expect(page.locator("main .price").first).to_contain_text("$")
    await expect(page.locator("main .qty")).to_have_count(1)
    await fits(page)
    await switch(page, "CNY")
    await page.wait_for_url(f"{live_shop.url}/en/cart")
    await expect(page.locator("main .qty")).to_have_count(0)
    await switch(page, "USD")
    await page.wait_for_url(f"{live_shop.url}/en-usd/cart")
    await page.get_by_role("link", name="中文").first.click()
    await page.wait_for_url(re.compile(r"/zh-usd/cart"))
    await expect(page.locator("main .qty")).to_have_count(1)


async def test_an_amount_does_not_follow_into_another_currency(
    live_shop: LiveShop, open_page: OpenPage
) -> None:
    page = await open_page(desk=True)
    await page.goto(f"{live_shop.url}/en/search?q=tea&price=5000-10000&sort=price_up")
    await switch(page, "USD")
    await expect(page).to_have_url(re.compile(r"/en-usd/search\?(q=tea&sort=price_up|sort=price_up&q=tea)$"))
    await expect(page.locator("#goods .price").first).to_contain_text("$")
    prices = [
        float(text.strip("$"))
        for text in await page.locator("#goods .price").all_inner_texts()
        if text.startswith("$")
    ]
    assert prices == sorted(prices)
    assert len(prices) > 3
