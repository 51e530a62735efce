"""Buying with fingers, with keys alone, with an address that was pasted; what comes after, with pictures."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.browser import walks
from tests.browser.conftest import OpenPage
from tests.browser.walks import PASSWORD, fits, say
from tests.live import LiveShop

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("chromium")]

GOODS, OPTION = "长绒棉毛巾", "晴空"
MEMBER = ("shopper@daji.example", "dajibuys2026")
PASTED = "收货人：李远\n电话：139 0000 0001\n地址：西藏拉萨城关区北京中路 35 号，邮编 850000"
MOST_TAPS = 3
MOST_KEYS = 120


async def sign_in(page: Page, shop: LiveShop) -> None:
    await page.goto(f"{shop.url}/zh/login?next=/account")
    await page.locator("#f-account").fill(MEMBER[0])
    await page.locator("#f-password").fill(MEMBER[1])
    await page.locator("#f-password").press("Enter")
    await page.wait_for_url(re.compile(r"/zh/account$"))
    await fits(page)


@pytest.mark.parametrize("desk", [False, True], ids=["390", "1280"])
async def test_a_member_pays_in_three_taps(live_shop: LiveShop, open_page: OpenPage, *, desk: bool) -> None:
    page = await open_page(desk=desk)
    await sign_in(page, live_shop)
    await walks.put_into_cart(page, live_shop, search=GOODS, option=OPTION, pieces=1)
    taps = 0
    for tap in (
        page.get_by_role("link", name=say("cart.checkout")),
        page.locator("#buy button"),
        page.locator("button.pay"),
    ):
        if await page.locator("#password").count():
            await page.locator("#password").fill(PASSWORD)
        await tap.click()
        taps += 1
        await page.wait_for_url(
            re.compile((r"/zh/checkout$", r"/pay/(?!trd_)\w+", r"/zh/paid/trd_")[taps - 1])
        )
    await expect(page.get_by_role("heading", name=say("paid.paid"))).to_be_visible()
    await fits(page)
    assert taps == MOST_TAPS


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_a_guest_pastes_an_address(live_shop: LiveShop, open_page: OpenPage, *, script: bool) -> None:
    phone = await open_page(script=script)
    await walks.put_into_cart(phone, live_shop, search=GOODS, option=OPTION, pieces=1)
    await phone.get_by_role("link", name=say("cart.checkout")).click()
    await phone.locator("#pasted").fill(PASTED)
    await phone.get_by_role("button", name=say("buy.paste_do")).click()
    await expect(phone.locator("#f-name")).to_have_value("李远")
    await expect(phone.locator("#f-phone")).to_have_value("13900000001")
    for name, value in (("region", "西藏自治区"), ("city", "拉萨市"), ("district", "城关区")):
        await expect(phone.locator(f"#f-{name}")).to_have_value(value)
    await expect(phone.locator("#f-postcode")).to_have_value("850000")
    await fits(phone)
    await phone.get_by_role("button", name=say("checkout.to_quote")).click()
    await phone.wait_for_url(re.compile(r"/zh/checkout/quo_"))
    await walks.pay(phone)


async def test_the_cart_changes_at_a_touch(live_shop: LiveShop, open_page: OpenPage) -> None:
    """Totals follow the stepper without a reload; what was taken out comes back."""
    phone = await open_page()
    await walks.put_into_cart(phone, live_shop, search=GOODS, option=OPTION, pieces=1)
    await phone.evaluate("window.stayed = true")
    one = walks.cents(await phone.locator("main .sum .price").inner_text())
    await phone.locator('.stepper [data-step="1"]').click()
    await expect(phone.locator("main .qty")).to_have_value("2")
    await expect(phone.locator("main .sum .price")).to_contain_text(f"{2 * one / 100:.2f}")
    await expect(phone.locator("[data-cart-count]").last).to_have_text("2")
    await phone.get_by_role("button", name=re.compile(say("cart.remove"))).click()
    await phone.get_by_role("button", name=say("buy.undo")).click()
    await expect(phone.locator("main .qty")).to_have_value("2")
    assert await phone.evaluate("window.stayed")
    await fits(phone)


@pytest.mark.parametrize("desk", [False, True], ids=["390", "1280"])
async def test_a_purchase_with_keys_alone(live_shop: LiveShop, open_page: OpenPage, *, desk: bool) -> None:
    """Tab, space, enter, letters: from a product to a paid order."""
    page = await open_page(desk=desk)
    await sign_in(page, live_shop)
    await page.goto(f"{live_shop.url}/zh/search?q={GOODS}")
    await press(page, page.locator("main a[href*='/zh/p/']").first)
    await page.wait_for_url(re.compile(r"/zh/p/"))
    await press(page, page.locator("button[name=now]:visible").first)
    await page.wait_for_url(re.compile(r"/zh/checkout\?"))
    await press(page, page.locator("#buy button"))
    await page.wait_for_url(re.compile(r"/pay/(?!trd_)\w+"))
    await reach(page, page.locator("#password"))
    await page.keyboard.type(PASSWORD)
    await press(page, page.locator("button.pay"))
    await page.wait_for_url(re.compile(r"/zh/paid/trd_"))
    await expect(page.get_by_role("heading", name=say("paid.paid"))).to_be_visible()


async def press(page: Page, target: Locator) -> None:
    await reach(page, target)
    await page.keyboard.press("Enter")


async def reach(page: Page, target: Locator) -> None:
    """Go on by Tab until the focus is there, and see that it shows."""
    for _ in range(MOST_KEYS):
        await page.keyboard.press("Tab")
        if await target.evaluate("element => element === document.activeElement"):
            assert await target.evaluate("element => element.matches(':focus-visible')")
            return
    raise AssertionError(f"{page.url}: not reached by keyboard")


async def test_pictures_go_with_a_return_and_a_review(live_shop: LiveShop, open_page: OpenPage) -> None:
    """Photos of returned goods are the buyer's and the shop's; those of a review are everybody's."""
    phone = await open_page()
    await sign_in(phone, live_shop)
    await phone.goto(f"{live_shop.url}/zh/orders?tab=review")
    await phone.get_by_role("link", name=say("orders.look")).first.click()
    order_url = phone.url
    await phone.get_by_role("link", name=re.compile(say("order.review"))).first.click()
    await phone.locator("label:has(input[value='5'])").click()
    await phone.locator("#text").fill("摸着很舒服，颜色也正。")
    await phone.locator("#photo").set_input_files(
        [{"name": f"{n}.png", "mimeType": "image/png", "buffer": drawn(n)} for n in range(3)]
    )
    await expect(phone.locator("#previews img")).to_have_count(3)
    await fits(phone)
    await phone.get_by_role("button", name=say("review.send")).click()
    await expect(phone.get_by_text(say("order.done_reviewed"))).to_be_visible()
    await phone.get_by_role("link", name=say("order.reviewed")).first.click()
    await expect(phone.locator("main .card img[src*='/media/']").first).to_be_visible()
    assert order_url


def drawn(n: int) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), ("teal", "tan", "navy")[n % 3]).save(picture, "PNG")
    return picture.getvalue()
