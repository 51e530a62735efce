"""Search over the real shop: what is found, how fresh it is, and what happens before the index stands (U-72, C6)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from daji.faces.search_feed import Feed, Keeper
from daji.kit import ids, outbox
from daji.kit.db import Session, counting
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.shop.reviews import api as reviews
from daji.views import search_source
from tests.faces.real_app import RealShop
from tests.faces.store.shopping import good


@pytest.fixture
def feed(shop: RealShop) -> Feed:
    return Feed(shop.house, shop.house.search)


@pytest.fixture
def browser(shop: RealShop) -> httpx.AsyncClient:
    return shop.client()


async def found(browser: httpx.AsyncClient, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = good(await browser.get(f"/store/v1/products{query}"))
    return answer


async def titles(browser: httpx.AsyncClient, query: str = "") -> list[str]:
    return [item["titles"]["zh"] for item in (await found(browser, query))["items"]]


async def product_of(shop: RealShop, sku_id: UUID) -> UUID:
    async with shop.house.db.read() as session:
        wanted = await catalog.skus_for_sale(session, sku_ids=[sku_id])
    return wanted[0].product_id


async def test_before_the_index_stands_sql_answers_without_facets(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    await shop.world.sku()
    before = await found(browser, "?q=龙井")
    assert (len(before["items"]), before["total"], before["facets"]) == (1, None, [])
    await feed.build()
    after = await found(browser, "?q=龙井")
    assert (len(after["items"]), after["total"], after["how"]) == (1, 1, "exact")
    assert after["items"] == before["items"]


async def test_a_list_costs_one_statement_and_suggestions_none(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    await shop.world.sku()
    await feed.build()
    for path, cost in (
        ("products?q=龙井&stock=low", 1),
        ("products?sort=price_up", 1),
        ("suggest?q=lo", 0),
    ):
        with counting() as tally:
            good(await browser.get(f"/store/v1/{path}"))
        assert tally.count == cost, (path, tally.statements)


async def test_a_list_is_narrowed_sorted_and_explained(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    for price, stock in ((900, 3), (2500, 40), (7000, 0)):
        await shop.world.sku(price=price, stock=stock)
    await feed.build()
    assert await titles(browser, "?sort=price_down") == ["龙井 3 号", "龙井 2 号", "龙井 1 号"]
    assert await titles(browser, "?price=1000-3000") == ["龙井 2 号"]
    assert await titles(browser, "?stock=low&stock=sold_out&sort=price_up") == ["龙井 1 号", "龙井 3 号"]
    facets = {one["code"]: one for one in (await found(browser))["facets"]}
    assert {one["value"]: one["count"] for one in facets["stock"]["values"]} == {
        "in_stock": 1,
        "low": 1,
        "sold_out": 1,
    }
    page = await found(browser, "?q=longjing&explain=true")
    assert [one["product"] for one in page["reasons"]] == [one["id"] for one in page["items"]]
    assert page["reasons"][-1]["factors"]["stock"] == 0.35
    assert (await found(browser, "?q=longjing"))["reasons"] == []


async def test_pages_follow_each_other(shop: RealShop, browser: httpx.AsyncClient, feed: Feed) -> None:
    for _ in range(5):
        await shop.world.sku()
    await feed.build()
    seen: list[str] = []
    query = "?limit=2"
    while True:
        page = await found(browser, query)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 5
    wrong = await browser.get(
        f"/store/v1/products?sort=newest&cursor={page['next_cursor'] or 'WyJmb3VuZCIsInJhbmsiLDJd'}"
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?price=cheap", "price"), ("?price=1-2-3", "price"), ("?rating=9", "rating"), ("?stock=plenty", "stock"),
        ("?sort=best", "sort"), ("?q=" + "x" * 201, "q"), ("?a.colour=" + "x" * 201, "a.colour"),
        ("?" + "&".join(f"brand=b{n}" for n in range(51)), "filters"),
    ],
)  # fmt: skip
async def test_a_filter_that_nobody_can_mean_is_refused(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed, query: str, pointer: str
) -> None:
    await feed.build()
    answer = await browser.get(f"/store/v1/products{query}")
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["pointer"].strip("/") == pointer


async def test_u72_price_stock_stars_and_state_are_followed(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    world, db = shop.world, shop.house.db
    sku_id = await world.sku(price=1000, stock=0)
    await feed.build()
    now = world.clock.now()
    product_id = await product_of(shop, sku_id)

    async def follows(query: str, count: int) -> None:
        await feed.step()
        assert (await found(browser, query))["total"] == count, query

    await follows("?stock=sold_out", 1)
    await world.restock(sku_id, 50, await world.site())
    await follows("?stock=in_stock", 1)
    assert world.list_id is not None
    later = now + timedelta(hours=1)
    async with db.transaction() as tx:
        await pricing.set_prices(
            tx, list_id=world.list_id, prices=[pricing.NewPrice(sku_id=sku_id, amount=5000)], valid_from=later,
            by="t", now=now,
        )  # fmt: skip
    await follows("?price=-1000", 1)
    world.clock.set(later)
    await follows("?price=5000-5000", 1)
    async with db.transaction() as tx:
        await reviews.post(
            tx, kind="product", order_id=ids.new_id(), line_id=ids.new_id(), product_id=product_id, author="L",
            author_id=None, posted_at=later, score=5, title="", text="", now=later,
        )  # fmt: skip
    await follows("?rating=4", 1)
    text = {"zh": catalog.Text(title="碧螺春"), "en": catalog.Text(title="Biluochun")}
    async with db.transaction() as tx:
        product = await catalog.get_product(tx, product_id=product_id)
        changed = await catalog.update_product(
            tx, product_id=product_id, changes=catalog.ProductChanges(texts=text), version=product.version,
            by="t", now=later,
        )  # fmt: skip
    await follows("?q=biluochun", 1)
    await follows("?q=longjing", 0)
    assert changed.version > product.version
    async with db.transaction() as tx:
        await catalog.change_status(tx, product_id=product_id, verb="delist", by="t", now=later)
    assert (await found(browser, "?q=碧螺春"))["items"] == [], (
        "what is not listed is shown nowhere, however stale the index"
    )
    await follows("", 0)


async def test_a_sale_that_leaves_enough_reads_no_product_again(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most changes of stock change no word: `in_stock` stays `in_stock`, and the document is left alone."""
    world = shop.world
    many, few = await world.sku(stock=50), await world.sku(stock=12)
    await feed.build()
    monkeypatch.setattr(feed, "_next_of_round", list)
    read: list[UUID] = []
    sources = search_source.sources

    async def noted(session: Session, **given: Any) -> tuple[search_source.Source, ...]:
        read.extend(given["product_ids"])
        return await sources(session, **given)

    monkeypatch.setattr(search_source, "sources", noted)
    await world.place({many: 1})
    await feed.step()
    assert read == []
    await world.place({few: 3})
    await feed.step()
    assert read == [await product_of(shop, few)]
    assert (await found(browser, "?stock=low"))["total"] == 1
    await feed.step()
    assert len(read) == 1


