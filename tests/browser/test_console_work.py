"""Work behind the counter in a real browser: pick, pack and ship on the hand-held, refunds, stock, roles."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import complaints
from tests.browser.conftest import OpenPage
from tests.browser.counter import Counter, fill
from tests.browser.walks import fits
from tests.conftest import with_database
from tests.live import LiveShop as Shop
from tests.live import create_database, fresh_name, running_shop

# Asked for first: without a browser no shop need be opened.
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("chromium"),
    pytest.mark.xdist_group("counter"),
]

MESSAGES = Path(__file__).parents[2] / "web" / "console" / "src" / "messages"
WORDS: dict[str, Any] = {}
WIDTHS = pytest.mark.parametrize("desk", [True, False], ids=["1280", "390"])
for name in (
    "kit",
    "station",
    "orders",
    "supply",
    "stock",
    "returns",
    "staff",
    "words",
    "health",
    "settings",
):
    for top, words in json.loads((MESSAGES / "zh" / f"{name}.json").read_text()).items():
        WORDS.setdefault(top, {}).update(words)


def say(path: str, **params: object) -> str:
    """The console's words in Chinese, so that a test does not break when they are put better."""
    found: Any = WORDS
    for step in path.split("."):
        found = found[step]
    for key, value in params.items():
        found = found.replace(f"{{{key}}}", str(value))
    assert isinstance(found, str)
    return found


