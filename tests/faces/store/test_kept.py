"""Kept answers on the real shop: when they are served, to whom, and that nobody sees what was changed a second ago."""

from __future__ import annotations

import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import brotli
import httpx
import pytest
from litestar import Litestar, get, post
from litestar.routes import HTTPRoute

from daji.faces.app import create_app
from daji.faces.http import install
from daji.faces.http.keeping import UnsoundKeeping
from daji.faces.http.kept import FRESH_SECONDS, Keep, Kept, KeptSettings
from daji.faces.http.settings import HttpSettings, LimitSettings
from daji.faces.search_feed import LISTEN_SECONDS, Feed, Keeper
from daji.kit import ids
from daji.kit.db import counting
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.shop.reviews import api as reviews
from tests.faces.real_app import ORIGIN, RealShop
from tests.faces.store.shopping import good

LISTS = "/store/v1/products"
PAGES = ("/zh/", "/zh/categories", "/zh/search?q=龙井", "/zh/help")
NONCE = re.compile(r"nonce-([\w-]+)'")


class Watch:
    """Seconds that a test lets pass, or real ones."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.runs = False

    def __call__(self) -> float:
        return self.passed + (time.monotonic() if self.runs else 1000.0)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def kept(shop: RealShop, watch: Watch) -> Kept:
    made = Kept(KeptSettings(), clock=watch)
    shop.app = create_app(shop.house, kept=made, limits=LimitSettings(mode="on"))
    return made


@pytest.fixture
async def feed(shop: RealShop, kept: Kept) -> Feed:
    await shop.world.sku(stock=50)
    made = Feed(shop.house, shop.house.search, kept)
    await made.build()
    await made.listen()
    return made


@pytest.fixture
async def browser(shop: RealShop, feed: Feed) -> httpx.AsyncClient:
    return shop.client()


async def slug_of(shop: RealShop) -> tuple[UUID, str]:
    async with shop.house.db.read() as session:
        found = (await catalog.list_products(session)).items[0]
    return found.id, found.slug


async def category_of(client: httpx.AsyncClient) -> str:
    return f"/zh/c/{(await client.get('/store/v1/categories')).json()['items'][0]['slug']}"


async def cost(client: httpx.AsyncClient, path: str, **headers: str) -> int:
    with counting() as tally:
        answer = await client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return tally.count


async def test_the_second_visitor_costs_no_statement(shop: RealShop, browser: httpx.AsyncClient) -> None:
    _, slug = await slug_of(shop)
    api = (LISTS, f"{LISTS}?limit=5&q=龙井", f"{LISTS}/{slug}")
    for path in (*api, *PAGES, f"/zh/p/{slug}", await category_of(shop.client())):
        assert await cost(browser, path) > 0, path
        assert await cost(shop.client(), path) == 0, path
    assert await cost(browser, f"{LISTS}?q=龙井&limit=5") == 0, "one spelling of a query"
    assert await cost(browser, f"{LISTS}?q=龙井&limit=4") > 0


async def test_kept_and_new_answers_say_the_same(shop: RealShop, browser: httpx.AsyncClient) -> None:
    _, slug = await slug_of(shop)
    for path in (LISTS, f"{LISTS}/{slug}", f"/zh/p/{slug}", "/en/help"):
        first, second = await browser.get(path), await browser.get(path)
        own = {"x-request-id", "content-security-policy", "ratelimit", "content-length", "content-encoding"}
        assert {n: v for n, v in first.headers.items() if n not in own} == {
            n: v for n, v in second.headers.items() if n not in own
        }
        assert first.headers["x-request-id"] != second.headers["x-request-id"]
        mine, theirs = (NONCE.findall(one.headers["content-security-policy"]) for one in (first, second))
        assert (first.text.replace(mine[0], theirs[0]) if mine else first.text) == second.text


async def test_no_two_readers_of_a_kept_page_share_a_nonce(
    shop: RealShop, browser: httpx.AsyncClient
) -> None:
    _, slug = await slug_of(shop)
    seen = set()
    for encoding in ("identity", "identity", "gzip", "gzip, br", "br"):
        answer = await browser.get(f"/zh/p/{slug}", headers={"Accept-Encoding": encoding})
        said = set(NONCE.findall(answer.headers["content-security-policy"]))
        written = set(re.findall(r'nonce="([^"]*)"', answer.text))
        assert said == written
        assert len(said) == 1
        assert 'name="_csrf" value=""' in answer.text
        assert 'data-csrf=""' in answer.text
        seen |= said
    assert len(seen) == 5


async def test_forms_are_what_they_say(shop: RealShop, browser: httpx.AsyncClient, feed: Feed) -> None:
    for _ in range(3):
        await shop.world.sku()
    await feed.step()
    plain = (await browser.get(LISTS, headers={"Accept-Encoding": "identity"})).content
    for encoding, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        for _ in range(2):
            async with browser.stream("GET", LISTS, headers={"Accept-Encoding": encoding}) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert answer.headers["content-encoding"] == encoding
            assert int(answer.headers["content-length"]) == len(raw) < len(plain)
            assert unpack(raw) == plain
            assert "Accept-Encoding" in answer.headers["vary"]


Change = Callable[[RealShop, UUID], Awaitable[object]]


async def _price(shop: RealShop, product_id: UUID) -> None:
    async with shop.house.db.transaction() as tx:
        product = await catalog.get_product(tx, product_id=product_id)
        assert shop.world.list_id is not None
        await pricing.set_prices(
            tx, list_id=shop.world.list_id,
            prices=[pricing.NewPrice(sku_id=product.skus[0].id, amount=777)],
            valid_from=shop.house.clock.now(), by="t", now=shop.house.clock.now(),
        )  # fmt: skip


async def _stock(shop: RealShop, product_id: UUID) -> None:
    async with shop.house.db.read() as session:
        product = await catalog.get_product(session, product_id=product_id)
    await shop.world.restock(product.skus[0].id, 5, await shop.world.site())


async def _text(shop: RealShop, product_id: UUID) -> None:
    async with shop.house.db.transaction() as tx:
        product = await catalog.get_product(tx, product_id=product_id)
        await catalog.update_product(
            tx, product_id=product_id, changes=catalog.ProductChanges(texts={"zh": catalog.Text(title="碧螺春")}),
            version=product.version, by="t", now=shop.house.clock.now(),
        )  # fmt: skip


async def _delist(shop: RealShop, product_id: UUID) -> None:
    async with shop.house.db.transaction() as tx:
        await catalog.change_status(
            tx, product_id=product_id, verb="delist", by="t", now=shop.house.clock.now()
        )


async def _review(shop: RealShop, product_id: UUID) -> None:
    now = shop.house.clock.now()
    async with shop.house.db.transaction() as tx:
        await reviews.post(
            tx, kind="product", order_id=ids.new_id(), line_id=ids.new_id(), product_id=product_id, author="L",
            author_id=None, posted_at=now, score=5, title="", text="香", now=now,
        )  # fmt: skip


async def _reply(shop: RealShop, product_id: UUID) -> None:
    await _review(shop, product_id)
    async with shop.house.db.transaction() as tx:
        found = await reviews.list_for_product(tx, product_id=product_id)
        await reviews.reply(tx, review_id=found.items[0].id, text="谢谢", by="t", now=shop.house.clock.now())


async def _category(shop: RealShop, product_id: UUID) -> None:
    assert shop.world.category_id is not None
    async with shop.house.db.transaction() as tx:
        await catalog.update_category(
            tx, category_id=shop.world.category_id, changes=catalog.CategoryChanges(names={"zh": "好茶", "en": "Tea"}),
            by="t", now=shop.house.clock.now(),
        )  # fmt: skip


async def _freight(shop: RealShop, product_id: UUID) -> None:
    await shop.world.freight(900)


@pytest.mark.parametrize(
    ("change", "shown_by"),
    [
        (_price, "lcdh"), (_stock, "lcdh"), (_text, "lcdh"), (_delist, "lcdh"), (_review, "lcdh"), (_reply, "lcdh"),
        (_category, "chd"), (_freight, "h"),
    ],
)  # fmt: skip
async def test_u72_a_change_ends_every_answer_that_shows_it(
    shop: RealShop, feed: Feed, browser: httpx.AsyncClient, change: Change, shown_by: str
) -> None:
    product_id, slug = await slug_of(shop)
    paths = {"l": LISTS, "c": await category_of(browser), "d": f"{LISTS}/{slug}", "h": f"/zh/p/{slug}"}
    for path in paths.values():
        await browser.get(path)
        assert await cost(browser, path) == 0
    await change(shop, product_id)
    await feed.listen()
    for name in shown_by:
        with counting() as tally:
            await browser.get(paths[name])
        assert tally.count > 0, paths[name]


async def test_u72_a_new_price_is_read_within_a_second(
    shop: RealShop, kept: Kept, browser: httpx.AsyncClient, watch: Watch
) -> None:
    product_id, slug = await slug_of(shop)
    watch.runs = True
    keeper = Keeper(shop.house, kept)
    await keeper.start()
    try:
        await asyncio.sleep(2 * LISTEN_SECONDS)
        assert (await browser.get(f"{LISTS}/{slug}")).json()["skus"][0]["price"] == 1299
        await _price(shop, product_id)
        async with asyncio.timeout(FRESH_SECONDS):
            while (await browser.get(f"{LISTS}/{slug}")).json()["skus"][0]["price"] != 777:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await keeper.stop()


async def test_a_price_begins_on_time_though_nobody_listens(
    shop: RealShop, feed: Feed, browser: httpx.AsyncClient
) -> None:
    product_id, slug = await slug_of(shop)
    later = shop.world.clock.now() + timedelta(seconds=30)
    assert shop.world.list_id is not None
    async with shop.house.db.transaction() as tx:
        product = await catalog.get_product(tx, product_id=product_id)
        await pricing.set_prices(
            tx, list_id=shop.world.list_id, prices=[pricing.NewPrice(sku_id=product.skus[0].id, amount=777)],
            valid_from=later, by="t", now=shop.world.clock.now(),
        )  # fmt: skip
    await feed.listen()
    assert await cost(browser, f"{LISTS}/{slug}") > 0
    assert await cost(browser, f"{LISTS}/{slug}") > 0, "not kept before it is known when the price changes"
    await feed.step()
    for path in (f"{LISTS}/{slug}", LISTS, f"/zh/p/{slug}", "/zh/"):
        await browser.get(path)
        assert await cost(browser, path) == 0, path
    shop.world.clock.set(later - timedelta(microseconds=1))
    assert (await browser.get(f"{LISTS}/{slug}")).json()["skus"][0]["price"] == 1299
    shop.world.clock.set(later)
    assert (await browser.get(f"{LISTS}/{slug}")).json()["skus"][0]["price"] == 777
    assert (await browser.get(LISTS)).json()["items"][0]["price_from"] == 777
    assert "7.77" in (await browser.get(f"/zh/p/{slug}")).text


async def test_silence_ends_what_is_kept_and_a_dead_database_does_not(
    shop: RealShop, kept: Kept, feed: Feed, browser: httpx.AsyncClient, watch: Watch
) -> None:
    await browser.get(LISTS)
    watch.passed += FRESH_SECONDS + 0.1
    assert await cost(browser, LISTS) > 0
    kept.lost()
    assert await cost(browser, LISTS) == 0
    watch.passed = 0.0
    await feed.listen()
    assert await cost(browser, LISTS) > 0, "whatever came back is asked anew"


async def test_who_has_a_session_a_key_or_a_cart_is_answered_alone(
    shop: RealShop, browser: httpx.AsyncClient, kept: Kept
) -> None:
    _, slug = await slug_of(shop)
    page, facts = f"/zh/p/{slug}", f"{LISTS}/{slug}"
    for path in (page, facts):
        await browser.get(path)
    _, token = await shop.shopper("kept@example.com")
    guest = shop.client()
    sku = (await guest.get(facts)).json()["skus"][0]["id"]
    assert (await guest.put(f"/store/v1/cart/lines/{sku}", json={"qty": 3})).is_success
    before = len(kept)
    for client in (shop.client(token), guest):
        for path in (page, facts):
            assert await cost(client, path) > 0, path
    own = (await guest.get(page)).text
    assert 'data-csrf=""' not in own
    assert len(kept) == before
    anybody = (await browser.get(page)).text
    assert 'data-csrf=""' in anybody
    assert await cost(browser, page, **{"HX-Request": "true"}) > 0


async def test_an_answer_that_sets_a_cookie_is_nobody_elses(
    shop: RealShop, browser: httpx.AsyncClient, kept: Kept
) -> None:
    _, slug = await slug_of(shop)
    for path in ("/en/help?lang=en", f"/zh/p/{slug}?to=浙江省"):
        for _ in range(2):
            answer = await shop.client().get(path)
            assert "set-cookie" in answer.headers
    assert len(kept) == 0


async def test_readers_who_see_pages_otherwise_get_their_own(
    shop: RealShop, browser: httpx.AsyncClient
) -> None:
    _, slug = await slug_of(shop)
    path = f"/zh/p/{slug}"
    await browser.get(path)
    for headers in (
        {"Cookie": "daji_display=theme-dark.text-large.saver-off"},
        {"Cookie": "daji_region=%E6%B5%99%E6%B1%9F%E7%9C%81"},
        {"Save-Data": "on"},
        {"ECT": "2g"},
        {"Accept-Language": "zh"},
    ):
        assert await cost(shop.client(), path, **headers) > 0, headers
        assert await cost(shop.client(), path, **headers) == 0, headers
    shop.world.clock.advance(timedelta(hours=1))
    assert await cost(browser, path) > 0, "rules go by the hour"


async def test_not_modified_keeps_the_policy_that_the_page_came_with(
    shop: RealShop, browser: httpx.AsyncClient
) -> None:
    _, slug = await slug_of(shop)
    _, token = await shop.shopper("etag@example.com")
    for client, path in ((browser, f"/zh/p/{slug}"), (browser, LISTS), (shop.client(token), LISTS)):
        etag = (await client.get(path)).headers["etag"]
        again = await client.get(path, headers={"If-None-Match": f'"x", {etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert "content-security-policy" not in again.headers
        assert "content-type" not in again.headers
        other = await client.get(path, headers={"If-None-Match": '"x"'})
        assert other.status_code == 200
    assert "etag" not in (await shop.client(token).get(f"/zh/p/{slug}")).headers, (
        "that page is to be stored nowhere"
    )


@pytest.mark.parametrize("path", [LISTS, "/zh/", "/health/live", "/static/store/favicon.svg"])
async def test_head_is_get_without_a_body(browser: httpx.AsyncClient, path: str) -> None:
    browser.headers["Accept-Encoding"] = "identity"
    for _ in range(2):
        got, head = await browser.get(path), await browser.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert head.headers["content-type"] == got.headers["content-type"]


async def test_those_who_come_together_are_answered_by_one_look(
    shop: RealShop, browser: httpx.AsyncClient
) -> None:
    _, slug = await slug_of(shop)
    alone = await cost(browser, f"/zh/p/{slug}")
    with counting() as tally:
        answers = await asyncio.gather(*(browser.get(f"/en/p/{slug}") for _ in range(20)))
    assert {one.status_code for one in answers} == {200}
    assert tally.count == alone
    assert len({NONCE.findall(one.headers["content-security-policy"])[0] for one in answers}) == 20


async def test_a_kept_answer_is_paid_for_and_stops_for_maintenance(
    shop: RealShop, browser: httpx.AsyncClient
) -> None:
    await browser.get(LISTS)
    left = []
    for _ in range(3):
        assert await cost(browser, LISTS) == 0
        left.append(int(re.findall(r"r=(\d+)", (await browser.get(LISTS)).headers["ratelimit"])[0]))
    assert left[0] > left[1] > left[2]
    (shop.house.settings.home / "maintenance").write_text("60")
    await asyncio.sleep(1.1)
    assert (await browser.get(LISTS)).status_code == 503
    (shop.house.settings.home / "maintenance").unlink()


async def test_what_is_asked_often_counts_though_it_is_kept(
    shop: RealShop, feed: Feed, browser: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await browser.get(f"{LISTS}?q=longjing")
    assert await cost(browser, f"{LISTS}?q=longjing") == 0
    await feed.step()
    assert good(await browser.get("/store/v1/suggest"))["queries"] == ["longjing"]


async def test_off_keeps_nothing(shop: RealShop, feed: Feed) -> None:
    off = Kept(KeptSettings(kept="off"))
    shop.app = create_app(shop.house, kept=off)
    await Feed(shop.house, shop.house.search, off).listen()
    browser = shop.client()
    for _ in range(2):
        assert await cost(browser, LISTS) > 0
    assert (await browser.get(LISTS)).headers["etag"]


async def test_u16_nothing_that_decides_about_money_or_stock_may_be_kept(shop: RealShop) -> None:
    kept = {
        route.path
        for route in shop.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "kept" in handler.opt
    }
    text = ("help", "shipping", "returns-policy", "privacy", "terms", "about")
    shown = ("", "categories", "search", "c/{slug:str}", "p/{slug:str}", *text)
    assert kept == {
        "/store/v1/categories", "/store/v1/products", "/store/v1/products/{product:str}",
        *(f"/{lang}/{path}".rstrip("/") for lang in ("zh", "en") for path in shown),
    }  # fmt: skip


@pytest.mark.parametrize("fault", ["post", "guest", "blind"])
async def test_a_route_that_may_not_be_kept_does_not_start(shop: RealShop, fault: str) -> None:
    @get("/own", opt={"permission": "guest", "kept": Keep()}, sync_to_thread=False)
    def own() -> str:
        return ""

    @post("/change", opt={"permission": "public", "kept": Keep()}, sync_to_thread=False)
    def change() -> str:
        return ""

    @get("/blind", opt={"permission": "public", "auth": False, "kept": Keep()}, sync_to_thread=False)
    def blind() -> str:
        return ""

    routes = {"post": change, "guest": own, "blind": blind}
    house = shop.house

    def make() -> Litestar:
        return install.make_app(
            [routes[fault]], settings=HttpSettings(secret=b"s" * 32, origins=(ORIGIN,)), db=house.db,
            clock=house.clock, catalogue=house.catalogue,
        )  # fmt: skip

    with pytest.raises(UnsoundKeeping):
        make()
