"""The storefront's own promises: what it tells machines, how it looks to whom, and how goods are chosen."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jsonschema
import pytest
from PIL import Image

from daji.base.media import api as media
from daji.base.settings import api as settings
from daji.boot import House
from daji.faces.store import home
from daji.faces.store.display import Signals
from daji.kit import ids
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.shop.reviews import api as reviews
from tests.faces.store.conftest import ORIGIN, Visitor
from tests.faces.store.shopping import good, sku
from tests.makers.world import World

TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^http://shop\\.test/"}
OFFER = {
    "type": "object",
    "required": ["@type", "price", "priceCurrency", "availability", "url"],
    "properties": {
        "@type": {"const": "Offer"},
        "price": {"type": "string", "pattern": r"^\d+\.\d\d$"},
        "priceCurrency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "availability": {"enum": [f"https://schema.org/{one}" for one in ("InStock", "LimitedAvailability", "OutOfStock")]},
        "url": URL,
    },
}  # fmt: skip
RATING = {
    "type": "object",
    "required": ["@type", "ratingValue", "bestRating"],
    "properties": {"ratingValue": {"type": "number", "minimum": 1, "maximum": 5}},
}
# Google Search Central: what a product snippet, a merchant listing, a breadcrumb and a site name must have.
SCHEMAS: dict[str, dict[str, Any]] = {
    "Product": {
        "required": ["@context", "name", "image", "description", "sku", "offers"],
        "properties": {
            "@context": {"const": "https://schema.org"},
            "name": TEXT,
            "description": TEXT,
            "image": {"type": "array", "minItems": 1, "items": URL},
            "offers": {"type": "array", "minItems": 1, "items": OFFER},
            "aggregateRating": {**RATING, "required": [*RATING["required"], "reviewCount"]},
            "review": {
                "type": "array",
                "items": {
                    "required": ["@type", "author", "reviewRating", "datePublished"],
                    "properties": {
                        "reviewRating": RATING,
                        "author": {"required": ["@type", "name"], "properties": {"name": TEXT}},
                        "datePublished": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
                    },
                },
            },
        },
    },
    "BreadcrumbList": {
        "required": ["@context", "itemListElement"],
        "properties": {
            "itemListElement": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "required": ["@type", "position", "name", "item"],
                    "properties": {"position": {"type": "integer", "minimum": 1}, "name": TEXT, "item": URL},
                },
            }
        },
    },
    "Organization": {
        "required": ["@context", "name", "url", "logo"],
        "properties": {"name": TEXT, "url": URL, "logo": URL},
    },
    "WebSite": {
        "required": ["@context", "name", "url", "potentialAction"],
        "properties": {"potentialAction": {"required": ["@type", "target", "query-input"]}},
    },
    "ItemList": {
        "required": ["@context", "itemListElement"],
        "properties": {
            "itemListElement": {
                "type": "array",
                "items": {"required": ["@type", "position", "url"], "properties": {"url": URL}},
            }
        },
    },
}


def told(page: str) -> dict[str, Any]:
    """The JSON-LD of a page by type, every piece of it valid and carried by a nonce."""
    found = {}
    for text in re.findall(
        r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', page, re.DOTALL
    ):
        data = json.loads(text)
        jsonschema.validate(data, SCHEMAS[data["@type"]])
        found[data["@type"]] = data
    assert page.count("ld+json") == len(found)
    return found


def island(page: str) -> list[dict[str, Any]]:
    found = re.search(r'id="skus"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    read: list[dict[str, Any]] = json.loads(found[1])
    return read


async def slug_of(client: httpx.AsyncClient) -> str:
    return str(good(await client.get("/store/v1/products"))["items"][0]["slug"])


async def cups(world: World) -> dict[str, Any]:
    """A product in two colours and two sizes, one of the four sold out."""
    assert world.category_id is not None
    assert world.list_id is not None
    now, option = world.clock.now(), catalog.Option
    values = {"colour": (("red", "红"), ("blue", "蓝")), "size": (("s", "小"), ("l", "大"))}
    pairs = [(colour, size) for colour in ("red", "blue") for size in ("s", "l")]
    async with world.db.transaction() as tx:
        made = await catalog.create_product(
            tx,
            product=catalog.NewProduct(
                code="CUP",
                category_id=world.category_id,
                texts={"zh": catalog.Text(title="对杯", description="一对</script>"), "en": catalog.Text(title="Cups")},
                options=tuple(
                    option(
                        code=code,
                        names={"zh": code, "en": code},
                        values=tuple(catalog.OptionValue(code=one, names={"zh": zh, "en": one}) for one, zh in known),
                    )
                    for code, known in values.items()
                ),
                skus=tuple(
                    catalog.NewSku(code=f"CUP-{colour}-{size}", weight_g=300, option_values={"colour": colour, "size": size})
                    for colour, size in pairs
                ),
            ),
            by="system",
            now=now,
        )  # fmt: skip
        for verb in ("submit", "approve"):
            await catalog.change_status(tx, product_id=made.id, verb=verb, by="system", now=now)
        await pricing.set_prices(
            tx,
            list_id=world.list_id,
            prices=[pricing.NewPrice(sku_id=one.id, amount=1000 + n) for n, one in enumerate(made.skus)],
            valid_from=now,
            by="system",
            now=now,
        )
    site = await world.site("CUPS")
    for one in made.skus[:3]:
        await world.restock(one.id, 50, site)
    return {one.code: one.id for one in made.skus} | {"slug": made.slug}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_page_tells_machines_what_it_is(world: World, visitor: Visitor, lang: str) -> None:
    known = await cups(world)
    guest = visitor()
    home_page = (await guest.get(f"/{lang}/")).text
    assert set(told(home_page)) == {"Organization", "WebSite"}
    page = (await guest.get(f"/{lang}/p/{known['slug']}")).text
    data = told(page)
    assert set(data) == {"Product", "BreadcrumbList"}
    prices = sorted(offer["price"] for offer in data["Product"]["offers"])
    assert prices == ["10.00", "10.01", "10.02", "10.03"]
    assert data["Product"]["offers"][3]["availability"].endswith("/OutOfStock")
    category = data["BreadcrumbList"]["itemListElement"][1]["item"]
    assert set(told((await guest.get(category)).text)) == {"BreadcrumbList", "ItemList"}
    here = f"{ORIGIN}/{lang}/p/{known['slug']}"
    assert f'<link rel="canonical" href="{here}">' in page
    others = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    assert set(others) == {"zh-CN", "en", "x-default"}
    assert others["en"] == f"{ORIGIN}/en/p/{known['slug']}"
    for name in ("og:title", "og:description", "og:image", "og:url", "og:type"):
        assert re.search(rf'<meta property="{name}" content="[^"]+">', page), name


async def test_crawlers_find_every_product_in_both_languages(world: World, visitor: Visitor) -> None:
    known = await cups(world)
    guest = visitor()
    rules = (await guest.get("/robots.txt")).text
    assert "Disallow: /console" in rules
    maps = re.findall(r"<loc>([^<]+)</loc>", (await guest.get(rules.rsplit("Sitemap: ", 1)[1].strip())).text)
    urls: list[str] = []
    for one in maps:
        answer = await guest.get(one)
        assert answer.headers["content-type"].startswith("application/xml")
        urls += re.findall(r"<loc>([^<]+)</loc>", answer.text)
        assert answer.text.count('hreflang="x-default"') == answer.text.count("<loc>")
    for lang in ("zh", "en"):
        assert {f"{ORIGIN}/{lang}/p/{known['slug']}", f"{ORIGIN}/{lang}/", f"{ORIGIN}/{lang}/c/cha"} <= set(
            urls
        )
    for wrong in (
        "/sitemaps/goods-9.xml",
        "/sitemaps/pages",
        "/sitemaps/goods-x.xml",
        "/sitemaps/pages-1.xml",
    ):
        assert (await guest.get(wrong)).status_code == 404, wrong


async def test_a_shared_product_has_a_picture(house: House, visitor: Visitor) -> None:
    guest, media_id = visitor(), ids.new_id()
    url = f"/og/{ids.show('med', media_id)}.jpg"
    assert (await guest.get(url)).status_code == 404
    stored = house.media_folder / media.path_of(media_id, 640)
    stored.parent.mkdir(parents=True)
    Image.new("RGB", (640, 640), "teal").save(stored, "WEBP")
    for _ in range(2):
        answer = await guest.get(url)
        assert answer.headers["Cache-Control"].endswith("immutable")
        with Image.open(io.BytesIO(answer.content)) as made:
            assert (made.format, made.size) == ("JPEG", (1200, 630))
    assert (await guest.get("/og/x.png")).status_code == 404


async def test_a_choice_is_switched_by_what_the_page_knows(world: World, visitor: Visitor) -> None:
    """The island says for every SKU what a page made for it would say."""
    known = await cups(world)
    guest = visitor()
    page = (await guest.get(f"/zh/p/{known['slug']}")).text
    assert "</script>" not in re.findall(r'id="skus"[^>]*>(.*?)</script>', page, re.DOTALL)[0]
    skus = {one["id"]: one for one in island(page)}
    assert len(skus) == 4
    for code in ("CUP-red-s", "CUP-blue-l"):
        of_it = (await guest.get(f"/zh/p/{known['slug']}?sku={sku(known[code])}")).text
        one = skus[sku(known[code])]
        assert "".join(one["price"]) in re.sub(r"</?span[^>]*>", "", of_it)
        assert one["says"] in of_it
        assert one["way"] in of_it
    assert skus[sku(known["CUP-blue-l"])]["buyable"] is False
    blue = (await guest.get(f"/zh/p/{known['slug']}?sku={sku(known['CUP-blue-s'])}")).text
    struck = re.findall(r'<a class="chip chip-out"[^>]*data-value="([^"]+)"', blue)
    assert struck == ["l"]


async def test_the_way_is_told_for_the_province_chosen(world: World, visitor: Visitor) -> None:
    await world.freight(800, free_from=100_000)
    tea = await world.sku()
    guest = visitor()
    slug = await slug_of(guest)
    page = (await guest.get(f"/zh/p/{slug}?to={quote('西藏自治区')}")).text
    assert re.search(r"<option selected>西藏自治区</option>", page)
    assert "¥8.00" in page
    assert "西藏自治区" in re.findall(r"<option selected>[^<]+", (await guest.get(f"/zh/p/{slug}")).text)[0]
    assert (await guest.get(f"/zh/p/{slug}?to=Atlantis")).status_code == 200
    assert tea


async def test_a_script_puts_into_the_cart_and_hears_what_came_of_it(world: World, visitor: Visitor) -> None:
    tea = await world.sku()
    guest = visitor()
    asked = {"HX-Request": "true"}
    added = await guest.post("/en/cart/add", data={"sku": sku(tea), "qty": "2"}, headers=asked)
    assert added.status_code == 200
    assert "<html" not in added.text
    assert 'class="toast"' in added.text
    assert '<span hx-swap-oob="innerHTML:[data-cart-count]">2</span>' in added.text
    refused = await guest.post("/en/cart/add", data={"sku": sku(ids.new_id()), "qty": "1"}, headers=asked)
    assert refused.status_code == 404
    assert "toast-bad" in refused.text
    assert "<html" not in refused.text
    sent = await guest.post("/en/cart/add", data={"sku": sku(tea), "qty": "1", "now": "1"}, headers=asked)
    assert (sent.status_code, sent.headers["HX-Redirect"][:13]) == (204, "/en/checkout?")


async def test_bought_together_is_what_was_bought_together(world: World, visitor: Visitor) -> None:
    tea, cup = await world.sku(price=1000), await world.sku(price=2000)
    lone = await world.sku(price=3000)
    await world.paid_order({tea: 1, cup: 1})
    guest = visitor()
    items = good(await guest.get("/store/v1/products?sort=price_up"))["items"]
    page = (await guest.get(f"/en/p/{items[0]['slug']}")).text
    together, alike = page.index('id="together"'), page.index('id="alike"')
    assert (
        together < page.index(f"/en/p/{items[1]['slug']}") < alike < page.index(f"/en/p/{items[2]['slug']}")
    )
    assert 'id="together"' not in (await guest.get(f"/en/p/{items[2]['slug']}")).text
    assert lone


async def test_reviews_are_narrowed_by_stars(world: World, visitor: Visitor) -> None:
    await world.sku()
    guest = visitor()
    slug = await slug_of(guest)
    product = ids.read("prd", good(await guest.get(f"/store/v1/products/{slug}"))["id"])
    now = world.clock.now()
    said = {"Fragrant to the last cup": (5, [ids.new_id()]), "The lid leaks": (1, [])}
    async with world.db.transaction() as tx:
        for text, (score, pictures) in said.items():
            await reviews.post(
                tx,
                kind="product",
                order_id=ids.new_id(),
                line_id=ids.new_id(),
                product_id=product,
                author="L***",
                author_id=ids.new_id(),
                score=score,
                title="",
                text=text,
                media_ids=pictures,
                posted_at=now,
                now=now,
            )
    praise, blame = said
    for asked, seen in {
        "": {praise, blame},
        "stars=5": {praise},
        "stars=1": {blame},
        "stars=3": set(),
        "pictured=1": {praise},
        "stars=9": {praise, blame},
        "stars=x": {praise, blame},
    }.items():
        answer = await guest.get(f"/en/p/{slug}?{asked}")
        shown = re.sub(r'<script type="application/ld\+json".*?</script>', "", answer.text, flags=re.DOTALL)
        assert (asked, {text for text in said if text in shown}) == (asked, seen)


async def test_how_it_looks_is_the_reader_s_choice_and_explained(world: World, visitor: Visitor) -> None:
    assert world
    guest = visitor()
    page = (await guest.get("/en/display")).text
    assert 'value="auto" checked' in page
    chosen = await guest.post("/en/display", data={"theme": "dark", "text": "large", "saver": "on", "x": "y"})
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/en/display?saved=1")
    first = re.search(r"<html[^>]*>", (await guest.get("/en/")).text)
    assert first
    assert ('data-theme="dark"' in first[0], 'data-text="large"' in first[0], "data-saver" in first[0]) == (
        True,
    ) * 3
    await guest.post("/en/display", data={"theme": "light"})
    second = re.search(r"<html[^>]*>", (await guest.get("/en/")).text)
    assert second
    assert ('data-theme="light"' in second[0], 'data-text="large"' in second[0]) == (True, True)
    saving = visitor()
    spared = await saving.get("/en/display", headers={"Save-Data": "on"})
    assert "data-saver" in spared.text
    assert "Holds now" in spared.text


async def test_the_shop_stays_on_a_phone(world: World, visitor: Visitor) -> None:
    assert world
    guest = visitor()
    page = (await guest.get("/zh/")).text
    where = re.search(r'<link rel="manifest" href="([^"]+)">', page)
    assert where
    manifest = good(await guest.get(where[1]))
    assert {"name", "start_url", "display", "icons"} <= set(manifest)
    for icon in manifest["icons"]:
        answer = await guest.get(icon["src"])
        with Image.open(io.BytesIO(answer.content)) as opened:
            assert f"{opened.width}x{opened.height}" == icon["sizes"]
    worker = await guest.get("/sw.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    kept = json.loads(re.findall(r"const KEEP = (\[.*?\])\n", worker.text)[0])
    assert "/zh/offline" in kept
    for path in kept:
        assert (await guest.get(path)).status_code == 200, path


async def test_only_a_visitor_s_page_may_be_kept(world: World, visitor: Visitor) -> None:
    tea = await world.sku()
    guest = visitor()
    slug = await slug_of(guest)
    for path in ("/en/", "/en/c/cha", f"/en/p/{slug}"):
        assert (await guest.get(path)).headers["Cache-Control"] == "private, no-cache"
    await guest.post("/en/cart/add", data={"sku": sku(tea), "qty": "1"})
    for path in ("/en/", "/en/c/cha", f"/en/p/{slug}"):
        assert (await guest.get(path)).headers["Cache-Control"] == "no-store"


async def test_nothing_found_is_not_the_end(world: World, visitor: Visitor) -> None:
    await world.sku()
    page = (await visitor().get("/en/search?q=zeppelin")).text
    assert "/en/c/cha" in page
    assert 'content="noindex' in page


@pytest.mark.parametrize(
    ("hour", "hero"), [(6, "morning"), (12, "day"), (19, "day"), (23, "evening"), (2, "evening")]
)
def test_the_home_page_knows_the_hour(hour: int, hero: str) -> None:
    found = home.shown(home.sections(Path("/nowhere")), Signals(hour=hour))
    assert [one.code for one in found if one.kind == "hero"] == [hero]
    codes = [one.code for one in found]
    assert len(codes) == len(set(codes))


def test_a_shop_may_have_a_home_of_its_own(tmp_path: Path) -> None:
    (tmp_path / home.FILE).write_text('[[section]]\ncode = "x"\nkind = "goods"\nlist = "sale"\n')
    assert [one.code for one in home.sections(tmp_path)] == ["x"]


async def test_staff_put_the_home_page_in_other_words(world: World, house: House, visitor: Visitor) -> None:
    await world.sku(stock=3)
    guest = visitor()
    assert "Just in" in (await guest.get("/en/")).text
    keys = [one.key for one in house.declared_settings if one.group == "home"]
    assert {"home.day.eyebrow", "home.new.title", "home.stories.title"} <= set(keys)
    setting = next(one for one in house.declared_settings if one.key == "home.new.title")
    told: list[int] = []
    house.when_said.append(lambda: told.append(1))
    async with house.db.transaction() as tx:
        await settings.change(
            tx, setting=setting, value={"en": "<Fresh> today"}, version=0, by=None, now=house.clock.now()
        )
    await house.refresh()
    await house.refresh()
    page = (await guest.get("/en/")).text
    assert "&lt;Fresh&gt; today" in page
    assert "Just in" not in page
    assert "新上架" in (await guest.get("/zh/")).text
    assert told == [1]


async def test_a_shop_says_its_own_name(world: World, house: House, visitor: Visitor) -> None:
    assert world
    guest = visitor()
    assert "<span>Daji</span>" in (await guest.get("/en/")).text
    async with house.db.transaction() as tx:
        for key, value in {
            "shop.name": {"en": "Spring <b>&</b> {n} Co"},
            "shop.foot": {"zh": "京ICP备00000000号"},
        }.items():
            setting = next(one for one in house.declared_settings if one.key == key)
            await settings.change(tx, setting=setting, value=value, version=0, by=None, now=house.clock.now())
    try:
        await house.refresh()
        page = (await guest.get("/en/help")).text
        assert "Spring &lt;b&gt;&amp;&lt;/b&gt; {n} Co" in page
        assert "<span>Daji</span>" not in page
        assert (await guest.get("/en/manifest.webmanifest")).json()["short_name"] == "Spring <b>&</b> {n} Co"
        assert "京ICP备00000000号" in (await guest.get("/zh/help")).text
        assert "京ICP备00000000号" not in page
        told: list[int] = []
        house.when_said.append(lambda: told.append(1))
        await house.refresh()
        assert told == []
        house.catalogue.say_instead({})
        await house.refresh()
        assert told == [1]
    finally:
        house.catalogue.say_instead({})