async def test_a_renamed_category_is_followed_though_it_tells_no_event(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    await shop.world.sku()
    await feed.build()
    assert shop.world.category_id is not None
    shop.world.clock.advance(timedelta(seconds=5))
    async with shop.house.db.transaction() as tx:
        await catalog.update_category(
            tx,
            category_id=shop.world.category_id,
            changes=catalog.CategoryChanges(names={"zh": "山间好物", "en": "From the hills"}),
            by="t",
            now=shop.world.clock.now(),
        )
    await feed.step()
    assert (await found(browser, "?q=山间好物"))["total"] == 1


async def test_a_change_that_commits_late_is_heard_all_the_same(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    """A transaction takes its place in the outbox before others that commit first."""
    first, second = await shop.world.sku(stock=0), await shop.world.sku(stock=0)
    site = await shop.world.site()
    await feed.build()
    db, now = shop.house.db, shop.world.clock.now()
    slow = await product_of(shop, first)
    async with db.transaction() as tx:
        await catalog.change_status(tx, product_id=slow, verb="delist", by="t", now=now)
        # What a transaction does at its end, a moment earlier: it has its place, and commits after the other was heard.
        await outbox.flush(tx, db.listeners)
        await shop.world.restock(second, 50, site)
        await feed.step()
        assert (await found(browser, "?stock=in_stock"))["total"] == 1
        assert (await found(browser))["total"] == 2
    await feed.step()
    assert (await found(browser))["total"] == 1


async def test_two_processes_follow_within_two_seconds(shop: RealShop, browser: httpx.AsyncClient) -> None:
    keeper = Keeper(shop.house)
    await keeper.start()
    try:
        async with asyncio.timeout(20):
            while not shop.house.search.ready:  # noqa: ASYNC110 - the server asks for it only when a page does
                await asyncio.sleep(0.05)
        await shop.world.sku()
        async with asyncio.timeout(2):
            while (await found(browser))["total"] != 1:  # noqa: ASYNC110 - as a reader would, again and again
                await asyncio.sleep(0.05)
    finally:
        await keeper.stop()


async def test_suggestions_name_products_and_categories(
    shop: RealShop, browser: httpx.AsyncClient, feed: Feed
) -> None:
    empty = good(await browser.get("/store/v1/suggest?q=lo"))
    assert empty == {"queries": [], "categories": [], "products": []}
    await shop.world.sku()
    await feed.build()
    found_ = good(await browser.get("/store/v1/suggest?q=longj"))
    assert [one["names"]["zh"] for one in found_["products"]] == ["龙井 1 号"]
    assert good(await browser.get("/store/v1/suggest?q=%E2%80%AE"))["products"] == []
