"""Every page, as axe sees it: each kind of page that can be reached by links, in both languages, light and dark."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from daji.faces.cli.demoshop.people import ACCOUNTS
from tests.browser.axe import COLOURS, complaints
from tests.browser.conftest import OpenPage
from tests.browser.walks import fits
from tests.live import LiveShop

LINKS = "[...document.querySelectorAll('a[href]')].map(a => a.href)"
ID = re.compile(r"^[a-z]{2,4}_[0-9a-z]{20,}$")
NAMED = {"p", "c", "b", "products", "guides"}
MOST = 80
# Leaving ends the visit, files are no pages, and one link is a trap for programs.
NO_PAGE = re.compile(
    r"/(logout|sign-out|export|sitemap|media|static|offers/all)\b|\.(pdf|csv|xml|txt|webmanifest)$"
)

Ready = Callable[[Page], Awaitable[None]]


def crossed(lang: str, desk: bool) -> Any:
    """The other width of a language: what a whole run leaves to `make test-slow`."""
    return pytest.param(lang, desk, marks=pytest.mark.slow)


def kind(path: str) -> str:
    """The path with names and ids taken out: one page of a kind stands for all."""
    parts = path.split("/")
    return "/".join(
        "*" if ID.match(part) or (n and parts[n - 1] in NAMED) else part for n, part in enumerate(parts)
    )


async def complain(page: Page, *, dark: Callable[[Page, bool], Awaitable[None]]) -> list[str]:
    said = await complaints(page)
    await dark(page, True)
    said += [f"dark {one}" for one in await complaints(page, COLOURS)]
    await dark(page, False)
    return said


async def crawl(
    page: Page,
    shop: LiveShop,
    starts: list[str],
    *,
    inside: str,
    settle: Ready,
    dark: Callable[[Page, bool], Awaitable[None]],
) -> dict[str, list[str]]:
    """Visit one page of each kind that links lead to; what axe says of each."""
    waiting, seen, said = list(starts), set(), {}
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        name = kind(path.partition("?")[0])
        if name in seen and path not in starts:
            continue
        seen.add(name)
        await page.goto(shop.url + path)
        await settle(page)
        if found := await complain(page, dark=dark):
            said[path] = found
        await fits(page)
        for link in await page.evaluate(LINKS):
            plain = link.removeprefix(shop.url).partition("#")[0].partition("?")[0]
            if plain.startswith(inside) and kind(plain) not in seen and not NO_PAGE.search(plain):
                waiting.append(plain)
    assert len(seen) > len(starts), seen
    return said


async def by_system(page: Page, on: bool) -> None:
    """Turn the light on or off, and wait until colours have stopped moving."""
    await page.emulate_media(color_scheme="dark" if on else "light", reduced_motion="reduce")
    await page.wait_for_timeout(400)


async def loaded(page: Page) -> None:
    await page.wait_for_load_state("load")


def account(role: str) -> Any:
    return next(one for one in ACCOUNTS if one.role == role)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("lang", "desk"), [("zh", False), ("en", True), crossed("zh", True), crossed("en", False)]
)
async def test_every_storefront_page(live_shop: LiveShop, open_page: OpenPage, lang: str, desk: bool):
    page = await open_page(desk=desk)
    await page.goto(f"{live_shop.url}/{lang}/login")
    await page.locator('input[autocomplete="username"]').fill(account("shopper").login)
    await page.locator('input[type="password"]').fill(account("shopper").password)
    await page.locator('input[type="password"]').press("Enter")
    await page.wait_for_url(re.compile(rf"/{lang}/(?!login)"))
    starts = [f"/{lang}/", f"/{lang}/search?q=%E8%8C%B6", f"/{lang}/search?q=zzzqqq", f"/{lang}/nowhere"]
    said = await crawl(page, live_shop, starts, inside=f"/{lang}/", settle=loaded, dark=by_system)
    assert said == {}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_pages_of_a_visitor_who_is_about_to_buy(live_shop: LiveShop, open_page: OpenPage, lang: str):
    """The cart and the checkout of a guest, and the doors that only a guest sees."""
    page = await open_page()
    await page.goto(f"{live_shop.url}/{lang}/")
    link = await page.locator('main a[href*="/p/"]').first.get_attribute("href")
    await page.goto(f"{live_shop.url}{link}")
    await page.locator('form[action$="/cart/add"] button:visible').first.click()
    await page.wait_for_timeout(800)
    starts = [f"/{lang}/cart", f"/{lang}/checkout", f"/{lang}/login", f"/{lang}/register"]
    said: dict[str, list[str]] = {}
    for path in starts:
        await page.goto(live_shop.url + path)
        if found := await complain(page, dark=by_system):
            said[path] = found
    assert said == {}


async def quiet(page: Page) -> None:
    """The console draws its pages itself: wait until it has them."""
    await page.locator("h1").first.wait_for()
    await expect(page.locator('[aria-busy="true"]')).to_have_count(0)
    await page.wait_for_timeout(200)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("lang", "desk"), [("zh", True), ("en", False), crossed("zh", False), crossed("en", True)]
)
async def test_every_console_page(live_shop: LiveShop, open_page: OpenPage, lang: str, desk: bool):
    page = await open_page(desk=desk)
    await page.context.add_cookies([{"name": "daji_lang", "value": lang, "url": live_shop.url}])
    await page.goto(f"{live_shop.url}/console/")
    await page.locator('input[type="password"]').wait_for()
    door = await complain(page, dark=by_system)
    await page.locator('input[autocomplete="username"]').fill(account("admin").login)
    await page.locator('input[type="password"]').fill(account("admin").password)
    await page.locator('input[type="password"]').press("Enter")
    await page.locator('a[href$="/console/orders"]').first.wait_for()
    said = await crawl(page, live_shop, ["/console/"], inside="/console/", settle=quiet, dark=by_system)
    assert (door, said) == ([], {})
