"""Every page, as axe sees it: each kind that can be reached by links, in both languages, on a phone and at a desk,

by day and by night.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from daji.faces.cli.demoshop.people import ACCOUNTS
from tests.browser.axe import COLOURS, LEVELS, complaints
from tests.browser.conftest import OpenPage
from tests.browser.walks import fits
from tests.live import LiveShop

LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
ID = re.compile(r"^[a-z]{2,4}_[0-9a-z]{20,}$")
NAMED = {"p", "c", "b", "products", "guides"}
MOST = 80
# Colours and sizes have stopped moving; what turns for ever, such as a wheel, is no reason to wait.
STILL = """() => document.getAnimations().every(
  one => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""
# Leaving ends the visit, files are no pages, and one link is a trap for programs.
NO_PAGE = re.compile(
    r"/(logout|sign-out|export|sitemap|media|static|offers/all)\b|\.(pdf|csv|xml|txt|webmanifest)$"
)

Ready = Callable[[Page], Awaitable[None]]

# Every page in each of these. One step changes one thing, so that the last of a page is the first of the next.
LOOKS = ((390, "light"), (390, "dark"), (1280, "dark"), (1280, "light"))
HEIGHTS = {390: 844, 1280: 800}


def kind(path: str) -> str:
    """The path with names and ids taken out: one page of a kind stands for all."""
    parts = path.split("/")
    return "/".join(
        "*" if ID.match(part) or (n and parts[n - 1] in NAMED) else part for n, part in enumerate(parts)
    )


class Eyes:
    """Looks at the page that is open by day and by night, on a phone and at a desk."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.order = LOOKS

    async def look(self) -> list[str]:
        """What axe says, each with how the page looked; what a theme cannot change is asked once a width."""
        said, asked = [], set()
        for width, theme in self.order:
            await self.dress(width, theme)
            found = await complaints(self.page, COLOURS if width in asked else LEVELS)
            said += [f"{width} {theme} {one}" for one in found]
            if width not in asked:
                await fits(self.page)
            asked.add(width)
        self.order = self.order[::-1]
        return said

    async def dress(self, width: int, theme: str) -> None:
        size = self.page.viewport_size
        if size is None or size["width"] != width:
            await self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        await self.page.emulate_media(
            color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce"
        )
        await self.page.wait_for_function(STILL)


async def crawl(
    page: Page, shop: LiveShop, starts: list[str], *, inside: str, settle: Ready
) -> dict[str, list[str]]:
    """Visit one page of each kind that links lead to; what axe says of each."""
    eyes = Eyes(page)
    waiting, seen, said = list(starts), set(), {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        name = kind(path.partition("?")[0])
        if name in seen and path not in starts:
            continue
        seen.add(name)
        await page.goto(shop.url + path)
        await settle(page)
        if found := await eyes.look():
            said[path] = found
        for link in await page.evaluate(LINKS):
            plain = link.removeprefix(shop.url).partition("#")[0].partition("?")[0]
            if plain.startswith(inside) and kind(plain) not in seen and not NO_PAGE.search(plain):
                waiting.append(plain)
    assert len(seen) > len(starts), seen
    return said


async def loaded(page: Page) -> None:
    await page.wait_for_load_state("load")


def account(role: str) -> Any:
    return next(one for one in ACCOUNTS if one.role == role)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_storefront_page(live_shop: LiveShop, open_page: OpenPage, lang: str):
    page = await open_page(desk=True)
    await page.goto(f"{live_shop.url}/{lang}/login")
    await page.locator('input[autocomplete="username"]').fill(account("shopper").login)
    await page.locator('input[type="password"]').fill(account("shopper").password)
    await page.locator('input[type="password"]').press("Enter")
    await page.wait_for_url(re.compile(rf"/{lang}/(?!login)"))
    starts = [f"/{lang}/", f"/{lang}/search?q=%E8%8C%B6", f"/{lang}/search?q=zzzqqq", f"/{lang}/nowhere"]
    assert await crawl(page, live_shop, starts, inside=f"/{lang}/", settle=loaded) == {}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_pages_of_a_visitor_who_is_about_to_buy(live_shop: LiveShop, open_page: OpenPage, lang: str):
    """The cart and the checkout of a guest, and the doors that only a guest sees."""
    page = await open_page(desk=True)
    eyes = Eyes(page)
    said: dict[str, list[str]] = {}
    await page.goto(f"{live_shop.url}/{lang}/cart")
    if found := await eyes.look():
        said["nothing in the cart"] = found
    await page.goto(f"{live_shop.url}/{lang}/")
    link = await page.locator('main a[href*="/p/"]').first.get_attribute("href")
    await page.goto(f"{live_shop.url}{link}")
    await page.locator('button[form="buy"]:visible').first.click()
    await page.locator("#toasts > *").first.wait_for()
    for path in (f"/{lang}/cart", f"/{lang}/checkout", f"/{lang}/login", f"/{lang}/register"):
        await page.goto(live_shop.url + path)
        if found := await eyes.look():
            said[path] = found
    assert said == {}


async def quiet(page: Page) -> None:
    """The console draws its pages itself: wait until it has them."""
    await page.locator("h1").first.wait_for()
    await expect(page.locator('[aria-busy="true"]')).to_have_count(0)
    await page.wait_for_timeout(200)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_console_page(live_shop: LiveShop, open_page: OpenPage, lang: str):
    page = await open_page(desk=True)
    await page.context.add_cookies([{"name": "daji_lang", "value": lang, "url": live_shop.url}])
    await page.goto(f"{live_shop.url}/console/")
    await page.locator('input[type="password"]').wait_for()
    door = await Eyes(page).look()
    await page.locator('input[autocomplete="username"]').fill(account("admin").login)
    await page.locator('input[type="password"]').fill(account("admin").password)
    await page.locator('input[type="password"]').press("Enter")
    await page.locator('a[href$="/console/orders"]').first.wait_for()
    said = await crawl(page, live_shop, ["/console/"], inside="/console/", settle=quiet)
    assert (door, said) == ([], {})
