"""Photograph the twelve most important pages: `make screenshots`.

Usage: ``python tools/screenshots.py [--url URL] [--lang zh en] [--out FOLDER] [--readme]``

Each page at 390 and 1280 px, light and dark, into ``test-results/screenshots``. With ``--readme`` the six pictures of the
READMEs are written to ``docs/pictures`` as well. Without ``--url`` a shop with demo data is opened for it.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from shop import ROOT, open_shop

from daji.faces.cli.demoshop.people import ACCOUNTS

Step = Callable[[Page, str, str], None]

WIDTHS = {390: 844, 1280: 800}
THEMES = ("light", "dark")
OUT = ROOT / "test-results" / "screenshots"
PICTURES = ROOT / "docs" / "pictures"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Page, width, theme, language -> name in docs/pictures.
README = {
    ("home", 1280, "light", "en"): "shop-desktop",
    ("product", 390, "light", "zh"): "shop-phone",
    ("order", 390, "dark", "zh"): "order-phone",
    ("overview", 1280, "light", "en"): "console",
    ("editor", 1280, "dark", "zh"): "console-product",
    ("pick", 390, "light", "zh"): "station-phone",
}


def go(path: str) -> Step:
    def open_it(page: Page, shop: str, lang: str) -> None:
        page.goto(shop + path.format(lang=lang))

    return open_it


def follow(path: str, link: str) -> Step:
    """Open a list and the first link in it whose address holds `link`."""

    def open_it(page: Page, shop: str, lang: str) -> None:
        page.goto(shop + path.format(lang=lang))
        found = page.locator(f'main a[href*="{link}"]').first
        found.wait_for()
        page.goto(shop + (found.get_attribute("href") or ""))

    return open_it


SHOP_PAGES: dict[str, Step] = {
    "home": go("/{lang}/"),
    "category": follow("/{lang}/", "/c/"),
    "product": follow("/{lang}/", "/p/"),
    "cart": go("/{lang}/cart"),
    "checkout": go("/{lang}/checkout"),
    "order": follow("/{lang}/orders?tab=receive", "/orders/"),
    "account": go("/{lang}/account"),
}
CONSOLE_PAGES: dict[str, Step] = {
    "overview": go("/console/"),
    "orders": go("/console/orders"),
    "order-detail": follow("/console/orders?status=completed", "/orders/trd_"),
    "editor": follow("/console/goods", "/goods/prd_"),
    "pick": follow("/console/station/queue/pick", "/station/orders/ord_"),
}


def photograph(page: Page) -> bytes:
    page.wait_for_load_state("networkidle")
    # The console draws its pages itself, from answers that come after the page.
    page.locator("h1").first.wait_for(state="attached")
    page.wait_for_function("!document.querySelector('main [aria-busy=true], main .skeleton')")
    page.evaluate("async () => { await document.fonts.ready; }")
    page.wait_for_timeout(1000)
    return page.screenshot()


def sign_in(page: Page, shop: str, lang: str, *, staff: bool) -> None:
    account = next(one for one in ACCOUNTS if one.role == ("admin" if staff else "shopper"))
    page.goto(f"{shop}/console/" if staff else f"{shop}/{lang}/login")
    page.locator('input[type="password"]').wait_for()
    page.locator('input[name="email"], input[name="contact"], input[autocomplete="username"]').first.fill(
        account.login
    )
    page.locator('input[type="password"]').fill(account.password)
    page.locator('input[type="password"]').press("Enter")
    if staff:
        page.locator('a[href$="/console/orders"]').first.wait_for()
    else:
        page.wait_for_url(lambda url: "login" not in url)


def fill_cart(page: Page, shop: str, lang: str) -> None:
    page.goto(f"{shop}/{lang}/cart")
    if page.locator(".basket").count():
        return
    page.goto(f"{shop}/{lang}/")
    links = page.locator('main a[href*="/p/"]').evaluate_all("found => found.map(one => one.pathname)")
    for path in tuple(dict.fromkeys(links))[:3]:
        page.goto(shop + path)
        # One stands below the price, its twin in the bar of a phone.
        page.locator('button[form="buy"]:not([name]):visible').first.click()
        page.locator("#toasts > *").first.wait_for()


def context(browser: Browser, width: int, theme: str, lang: str) -> BrowserContext:
    return browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        device_scale_factor=2 if width < 600 else 1,  # noqa: PLR2004 - a phone
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if lang == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Photograph the most important pages.")
    parser.add_argument("--url", help="a running demo shop; without it one is opened")
    parser.add_argument("--lang", nargs="+", choices=("zh", "en"), default=["zh", "en"])
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--pages", nargs="+", choices=[*SHOP_PAGES, *CONSOLE_PAGES])
    parser.add_argument("--readme", action="store_true", help="write the READMEs' pictures too")
    options = parser.parse_args(arguments)
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        raise SystemExit("no Chromium on PATH: apt-get install chromium fonts-noto-cjk")
    wanted = set(options.pages or [*SHOP_PAGES, *CONSOLE_PAGES])
    options.out.mkdir(parents=True, exist_ok=True)
    with open_shop(options.url) as shop, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for lang in options.lang:
            for staff, steps in ((False, SHOP_PAGES), (True, CONSOLE_PAGES)):
                if wanted & set(steps):
                    _visit(
                        browser,
                        shop,
                        lang,
                        {n: s for n, s in steps.items() if n in wanted},
                        options,
                        staff=staff,
                    )
        browser.close()
    print(f"pictures are in {options.out}")
    return 0


def _visit(
    browser: Browser,
    shop: str,
    lang: str,
    steps: dict[str, Step],
    options: argparse.Namespace,
    *,
    staff: bool,
) -> None:
    for width in WIDTHS:
        for theme in THEMES:
            with context(browser, width, theme, lang) as visitor:
                page = visitor.new_page()
                sign_in(page, shop, lang, staff=staff)
                if {"cart", "checkout"} & set(steps):
                    fill_cart(page, shop, lang)
                for name, step in steps.items():
                    step(page, shop, lang)
                    shot = photograph(page)
                    (options.out / f"{name}-{width}-{theme}-{lang}.png").write_bytes(shot)
                    kept = README.get((name, width, theme, lang))
                    if options.readme and kept:
                        picture = Image.open(io.BytesIO(shot))
                        picture.thumbnail((1280, 1280))
                        picture.save(PICTURES / f"{kept}.webp", quality=82, method=6)
                    print(f"  {name} {width} px, {theme}, {lang}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
