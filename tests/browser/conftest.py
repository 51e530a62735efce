"""A real Chromium: a buyer's phone, a desk at the console, and what is kept when a test fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    async_playwright,
    expect,
)

RESULTS = Path(__file__).parents[2] / "test-results"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
DESK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
PATIENCE_MS = 20_000

# Two cores and several processes: a condition may take longer to become true than the five seconds it is given.
expect.set_options(timeout=PATIENCE_MS)

OpenPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is on the PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[OpenPage]:
    """Opens a page of a browser of its own. What a page complains about fails the test; a failed test leaves pictures."""
    pages: list[Page] = []
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A refusal that a test provokes is logged by the browser too; only scripts and policies are meant.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(f"{message.text} ({message.location['url']})")

    def broke(error: Error) -> None:
        # A navigation that overtakes another one ends its transition; the browser tells the page, which did nothing.
        if "ViewTransition" not in str(error) and "Transition was" not in str(error):
            complaints.append(str(error))

    async with AsyncExitStack() as stack:

        async def enter(*, desk: bool = False, script: bool = True) -> Page:
            context: BrowserContext = await chromium.new_context(
                **(DESK if desk else PHONE), java_script_enabled=script
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            page.on("console", heard)
            page.on("pageerror", broke)
            pages.append(page)
            return page

        yield enter
        if request.node.stash.get(FAILED, False):
            RESULTS.mkdir(exist_ok=True)
            name = re.sub(r"\W+", "-", request.node.name).strip("-")
            for n, page in enumerate(pages):
                await page.screenshot(path=RESULTS / f"{name}-{n}.png", full_page=True)
    assert complaints == []
