"""The whole way of three things: seen, wanted, paid, packed, carried, one given back, its exact share refunded."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys

import pytest
from playwright.async_api import Page, expect

from tests.browser import walks
from tests.browser.conftest import OpenPage
from tests.browser.walks import cents, fits, say
from tests.live import ROOT, LiveShop

# Asked for first: without a browser no shop need be opened.
pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("chromium")]

GOODS, OPTION = "长绒棉毛巾", "晴空"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_one_of_three_comes_back_u40(live_shop: LiveShop, open_page: OpenPage, *, script: bool) -> None:
    """U-40: the unit's frozen paid share is what goes back; with a browser that runs no script just the same."""
    phone = await open_page(script=script)
    await walks.put_into_cart(phone, live_shop, search=GOODS, option=OPTION, pieces=3)
    await walks.place_order(phone, walks.FAR_AWAY)
    trade = await walks.pay(phone)

    staff = await asyncio.to_thread(walks.Staff, live_shop, "operator")
    await asyncio.to_thread(staff.ship, trade)

    order_url = f"{live_shop.url}/zh/orders/{trade}"
    await phone.goto(order_url)
    tracking = await phone.get_by_text(walks.TRACKING).first.text_content()
    walks.drive(live_shop, (tracking or "").strip())
    await phone.reload()
    await expect(phone.get_by_text(say("delivery.delivered"), exact=True).first).to_be_visible()
    shares = await paid_shares(phone)
    assert len(shares) == 3

    case_url = await ask_one_back(phone, shares[0])
    await asyncio.to_thread(staff.take_back, case_url.rsplit("/", 1)[1])

    await phone.goto(case_url)
    await expect(phone.locator("h1 + .tag-good")).to_have_text(say("case.refunded"))
    assert cents(await phone.locator("main .price").first.inner_text()) == shares[0]
    await phone.goto(order_url)
    await phone.locator("main .pieces summary").first.click()
    first = phone.locator("main .pieces li").first
    await expect(first).to_contain_text(say("order.refunded_share", amount=f"¥{shares[0] / 100:.2f}"))
    refunded = phone.locator("dt", has_text=say("order.refunded")).locator("xpath=following-sibling::dd[1]")
    assert cents(await refunded.inner_text()) == shares[0]
    await fits(phone)
    await audit(live_shop)


async def test_a_refused_payment_can_be_tried_again(live_shop: LiveShop, open_page: OpenPage) -> None:
    phone = await open_page()
    await walks.put_into_cart(phone, live_shop, search=GOODS, option=OPTION, pieces=1)
    await walks.place_order(phone, walks.FAR_AWAY)
    await walks.go_to_gateway(phone)
    await phone.locator('button[value="decline"]').click()
    await phone.wait_for_url(re.compile(r"/zh/paid/trd_"))
    await expect(phone.get_by_role("heading", name=say("paid.failed"))).to_be_visible()
    await phone.get_by_role("link", name=say("paid.retry")).click()
    trade = await walks.pay(phone)
    await phone.goto(f"{live_shop.url}/zh/orders/{trade}")
    await expect(phone.get_by_text(say("payment.paid"), exact=True).first).to_be_visible()


async def paid_shares(page: Page) -> list[int]:
    """What was paid for each piece, as the order page tells."""
    await page.locator("main .pieces summary").first.click()
    return [cents(text) for text in await page.locator("main .pieces li").all_inner_texts()]


async def ask_one_back(page: Page, share: int) -> str:
    """Ask to return the first of the pieces; where that return is shown."""
    await page.get_by_role("link", name=say("order.return")).click()
    first = page.locator('label:has(input[name="unit"])').first
    assert cents(await first.inner_text()) == share
    await first.locator("input").check()
    await fits(page)
    await page.get_by_role("button", name=say("return.send")).click()
    await page.wait_for_url(re.compile(r"/zh/returns/cas_\w+$"))
    await fits(page)
    return page.url


async def audit(shop: LiveShop) -> None:
    """Money and stock add up."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "daji", "audit"],
        cwd=ROOT, env=shop.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
