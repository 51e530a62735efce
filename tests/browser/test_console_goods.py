"""The catalogue's pages in a real browser: a product is made and sold, a table of a thousand rows comes in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from daji.faces.cli.demoshop.people import ACCOUNTS
from daji.faces.console.page import BASE
from daji.kit import ids
from tests.browser.conftest import OpenPage
from tests.browser.walks import fits
from tests.faces.console.test_console_uploads import BAD, goods_file
from tests.faces.store.shopping import ADDRESS, CONTACT, key
from tests.live import LiveShop

MESSAGES = Path(__file__).parents[2] / "web" / "console" / "src" / "messages" / "zh"
WORDS: dict[str, Any] = {
    top: words
    for name in ("shell", "kit", "words", "goods")
    for top, words in json.loads((MESSAGES / f"{name}.json").read_text()).items()
    if top == name
}
WIDTHS = pytest.mark.parametrize("desk", [True, False], ids=["1280", "390"])


def say(path: str, **params: object) -> str:
    """The console's words in Chinese, so that a test does not break when they are put better."""
    found: Any = WORDS
    for step in path.split("."):
        found = found[step]
    for name, value in params.items():
        found = found.replace(f"{{{name}}}", str(value))
    assert isinstance(found, str)
    return found


def account(role: str) -> dict[str, str]:
    found = next(one for one in ACCOUNTS if one.role == role)
    return {"email": found.login, "password": found.password}


async def enter(page: Page, shop: LiveShop, path: str, role: str = "operator") -> None:
    """Through the door to a page of the console."""
    who = account(role)
    await page.goto(f"{shop.url}{BASE}{path}")
    await page.get_by_label(say("shell.signIn.email")).fill(who["email"])
    await page.get_by_label(say("shell.signIn.password")).fill(who["password"])
    await page.get_by_role("button", name=say("shell.signIn.enter")).click()
    await page.wait_for_url(f"{shop.url}{BASE}{path}")


async def name_option(page: Page, zh: str, en: str, values: list[tuple[str, str]]) -> None:
    """Add an axis with its values, by keyboard from one value to the next."""
    await page.get_by_role("button", name=say("goods.options.add"), exact=True).click()
    option = page.locator("fieldset.option").last
    await option.get_by_label(say("goods.options.name", lang="中文")).fill(zh)
    await option.get_by_label(say("goods.options.name", lang="英文")).fill(en)
    for n, (chinese, english) in enumerate(values, start=1):
        field = option.get_by_label(say("goods.options.value", n=n, lang="中文"))
        await field.fill(chinese)
        await option.get_by_label(say("goods.options.value", n=n, lang="英文")).fill(english)
        if n < len(values):
            await field.press("Enter")


async def make_six(page: Page, code: str) -> None:
    """A product with two options of three and two values, filled in at once."""
    await page.get_by_label(say("goods.texts.name")).nth(0).fill("浏览器茶壶")
    await page.get_by_label(say("goods.texts.name")).nth(1).fill("Browser teapot")
    await page.get_by_label(say("goods.code"), exact=True).fill(code)
    await page.get_by_label(say("goods.category"), exact=True).select_option(index=1)
    await name_option(page, "颜色", "Colour", [("青瓷", "Celadon"), ("墨", "Ink"), ("沙", "Sand")])
    await name_option(page, "大小", "Size", [("小", "Small"), ("大", "Large")])
    await page.get_by_label(say("goods.options.value", n=2, lang="英文")).last.press("Tab")
    await page.get_by_role("button", name=say("goods.variants.make", n=6)).click()
    fill = page.get_by_role("form", name=say("goods.variants.fill"))
    await fill.get_by_label(say("goods.price"), exact=True).fill("199.00")
    await fill.get_by_label(say("goods.weight")).fill("600")
    await fill.get_by_role("button", name=say("goods.variants.apply")).click()
    await expect(page.locator(".matrix tbody tr")).to_have_count(6)
    await fits(page)


async def fill_attributes(page: Page) -> None:
    """Whatever the category asks for: the first choice of a list, a number where one is wanted."""
    needed = page.locator("[aria-required=true]")
    for n in range(await needed.count()):
        field = needed.nth(n)
        if await field.evaluate("one => one.tagName") == "SELECT":
            await field.select_option(index=1)
        else:
            await field.fill("1")


@WIDTHS
async def test_a_product_with_six_skus_is_made_and_sold(
    live_shop: LiveShop, open_page: OpenPage, *, desk: bool
) -> None:
    page = await open_page(desk=desk)
    code = f"POT-{ids.show('x', ids.new_id())[-6:]}".upper()
    await enter(page, live_shop, "/goods/new")
    await make_six(page, code)
    await fill_attributes(page)
    await page.get_by_role("button", name=say("kit.save"), exact=True).click()
    await page.wait_for_url(re.compile(r"/goods/prd_\w+$"))
    product = page.url.rsplit("/", 1)[1]
    await fits(page)
    await page.get_by_role("button", name=say("goods.state")).click()
    await page.get_by_role("menuitem", name=say("words.product_verb.list")).click()
    await page.get_by_role("dialog").get_by_role("button", name=say("words.product_verb.list")).click()
    await expect(page.locator(".pagehead .state")).to_have_text(say("words.product.listed"))
    # A word is changed, and what was changed is told value by value.
    await page.get_by_label(say("goods.texts.subtitle")).nth(0).fill("一壶清风")
    await page.keyboard.press("Control+s")
    await expect(page.get_by_text(say("goods.version", n=3))).to_be_visible()
    await page.get_by_role("button", name=say("goods.history")).click()
    await expect(page.get_by_role("dialog").locator("ins").first).to_contain_text("一壶清风")
    await page.keyboard.press("Escape")
    await sell(live_shop, product)