@pytest.fixture(scope="module")
def empty_shop(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The real processes on a shop without demo data."""
    database = fresh_name("counter")
    create_database(server_url, database)
    home = tmp_path_factory.mktemp("home")
    with running_shop(with_database(server_url, database), home, "--no-demo") as shop:
        yield shop


@pytest.fixture(scope="module")
async def counter(empty_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Counter:
    return await fill(empty_shop, tmp_path_factory.mktemp("world") / "world")


async def scan(page: Page, code: str) -> None:
    """As a scanner types: all at once, then Enter, wherever the focus is."""
    await page.locator(".st-head").wait_for()
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")


async def pause(page: Page) -> None:
    """Longer than a scanner's bounce: two scans by a hand, not one read twice."""
    await page.wait_for_timeout(700)


async def axe(page: Page) -> list[str]:
    await page.emulate_media(reduced_motion="reduce")
    # Colours that are still on their way to another are nobody's complaint.
    await page.wait_for_timeout(600)
    return await complaints(page)


@WIDTHS
async def test_pick_pack_and_ship_by_scan(counter: Counter, open_page: OpenPage, *, desk: bool) -> None:
    hand = await counter.desk(open_page, "warehouse", desk=desk)
    # Two orders of the same goods: one for each width.
    n = 2 if desk else 0
    await hand.goto(counter.url("/station"))
    said = hand.locator("[data-said]")
    await scan(hand, "4006381333931")
    await expect(said).to_have_text(say("station.unknown", code="4006381333931"))
    await scan(hand, counter.order_numbers[n])
    await hand.wait_for_url(re.compile(counter.order_ids[n]))
    progress = hand.locator("[data-progress]")
    await expect(progress).to_have_text("0 / 3")
    first, second, foreign = counter.sku_codes

    await scan(hand, foreign if foreign not in (await hand.locator(".st-lines").inner_text()) else second)
    await expect(said).to_have_class(re.compile("bad"))
    await expect(said).to_contain_text("拿错了")
    await expect(progress).to_have_text("0 / 3")

    # A field that happens to have the focus neither swallows the code nor keeps it.
    entry = hand.get_by_label(say("station.code"))
    await entry.focus()
    await scan(hand, first)
    await expect(progress).to_have_text("1 / 3")
    await expect(entry).to_have_value("")
    await scan(hand, first)
    await expect(said).to_have_text(say("station.twice", code=first))
    await expect(progress).to_have_text("1 / 3")
    await pause(hand)
    await scan(hand, first.lower())
    await expect(progress).to_have_text("2 / 3")
    await pause(hand)
    await scan(hand, first)
    await expect(said).to_contain_text("多拿了")
    await expect(progress).to_have_text("2 / 3")
    await fits(hand)
    assert await axe(hand) == []
    await small_targets(hand)
    await pause(hand)
    await scan(hand, second)
    weight = hand.get_by_label(say("station.weight"))
    await expect(weight).to_have_value("750")
    await weight.fill("812")
    await hand.get_by_role("button", name=say("station.packAct")).click()
    await hand.get_by_role("button", name=say("station.shipAct")).click()
    label = hand.get_by_role("article", name=say("station.label"))
    await expect(label).to_contain_text("王小明")
    await expect(label.locator("svg[role=img]")).to_have_count(2)
    assert await axe(hand) == []
    await fits(hand)


async def small_targets(page: Page) -> None:
    """Thumbs in gloves: nothing to press is smaller than 56 px."""
    sizes = await page.evaluate(
        "[...document.querySelectorAll('.station button, .station a, .station select, .station input')]"
        ".filter(e => e.offsetParent).map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 90)])"
    )
    assert [one for one in sizes if one[0] < 56] == []


async def test_receiving_counts_what_is_scanned(counter: Counter, open_page: OpenPage) -> None:
    hand = await counter.desk(open_page, "warehouse", desk=False)
    await hand.goto(counter.url("/station/receive"))
    await expect(hand.get_by_label(say("station.site"))).not_to_have_value("")
    code = counter.sku_codes[2]
    for n in (1, 2):
        await scan(hand, code)
        await expect(hand.locator("[data-counted]")).to_have_text(str(n))
        await pause(hand)
    await hand.get_by_label(say("station.paper")).fill("ASN-77")
    await hand.get_by_role("button", name=say("station.receiveAct", n=2)).click()
    await expect(hand.locator("[data-said]")).to_have_text(say("station.received", n=2))
    desk = await counter.desk(open_page, "warehouse")
    await desk.goto(counter.url("/ledger?ref=ASN-77"))
    await expect(desk.locator("main tbody tr[data-index]")).to_have_count(1)
    await expect(desk.locator("main tbody")).to_contain_text("+2")


async def test_the_camera_says_what_it_cannot(counter: Counter, open_page: OpenPage) -> None:
    hand = await counter.desk(open_page, "warehouse", desk=False)
    await hand.goto(counter.url("/station"))
    await hand.evaluate("delete window.BarcodeDetector")
    await hand.get_by_role("button", name=say("station.camera")).click()
    await expect(hand.get_by_role("alert")).to_have_text(say("station.cameraTrouble.unsupported"))


async def test_a_corrected_count_stands_in_the_ledger_and_can_be_thought_over(
    counter: Counter, open_page: OpenPage
) -> None:
    desk = await counter.desk(open_page, "warehouse")
    code = counter.sku_codes[1]

    async def correct(delta: str) -> None:
        await desk.goto(counter.url(f"/stock?text={code}"))
        await desk.get_by_role("button", name=re.compile(f"{code}.*HZ")).click()
        await desk.get_by_label(say("stock.delta")).fill(delta)
        await desk.get_by_role("dialog").get_by_role("button", name=say("stock.modes.adjust")).last.click()

    await correct("-1")
    await desk.get_by_role("button", name=say("kit.undo")).click()
    await desk.goto(counter.url(f"/ledger?sku={code}&kind=adjust"))
    await expect(desk.get_by_text(say("kit.nothingFound"))).to_be_visible()
    await correct("-3")
    await expect(desk.locator("main tbody tr[data-index] strong")).to_have_text("13")
    await desk.wait_for_timeout(6_000)
    await desk.goto(counter.url(f"/ledger?sku={code}&kind=adjust"))
    row = desk.locator("main tbody tr[data-index]")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("-3")
    # A piece fewer for each order that was shipped before.
    await expect(row).to_contain_text(re.compile("1[567]"))
    assert await axe(desk) == []


async def test_an_unpaid_order_gives_its_goods_back(counter: Counter, open_page: OpenPage) -> None:
    care = await counter.desk(open_page, "service")
    await care.goto(counter.url(f"/holds?text={counter.unpaid}"))
    await care.get_by_role("button", name=say("stock.releaseOf", order=counter.unpaid)).click()
    await care.get_by_role("dialog").locator("textarea").fill("缺货，已致电顾客")
    await care.get_by_role("dialog").get_by_role("button", name=say("stock.release")).click()
    await expect(care.get_by_text(say("kit.nothingFound"))).to_be_visible()


@WIDTHS
async def test_a_refund_by_who_may_and_its_refusal_for_who_may_not(
    counter: Counter, open_page: OpenPage, *, desk: bool
) -> None:
    case = counter.cases[desk]
    path = f"/returns/{case}"
    care = await counter.desk(open_page, "service", desk=desk)
    await care.goto(counter.url(path))
    await care.get_by_role("button", name=say("returns.approve")).click()
    await care.get_by_role("dialog").get_by_role("button", name=say("returns.approve")).click()
    await care.get_by_role("button", name=say("returns.takeInAct")).click()
    refund = say("returns.refundAct", amount="¥149.00")
    await expect(care.get_by_role("button", name=refund)).to_be_visible()

    reader = await counter.desk(open_page, "analyst", desk=desk)
    await reader.goto(counter.url(path))
    why = say("returns.mayNot", permission=say("words.permission.orders_refund"))
    await expect(reader.locator("[data-why]")).to_have_text(why)
    await expect(reader.get_by_role("button", name=refund)).to_have_count(0)
    # Nor does the server take it from somebody who builds the request by hand.
    refused = await reader.evaluate(
        """async (path) => {
          const me = await (await fetch('/console/v1/session')).json();
          const answer = await fetch(path, { method: 'POST', headers: { 'X-CSRF-Token': me.me.csrf, 'Idempotency-Key': 'k' } });
          return answer.status; }""",
        f"/console/v1/cases/{case}/refund",
    )
    assert refused == 403

    await care.get_by_role("button", name=refund).click()
    await care.get_by_role("dialog").get_by_role("button", name=refund).click()
    await expect(care.locator(".pagehead .state")).to_have_text(say("words.case.refunded"))
    await expect(care.get_by_text(say("words.refund.done"), exact=True)).to_be_visible()
    await fits(care)
    assert await axe(care) == []


async def test_many_orders_are_cancelled_at_once(counter: Counter, open_page: OpenPage) -> None:
    care = await counter.desk(open_page, "service")
    await care.goto(counter.url("/orders?status=placed"))
    rows = care.locator(".list tbody tr[data-index]")
    for number in counter.idle:
        await rows.filter(has_text=number).get_by_role("checkbox").check()
    bar = care.get_by_role("region", name=say("kit.bulk"))
    slips = await bar.get_by_role("link", name=say("orders.bulk.slips")).get_attribute("href")
    assert (await care.request.get(f"{counter.shop.url}{slips}")).headers["content-type"] == "application/pdf"
    async with care.expect_download() as taken:
        await bar.get_by_role("link", name=say("orders.bulk.export")).click()
    table = Path(await (await taken.value).path()).read_text(encoding="utf-8-sig")  # noqa: ASYNC240
    assert all(number in table for number in counter.idle)
    assert counter.unpaid not in table

    await bar.get_by_role("button", name=say("orders.bulk.cancel")).click()
    sheet = care.get_by_role("dialog")
    await expect(sheet.get_by_role("heading")).to_have_text(say("orders.bulk.cancelTitle", n=2))
    await sheet.get_by_label(say("kit.reason")).select_option("buyer_request")
    await sheet.get_by_role("button", name=say("orders.bulk.cancel")).click()
    await expect(care.get_by_text(say("orders.bulk.done", n=2))).to_be_visible()
    for number in counter.idle:
        await expect(rows.filter(has_text=number)).to_have_count(0)
    assert await axe(care) == []


async def test_an_announced_delivery_is_counted_in_on_a_phone(counter: Counter, open_page: OpenPage) -> None:
    desk = await counter.desk(open_page, "warehouse")
    await desk.goto(counter.url("/deliveries"))
    await desk.get_by_role("button", name=say("supply.announce")).first.click()
    sheet = desk.get_by_role("dialog")
    await sheet.get_by_label(say("supply.number")).fill("ASN-88")
    await sheet.get_by_label(say("supply.supplier")).fill("景德镇南窑")
    await sheet.get_by_label(say("supply.lines")).fill(f"{counter.sku_codes[0]}\t2\n不是一行")
    await expect(sheet.get_by_text(say("supply.badLines", n=2))).to_be_visible()
    await sheet.get_by_label(say("supply.lines")).fill(f"{counter.sku_codes[0]}\t2")
    await sheet.get_by_role("button", name=say("supply.announceAct")).click()
    await expect(desk.locator(".pagehead .state")).to_have_text(say("words.notice.announced"))
    assert await axe(desk) == []

    hand = await counter.desk(open_page, "warehouse", desk=False)
    await hand.goto(counter.url("/station"))
    await scan(hand, "ASN-88")
    await expect(hand.locator("[data-notice]")).to_contain_text("景德镇南窑")
    await expect(hand.locator("[data-missing] strong")).to_have_text("2")
    await pause(hand)
    await scan(hand, counter.sku_codes[2])
    await expect(hand.locator("[data-said]")).to_have_class(re.compile("bad"))
    await expect(hand.get_by_text(say("station.extra"), exact=True)).to_be_visible()
    await hand.get_by_role("button", name=say("station.less", what=counter.sku_codes[2])).click()
    for n in (1, 2):
        await pause(hand)
        await scan(hand, counter.sku_codes[0])
        await expect(hand.locator("[data-counted]")).to_have_text(str(n))
    await small_targets(hand)
    await fits(hand)
    await hand.get_by_role("button", name=say("station.receiveAct", n=2)).click()
    await expect(hand.locator("[data-notice]")).to_contain_text(say("words.notice.closed"))
    # Whoever has the page open sees it without asking.
    await expect(desk.locator(".pagehead .state")).to_have_text(say("words.notice.closed"))


async def test_a_changed_role_is_felt_at_once(counter: Counter, open_page: OpenPage) -> None:
    boss = await counter.desk(open_page, "admin")
    care = await counter.desk(open_page, "service")
    await care.goto(counter.url(f"/customers/{counter.shopper}"))
    reveal = care.get_by_role("button", name=re.compile("查看完整信息"))
    await expect(reveal).to_be_visible()
    await expect(care.locator("[data-who]")).to_contain_text("****1234")

    await boss.goto(counter.url("/roles"))
    box = boss.get_by_role(
        "checkbox",
        name=say(
            "staff.maybe", role=say("words.role.service"), what=say("words.permission.customers_reveal")
        ),
    )
    await expect(box).to_be_checked()
    await box.uncheck()
    await boss.get_by_role("button", name=say("staff.saveMatrix")).click()
    await expect(boss.get_by_role("button", name=say("staff.saveMatrix"))).to_be_disabled()
    await reveal.click()
    await care.get_by_role("dialog").locator("textarea").fill("来电核对")
    await care.get_by_role("dialog").get_by_role("button", name="查看完整信息").click()
    await expect(care.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    await care.reload()
    await expect(care.locator("[data-who]")).to_be_visible()
    await expect(reveal).to_have_count(0)
    await boss.goto(counter.url("/audit?kind=role"))
    await boss.get_by_role("button", name=re.compile("查看变化")).first.click()
    old = boss.get_by_role("dialog").locator("del", has_text="customers:reveal")
    await expect(old).to_have_count(1)
    assert await axe(boss) == []


async def test_settings_and_health_tell_and_do(counter: Counter, open_page: OpenPage) -> None:
    boss = await counter.desk(open_page, "admin")
    await boss.goto(counter.url("/settings"))
    days = boss.get_by_label(say("settings.names.returns_window_days"))
    await days.fill("3")
    save = boss.locator("form", has=days).get_by_role("button", name=say("kit.save"))
    await expect(save).to_be_disabled()
    await days.fill("15")
    await save.click()
    await expect(days).to_have_value("15")
    await boss.reload()
    await expect(days).to_have_value("15")
    await boss.goto(counter.url("/health"))
    for check in ("workers", "migrations", "queue", "parked"):
        await expect(boss.locator(f'[data-check="{check}"]')).to_have_attribute("data-ok", "true")
    await boss.goto(counter.url("/books"))
    await boss.get_by_role("button", name=say("stock.examine")).click()
    await expect(boss.get_by_text(say("stock.allWell"), exact=True)).to_be_visible()
