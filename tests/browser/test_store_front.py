"""Looking around: searching, narrowing, choosing, by finger and by keyboard, in ordinary and in large type."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.walks import fits, say
from tests.live import LiveShop

pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("chromium")]

MOST_TABS = 160
LEAST_TAP = 44
SMALL = """() => [...document.querySelectorAll('main button, main .btn, main .chip, main select, .tabbar a, .bar a, .facet')]
  .filter(e => e.checkVisibility() && !e.closest('[hidden]'))
  .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
  .filter(([box]) => box.height > 0 && Math.round(box.height) < 44).map(([box, html]) => `${Math.round(box.height)} ${html}`)"""


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does; it must be seen that it has."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            break
    else:
        raise AssertionError(f"{MOST_TABS} times Tab did not lead to {wanted}")
    seen = "e => { const s = getComputedStyle(e), o = getComputedStyle(e.closest('.chip, .choice, .product') ?? e);"
    drawn = " return s.outlineStyle !== 'none' || o.outlineStyle !== 'none' }"
    assert await wanted.evaluate(seen + drawn), await wanted.evaluate("e => e.outerHTML")


@pytest.mark.parametrize("desk", [False, True], ids=["390 px", "1280 px"])
async def test_search_and_filter(live_shop: LiveShop, open_page: OpenPage, *, desk: bool) -> None:
    page = await open_page(desk=desk)
    await page.goto(f"{live_shop.url}/zh/")
    await fits(page)
    field = page.locator("#q")
    await field.click()
    await field.press_sequentially("cha", delay=60)
    options = page.locator("#suggest [role=option]")
    await expect(options.first).to_be_visible()
    await expect(field).to_have_attribute("aria-expanded", "true")
    await field.press("ArrowDown")
    await expect(field).to_have_attribute(
        "aria-activedescendant", await options.first.get_attribute("id") or "-"
    )
    await field.press("Escape")
    await expect(options.first).to_be_hidden()
    await field.fill("茶")
    await field.press("Enter")
    await page.wait_for_url(re.compile(r"/zh/search\?q="))
    cards = page.locator("#goods > li")
    before = await cards.count()
    assert before > 3
    await fits(page)
    facets = page.locator("#facets")
    if not desk:
        await page.get_by_role("button", name=re.compile(f"^{say('facet.label')}")).click()
    await expect(facets).to_be_visible()
    choice = facets.locator(".facet").first
    count = int(await choice.locator(".facet-n").evaluate("e => e.lastChild.textContent"))
    await choice.click()
    await page.wait_for_url(re.compile(r"price="))
    await expect(facets).to_be_visible()
    await expect(cards).to_have_count(min(count, 24))
    if not desk:
        await facets.locator(".facets-end button").click()
    chip = page.locator(".chip-on").first
    await expect(chip).to_be_visible()
    await fits(page)
    await chip.click()
    await expect(cards).to_have_count(before)
    await page.get_by_role("link", name=say("order_by.price_up"), exact=True).click()
    await page.wait_for_url(re.compile(r"sort=price_up"))
    await page.go_back()
    await expect(page).not_to_have_url(re.compile("sort="))
    # What was looked for is offered again, on this device.
    await field.fill("")
    await expect(page.locator("#suggest [role=option]").first).to_have_text("茶")


async def test_more_goods_come_without_leaving(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto(f"{live_shop.url}/zh/search?sort=newest")
    cards = page.locator("#goods > li")
    await expect(cards).to_have_count(24)
    # Without the script, which may come after the page, the link leads to the next page.
    await page.wait_for_load_state("networkidle")
    await page.locator("#more a").click()
    await expect(cards).to_have_count(48)
    # By address: two products may bear one name.
    addresses = "list => list.map(card => card.querySelector('a').getAttribute('href'))"
    goods = await cards.evaluate_all(addresses)
    assert len(set(goods)) == len(goods)
    plain = await open_page(script=False)
    await plain.goto(f"{live_shop.url}/zh/search?sort=newest")
    await plain.locator("#more a").click()
    await plain.wait_for_url(re.compile("cursor="))
    assert (await plain.locator("#goods > li").evaluate_all(addresses)) == goods[24:]


async def test_nothing_found_shows_the_way_on(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto(f"{live_shop.url}/zh/search?q=zzzzqqqq")
    await expect(page.get_by_text(say("search.nothing", q="zzzzqqqq"))).to_be_visible()
    await page.locator("main .chip").last.click()
    await page.wait_for_url(re.compile("/zh/c/"))


async def test_a_sku_is_switched_without_a_reload(live_shop: LiveShop, open_page: OpenPage) -> None:
    """Price, stock, picture, address and what the form sends follow the choice; a reload shows the same."""
    page = await open_page(desk=True)
    await page.goto(f"{live_shop.url}/zh/search?q=长绒棉毛巾")
    await page.locator("#goods h3 a").first.click()
    await page.wait_for_url(re.compile("/zh/p/"))
    await page.evaluate("window.stayed = true")
    values = page.locator("[data-option]").first.locator("a[data-value]")
    before = await page.locator("#buy [data-sku]").input_value()
    await values.nth(1).click()
    await expect(values.nth(1)).to_have_attribute("aria-current", "true")
    await expect(values.first).not_to_have_attribute("aria-current", "true")
    after = await page.locator("#buy [data-sku]").input_value()
    assert after != before
    assert after in page.url
    assert await page.evaluate("window.stayed") is True
    told = [
        await page.locator(part).inner_text() for part in (".buy-price .price", "[data-stock]", "[data-way]")
    ]
    picture = await page.locator("[data-at]").inner_text() if await page.locator("[data-at]").count() else ""
    await page.reload()
    again = [
        await page.locator(part).inner_text() for part in (".buy-price .price", "[data-stock]", "[data-way]")
    ]
    assert again == told
    assert picture != "0"
    await page.locator("#to").select_option("西藏自治区")
    await expect(page.locator("[data-way]")).not_to_have_text(told[2])


async def test_a_purchase_begins_by_keyboard_alone(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page(desk=True)
    await page.goto(f"{live_shop.url}/zh/")
    await page.keyboard.press("Tab")
    skip = page.locator(".skip")
    await expect(skip).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    await page.goto(f"{live_shop.url}/zh/")
    await tab_to(page, page.locator("#q"))
    await page.keyboard.type("长绒棉毛巾")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/zh/search"))
    await tab_to(page, page.locator("#goods h3 a").first)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/zh/p/"))
    value = page.locator("[data-option]").first.locator("a[data-value]").nth(1)
    await tab_to(page, value)
    await page.keyboard.press("Enter")
    await expect(value).to_have_attribute("aria-current", "true")
    await tab_to(page, page.locator("#qty"))
    await page.keyboard.press("ArrowUp")
    await tab_to(page, page.get_by_role("button", name=say("product.add"), exact=True))
    await page.keyboard.press("Enter")
    await expect(page.locator("#toasts .toast")).to_contain_text(say("front.added"))
    await expect(page.locator(".bar [data-cart-count]")).to_have_text("2")
    await tab_to(page, page.locator("#toasts .toast a"))
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/zh/cart"))
    await tab_to(page, page.get_by_role("link", name=say("cart.checkout")).first)
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/zh/checkout"))


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_large_type_is_one_choice_for_every_page(
    live_shop: LiveShop, open_page: OpenPage, *, script: bool
) -> None:
    page = await open_page(script=script)
    await page.goto(f"{live_shop.url}/zh/display")
    await page.get_by_label(re.compile(say("display.text_large"))).check()
    await page.get_by_label(re.compile(say("display.theme_dark"))).check()
    await page.get_by_role("button", name=say("display.save")).click()
    await expect(page.get_by_text(say("display.saved"))).to_be_visible()
    for path in ("/zh/", "/zh/search?q=茶", "/zh/categories", "/zh/display"):
        await page.goto(live_shop.url + path)
        size = (
            await page.evaluate("getComputedStyle(document.documentElement).fontSize") if script else "20px"
        )
        assert size == "20px"
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await fits(page)
    await page.goto(f"{live_shop.url}/zh/search?q=茶")
    await page.locator("#goods h3 a").first.click()
    await page.wait_for_url(re.compile("/zh/p/"))
    await fits(page)
    assert await page.locator(".promises").is_hidden()


async def test_fingers_find_everything(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto(f"{live_shop.url}/zh/")
    slug = await page.locator("main .product h3 a").first.get_attribute("href")
    for path in ("/zh/", "/zh/categories", "/zh/search?q=茶", slug or "", "/zh/display"):
        await page.goto(live_shop.url + path)
        assert await page.evaluate(SMALL) == [], path


async def test_without_a_network_there_is_still_a_page(live_shop: LiveShop, open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto(f"{live_shop.url}/zh/")
    await page.evaluate(
        "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)"
    )
    await page.reload()
    await page.context.set_offline(offline=True)
    await page.goto(f"{live_shop.url}/zh/categories")
    await expect(page.get_by_role("heading", name=say("front.offline_title"))).to_be_visible()
    await page.context.set_offline(offline=False)
    await page.get_by_role("link", name=say("front.offline_again")).click()
    await expect(page.locator("h1")).not_to_have_text(say("front.offline_title"))


async def test_a_thing_is_turned_around_only_when_somebody_wants_to(
    live_shop: LiveShop, open_page: OpenPage
) -> None:
    """B5: the viewer and the model are fetched on the tap, and the picture stands until then."""
    page = await open_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    await page.goto(f"{live_shop.url}/zh/")
    heroes = await page.locator('main a[href*="/p/"]').evaluate_all("all => all.map(one => one.pathname)")
    for path in dict.fromkeys(heroes):
        await page.goto(live_shop.url + path)
        if await page.locator(".gallery-3d").count():
            break
    await page.locator(".gallery-3d").click()
    await expect(page.locator("[data-model] img").first).to_be_visible()
    assert [url for url in fetched if url.endswith(".glb") or "model-viewer" in url] == []
    async with page.expect_response(lambda answer: answer.url.endswith("/model.glb")) as told:
        await page.locator("[data-model-start]").click()
    answer = await told.value
    assert (answer.status, answer.headers["content-type"]) == (200, "model/gltf-binary")
    viewer = page.locator("model-viewer")
    await expect(viewer).to_be_visible()
    await page.wait_for_function("document.querySelector('model-viewer').loaded", timeout=60_000)
    assert await viewer.get_attribute("alt")
    await fits(page)