async def sell(shop: LiveShop, product: str) -> None:
    """Goods come in, somebody buys two of them and pays."""
    async with httpx.AsyncClient(base_url=shop.url, timeout=30, headers={"Origin": shop.url}) as http:
        token = (await http.post("/console/v1/login", json=account("operator"))).json()["token"]
        staff = {"Authorization": f"Bearer {token}"}
        made = (await http.get(f"/console/v1/products/{product}", headers=staff)).json()
        assert len(made["skus"]) == 6
        sites = (await http.get("/console/v1/sites", headers=staff)).json()
        place = sites["items"][0] if isinstance(sites, dict) else sites[0]
        lines = [{"sku_id": sku["id"], "qty": 5} for sku in made["skus"]]
        taken = await http.post(
            "/console/v1/stock/receive",
            json={"site_id": place["id"], "lines": lines, "ref": product[-12:]},
            headers=staff | key(),
        )
        assert taken.status_code == 200, taken.text
    async with httpx.AsyncClient(base_url=shop.url, timeout=30, headers={"Origin": shop.url}) as http:
        wish = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": made["skus"][4]["id"], "qty": 2}]}
        offer = await http.post("/store/v1/quotes", json=wish)
        assert offer.is_success, offer.text
        placed = await http.post("/store/v1/orders", json={"quote_id": offer.json()["id"]}, headers=key())
        assert placed.is_success, placed.text
        paid = await http.post(
            f"/store/v1/orders/{placed.json()['id']}/payments",
            json={"method": "wallet", "script": "approve"},
            headers=key(),
        )
        assert paid.is_success, paid.text
        bought = (await http.get(f"/store/v1/orders/{placed.json()['id']}")).json()
    assert "浏览器茶壶" in json.dumps(bought, ensure_ascii=False)


@WIDTHS
async def test_a_thousand_rows_come_in_and_seven_bad_ones_are_told(
    live_shop: LiveShop, open_page: OpenPage, tmp_path: Path, *, desk: bool
) -> None:
    page = await open_page(desk=desk)
    mark = ids.show("x", ids.new_id())[-5:]
    path = tmp_path / f"goods-{mark}.csv"
    # Codes of its own: the shop is shared, and both widths bring their goods.
    path.write_bytes(re.sub(rb"\b([PS])-(\d+)", rf"\g<1>{mark}-\g<2>".encode(), goods_file(bad=BAD)))
    await enter(page, live_shop, "/imports")
    await page.locator("input[type=file]").set_input_files(path)
    await page.wait_for_url(re.compile(r"/imports/upl_\w+$"))
    await expect(page.get_by_label("商品编码")).to_have_value("product_code")
    await expect(page.get_by_label("内部备注")).to_have_value("")
    await fits(page)
    await page.get_by_role("button", name=say("goods.imports.check")).click()
    await expect(page.get_by_role("heading", name=say("goods.imports.now.checked"))).to_be_visible(
        timeout=90_000
    )
    await expect(page.locator("[data-row-error]")).to_have_count(7)
    first = page.locator("[data-row-error]").first.locator("td")
    assert await first.all_inner_texts() == ["101", "售价", await first.nth(2).inner_text()]
    assert "CNY" in await first.nth(2).inner_text()
    await fits(page)
    await page.get_by_role("button", name=say("goods.imports.run", n=993)).click()
    await expect(page.get_by_role("heading", name=say("goods.imports.now.done"))).to_be_visible(
        timeout=90_000
    )
    await expect(page.locator(".tally-good")).to_have_text("993")
    await expect(page.locator(".tally-bad")).to_have_text("7")
    await expect(page.locator("[data-row-error]")).to_have_count(7)
    await page.get_by_role("link", name=say("goods.imports.see")).click()
    await page.get_by_role("searchbox", name=say("goods.search")).fill(f"P{mark}-999")
    await expect(page.locator(".list-body").get_by_text("茶 999")).to_be_visible()


async def test_prices_of_many_are_seen_before_they_are_set(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page(desk=True)
    await enter(page, live_shop, "/goods?status=listed&sort=oldest")
    boxes = page.locator(".list tbody input[type=checkbox]")
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    bar = page.get_by_role("region", name=say("kit.bulk"))
    await bar.get_by_role("button", name=say("goods.bulk.prices")).click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label(say("goods.reprice.percent")).fill("-80")
    await sheet.get_by_role("button", name=say("goods.reprice.preview")).click()
    await expect(sheet.get_by_text(say("goods.reprice.doubts.less_than_half")).first).to_be_visible()
    apply = sheet.get_by_role("button", name=re.compile("应用"))
    await expect(apply).to_be_disabled()
    await sheet.get_by_role("button", name=say("kit.back")).click()
    await sheet.get_by_label(say("goods.reprice.percent")).fill("5")
    await sheet.get_by_role("button", name=say("goods.reprice.preview")).click()
    await sheet.get_by_role("button", name=re.compile("应用")).click()
    await expect(page.get_by_text(re.compile("个规格已调价"))).to_be_visible()


async def test_a_review_is_hidden_and_the_hiding_taken_back(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page(desk=True)
    await enter(page, live_shop, "/reviews?status=shown")
    rows = page.locator(".list tbody tr")
    await rows.first.get_by_role("button", name=re.compile("^隐藏")).click()
    await expect(rows.first.locator(".state")).to_have_text(say("words.review.hidden"))
    await page.get_by_role("button", name=say("kit.undo")).click()
    await expect(rows.first.locator(".state")).to_have_text(say("words.review.shown"))
