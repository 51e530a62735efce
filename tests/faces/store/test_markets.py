"""Language and currency by address: what is sold where, at which price, and that two currencies never meet."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from daji.faces.search_feed import Feed
from daji.faces.store import markets
from daji.kit import ids
from daji.kit.db import Database, counting
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.payments import api as payments
from tests.faces import http_app
from tests.faces.real_app import RealShop, open_real
from tests.faces.store.shopping import ADDRESS, CONTACT, good, key, sku
from tests.makers.world import World

BOTH = pytest.mark.parametrize("prefix", ["/zh-usd", "/en-usd"])
USD = "?market=en-usd"


@pytest.fixture
async def list_id(db: Database, tmp_path: Path, gateway_keys: Path) -> AsyncIterator[tuple[World, UUID]]:
    world = World(db, tmp_path, gateway_keys)
    await world.open_shop()
    yield world, await world.open_abroad(freight=500)
    await world.close()


@pytest.fixture
async def shop(list_id: tuple[World, UUID], database_url: str) -> AsyncIterator[RealShop]:
    """A shop with the channels `web` in CNY and `web-usd`, where sending costs five dollars."""
    world, _ = list_id
    with http_app.silence():
        opened = await open_real(world, database_url)
        yield opened
        await world.check()
        await opened.close()


@pytest.fixture
def dollars(list_id: tuple[World, UUID]) -> UUID:
    return list_id[1]


@pytest.fixture
def browser(shop: RealShop) -> httpx.AsyncClient:
    return shop.client()


async def slug_of(shop: RealShop, sku_id: UUID) -> str:
    async with shop.house.db.read() as session:
        (found,) = await catalog.skus_for_sale(session, sku_ids=[sku_id])
    assert found.slug is not None
    return found.slug


async def priced(shop: RealShop, dollars: UUID, *prices: tuple[int, int | None]) -> list[UUID]:
    """SKUs with a price in fen and one in cents, None for none."""
    made = []
    for fen, cents in prices:
        one = await shop.world.sku(price=fen)
        if cents is not None:
            await shop.world.price(one, cents, dollars)
        made.append(one)
    return made


async def feed(shop: RealShop) -> Feed:
    made = Feed(shop.house, shop.house.search, channels=(await markets.load(shop.house)).channels)
    await made.build()
    return made


def ld(page: str, kind: str) -> dict[str, object]:
    for text in re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL):
        found: dict[str, object] = json.loads(text)
        if found["@type"] == kind:
            return found
    raise AssertionError(kind)


def plain(page: str) -> str:
    """What a person reads of a page above its foot."""
    return re.sub(r"<[^>]*>", "", re.sub(r"<footer.*", "", page, flags=re.DOTALL))


def channel(code: str, currency: str) -> pricing.Channel:
    return pricing.Channel(code=code, name=code, currency=currency, lang="en")


def test_markets_are_channels_that_name_their_currency() -> None:
    found = markets.make(
        channel(code, currency)
        for code, currency in (
            *(("web-usd", "USD"), ("web", "CNY"), ("mini", "CNY"), ("web-eur", "EUR")),
            *(("web-jpy", "USD"), ("web-cny", "CNY"), ("web-USD", "USD")),
        )
    )
    assert [one.code for one in found.items] == ["zh", "en", "zh-eur", "en-eur", "zh-usd", "en-usd"]
    assert found.channels == ("web", "web-eur", "web-usd")
    # The euro is of no single region, so that crawlers are told of its pages by those of the main market.
    assert [one.hreflang for one in found.items] == ["zh-CN", "en", None, None, "zh-US", "en-US"]
    assert [one.code for one in found.beside(found.items[5])] == ["en", "en-eur", "en-usd"]
    alone = markets.make()
    assert [one.code for one in alone.items] == ["zh", "en"]
    assert alone.beside(alone.default) == ()
    assert markets.make([channel("web-usd", "USD")]) == alone
    assert found.get("fr", "mini").code == "zh"


async def test_lists_facets_and_order_are_of_the_market(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    cheap, dear, only_here = await priced(shop, dollars, (1000, 9900), (9000, 150), (5000, None))
    for built in (False, True):
        if built:
            await feed(shop)
        home = good(await browser.get("/store/v1/products?sort=price_up"))
        abroad = good(await browser.get(f"/store/v1/products{USD}&sort=price_up"))
        assert [one["price_from"] for one in home["items"]] == [1000, 5000, 9000]
        assert [(one["price_from"], one["currency"]) for one in abroad["items"]] == [
            (150, "USD"),
            (9900, "USD"),
        ]
        page = plain((await browser.get("/en-usd/c/cha?sort=price_down")).text)
        assert (page.index("$99.00") < page.index("$1.50")) if built else "$99.00" in page
        assert "¥" not in page
        front = (await browser.get("/en-usd/")).text
        assert await slug_of(shop, cheap) in front
        assert await slug_of(shop, only_here) not in front
    found = good(await browser.get(f"/store/v1/products{USD}&price=100-200"))
    assert [one["id"] for one in found["items"]] == [abroad["items"][0]["id"]]
    assert good(await browser.get("/store/v1/products?price=100-200"))["items"] == []
    assert dear != cheap


async def test_a_price_that_is_made_or_ends_moves_the_goods_between_markets(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    (one,) = await priced(shop, dollars, (1000, None))
    follow = await feed(shop)
    assert good(await browser.get(f"/store/v1/products{USD}"))["items"] == []
    await shop.world.price(one, 700, dollars)
    await follow.step()
    assert len(good(await browser.get(f"/store/v1/products{USD}"))["items"]) == 1
    assert len(good(await browser.get("/store/v1/products"))["items"]) == 1


@BOTH
async def test_a_page_of_a_market_is_its_own_and_names_the_others(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID, prefix: str
) -> None:
    (one,) = await priced(shop, dollars, (12800, 1999))
    slug, origin = await slug_of(shop, one), shop.house.settings.base_url
    page = (await browser.get(f"{prefix}/p/{slug}?price=1-2")).text
    assert f'<link rel="canonical" href="{origin}{prefix}/p/{slug}">' in page
    named = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    assert named == {
        "zh-CN": f"{origin}/zh/p/{slug}",
        "en": f"{origin}/en/p/{slug}",
        "zh-US": f"{origin}/zh-usd/p/{slug}",
        "en-US": f"{origin}/en-usd/p/{slug}",
        "x-default": f"{origin}/zh/p/{slug}",
    }
    main = (await browser.get(f"/en/p/{slug}")).text
    assert dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', main)) == named
    assert f'<link rel="canonical" href="{origin}/en/p/{slug}">' in main
    (offer,) = ld(page, "Product")["offers"]  # type: ignore[misc]
    assert (offer["priceCurrency"], offer["price"]) == ("USD", "19.99")
    assert offer["url"].startswith(f"{origin}{prefix}/p/{slug}?sku=")
    (offer,) = ld(main, "Product")["offers"]  # type: ignore[misc]
    assert (offer["priceCurrency"], offer["price"]) == ("CNY", "128.00")
    # What an address says of money is of its own currency: the way to another does not take it along.
    assert f'href="/{prefix[1:3]}/p/{slug}"' in page
    assert 'aria-current="true"' in page
    assert f'href="{prefix}/cart"' in page
    assert f'href="/{prefix[1:3]}/cart"' not in page
    sitemap = (await browser.get("/sitemaps/goods-0.xml")).text
    assert sitemap.count("<url>") == 4
    assert f'hreflang="en-US" href="{origin}/en-usd/p/{slug}"' in sitemap
    assert f"Disallow: {prefix}/checkout" in (await browser.get("/robots.txt")).text
    manifest = (await browser.get(f"{prefix}/manifest.webmanifest")).json()
    assert manifest["start_url"] == f"{prefix}/"
    assert f'"{prefix}/offline"' in (await browser.get("/sw.js")).text


async def test_the_root_leads_into_the_main_market_of_a_language(browser: httpx.AsyncClient) -> None:
    for accepted, there in (("en", "/en/"), ("zh", "/zh/"), ("fr", "/zh/")):
        answer = await browser.get("/", headers={"Accept-Language": accepted})
        assert (answer.status_code, answer.headers["location"]) == (302, there)


@pytest.mark.parametrize(
    "prefix",
    [
        *(
            "en-xxx",
            "EN-USD",
            "en-USD",
            "en-usd-usd",
            "fr-usd",
            "en_usd",
            "en-",
            "-usd",
            "en%2Dusdx",
            "enusd",
        ),
        *("en-usd%00", "en-usd;x", "en-usd..", "web-usd", "en-cny", "en-usd%2F..%2Fcart", "zh-"),
    ],
)
async def test_any_other_prefix_is_no_page(browser: httpx.AsyncClient, prefix: str) -> None:
    answer = await browser.get(f"/{prefix}/", headers={"Accept": "text/html"})
    assert answer.status_code in {400, 404, 422}
    assert "$" not in answer.text


async def test_going_up_from_a_market_leads_nowhere_else(shop: RealShop, browser: httpx.AsyncClient) -> None:
    for path in ("/en-usd/..%2f..%2fen/cart", "/en-usd/%2e%2e/en/cart", "/en-usd/%2e%2e/console"):
        raw = httpx.URL("http://127.0.0.1:8000").copy_with(raw_path=path.encode())
        assert (await browser.get(raw)).status_code in {400, 404}
    lost = await browser.get("/en-usd/nowhere", headers={"Accept": "text/html"})
    assert lost.status_code == 404
    assert 'href="/en-usd/cart"' in lost.text


@pytest.mark.parametrize(("lang", "says"), [("en", "There is no such market"), ("zh", "没有这个市场")])
async def test_the_api_knows_its_markets(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID, lang: str, says: str
) -> None:
    (one,) = await priced(shop, dollars, (12800, 1999))
    slug = await slug_of(shop, one)
    for query, amount in (("", 12800), ("?market=zh", 12800), ("?market=zh-usd", 1999)):
        shown = good(await browser.get(f"/store/v1/products/{slug}{query}"))
        assert shown["skus"][0]["price"] == amount
    for wrong in ("xx", "EN-USD", "en-xxx", "web-usd", "", "../en"):
        answer = await browser.get(
            f"/store/v1/products/{slug}", params={"market": wrong}, headers={"Accept-Language": lang}
        )
        assert answer.status_code == 400, wrong
        told = answer.json()
        assert (told["code"], told["title"]) == ("store.unknown_market", says)
        assert "zh, en, zh-usd, en-usd" in told["detail"]
    document = (await browser.get("/openapi.json")).json()
    for path, verb in (
        ("/store/v1/products", "get"),
        ("/store/v1/cart", "get"),
        ("/store/v1/quotes", "post"),
    ):
        assert "market" in [one["name"] for one in document["paths"][path][verb]["parameters"]], path


async def test_each_market_has_a_cart_of_its_own(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    here, there = await priced(shop, dollars, (1000, None), (2000, 300))
    good(await browser.put(f"/store/v1/cart/lines/{sku(here)}", json={"qty": 2}))
    good(await browser.put(f"/store/v1/cart/lines/{sku(there)}{USD}", json={"qty": 3}))
    home, abroad = good(await browser.get("/store/v1/cart")), good(await browser.get(f"/store/v1/cart{USD}"))
    assert (home["goods"], home["currency"]) == (2000, "CNY")
    assert (abroad["goods"], abroad["currency"]) == (900, "USD")
    page = plain((await browser.get("/en-usd/cart")).text)
    assert "$9.00" in page
    assert "20.00" not in page
    # Without a price there it cannot even be wished for; another currency's price does not stand for it.
    for path in (f"/store/v1/cart/lines/{sku(here)}{USD}",):
        refused = await browser.put(path, json={"qty": 1})
        assert (refused.status_code, refused.json()["code"]) == (409, "store.not_sold_here")
        assert "USD" in refused.json()["detail"]
    assert good(await browser.get(f"/store/v1/cart{USD}")) == abroad
    unsold = await browser.get(f"/en-usd/p/{await slug_of(shop, here)}")
    assert unsold.status_code == 200
    assert "Not sold in US Dollar" in unsold.text
    assert "10.00" not in unsold.text


async def test_an_order_keeps_its_currency_through_payment_and_refund(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    (one,) = await priced(shop, dollars, (12800, 1999))
    body = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": sku(one), "qty": 2}]}
    offer = good(await browser.post(f"/store/v1/quotes{USD}", json=body))
    assert (offer["total"], offer["freight"], offer["currency"]) == (4498, 500, "USD")
    # The offer's page stands in its own market, whatever the way to it.
    moved = await browser.get(f"/zh/checkout/{offer['id']}")
    assert (moved.status_code, moved.headers["location"]) == (303, f"/zh-usd/checkout/{offer['id']}")
    assert "$44.98" in (await browser.get(f"/en-usd/checkout/{offer['id']}")).text
    placed = good(await browser.post("/store/v1/orders", json={"quote_id": offer["id"]}, headers=key()))
    started = await browser.post(
        f"/store/v1/orders/{placed['id']}/payments{USD}",
        json={"method": "wallet", "script": "approve"},
        headers=key(),
    )
    assert started.is_success, started.text
    world, trade = shop.world, await shop.world.trade(ids.read("trd", placed["id"]))
    assert (trade.currency, trade.due, trade.payment) == ("USD", 4498, "paid")
    # Whichever market it is looked at in, it is what it was.
    assert "$44.98" in (await browser.get(f"/en/orders/{placed['id']}")).text
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    asked = good(
        await browser.post(
            f"/store/v1/orders/{placed['id']}/children/{ids.show('ord', order.id)}/returns",
            json={"units": [ids.show("unt", unit.id)], "reason": "damaged"},
            headers=key(),
        )
    )
    assert asked["amount"] == unit.paid == 2249
    desk = shop.client(await shop.staff("desk@shop.test", "admin"))
    case, site = f"/console/v1/cases/{asked['id']}", ids.show("sit", order.site_id)
    good(await desk.post(f"{case}/approve", json={"note": "fine"}, headers=key()))
    grades = [{"unit_id": ids.show("unt", unit.id), "grade": "restock"}]
    back = good(await desk.post(f"{case}/receive", json={"site_id": site, "grades": grades}, headers=key()))
    assert back == {"done": 2249, "pending": 0, "failed": 0}
    payable = await world.payable(trade.id)
    assert (payable.currency, payable.refunded) == ("USD", 2249)
    # The office sees each order in its own currency, and adds none to another.
    elsewhere = await world.paid_order({one: 1})
    world.clock.advance(timedelta(minutes=1))
    rows = good(await desk.get("/console/v1/orders"))["items"]
    assert {row["id"]: row["currency"] for row in rows} == {
        placed["id"]: "USD",
        ids.show("trd", elsewhere.id): "CNY",
    }
    day = good(await desk.get("/console/v1/overview"))["windows"][0]
    assert {one["currency"]: one["amount"] for one in day["gmv"]} == {"CNY": 12800}
    assert {one["currency"]: one["amount"] for one in day["refunds"]} == {"USD": 2249}
    async with shop.house.db.read() as session:
        books = await payments.trial_balance(session)
    for currency in ("CNY", "USD"):
        assert sum(value for account, value in books.items() if account.endswith(currency)) == 0


async def test_sending_that_is_not_priced_in_a_currency_is_refused(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    (one,) = await priced(shop, dollars, (12800, 1999))
    async with shop.house.db.transaction() as tx:
        await tx.execute("DELETE FROM delivery.charge WHERE currency = 'USD'")
    body = {"address": ADDRESS, "contact": CONTACT, "items": [{"sku": sku(one), "qty": 1}]}
    refused = await browser.post(f"/store/v1/quotes{USD}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery.no_freight")
    good(await browser.post("/store/v1/quotes", json=body))
    assert (await browser.get(f"/en-usd/p/{await slug_of(shop, one)}")).status_code == 200


async def test_a_market_costs_no_statement_more(
    shop: RealShop, browser: httpx.AsyncClient, dollars: UUID
) -> None:
    (one,) = await priced(shop, dollars, (12800, 1999))
    await feed(shop)
    slug = await slug_of(shop, one)
    for path in ("/", f"/p/{slug}", "/search?q=longjing", "/cart"):
        spent = []
        for prefix in ("/en", "/en-usd"):
            with counting() as tally:
                assert (await browser.get(prefix + path)).status_code == 200
            spent.append(tally.count)
        assert spent[0] == spent[1], (path, spent)
