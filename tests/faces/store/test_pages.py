"""The storefront without a script: every step is a form or a link."""

from __future__ import annotations

import asyncio
import io
import re

import httpx
import pytest
from PIL import Image

from daji.boot import MESSAGES
from daji.kit import ids
from daji.kit.i18n import Catalogue
from tests.faces.store.conftest import Visitor
from tests.faces.store.shopping import ADDRESS, good, key, pay, place, show, sku
from tests.faces.store.test_hostile import SECRET_WORD, shopper
from tests.makers.world import World


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def way(answer: httpx.Response) -> str:
    assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
    return answer.headers["Location"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_guest_walks_from_home_to_a_refund(world: World, visitor: Visitor, lang: str) -> None:
    tea = await world.sku(price=1299)
    guest = visitor()
    home = await guest.get("/", headers={"Accept-Language": lang})
    assert (home.status_code, home.headers["Location"]) == (302, f"/{lang}/")
    page = (await guest.get(f"/{lang}/")).text
    slug = re.search(rf'href="/{lang}/p/([^"?]+)"', page)
    assert slug
    product = (await guest.get(f"/{lang}/p/{slug[1]}")).text
    assert "12.99" in product
    assert way(await guest.post(f"/{lang}/cart/add", data={"sku": hidden(product, "sku"), "qty": "2"})) == (
        f"/{lang}/cart?added=1"
    )
    assert "25.98" in (await guest.get(f"/{lang}/cart")).text
    confirm_url = way(await guest.post(f"/{lang}/checkout", data=ADDRESS))
    confirm = (await guest.get(confirm_url)).text
    once = {"_idempotency_key": hidden(confirm, "_idempotency_key")}
    answers = await asyncio.gather(*(guest.post(confirm_url, data=once) for _ in range(3)))
    assert len({way(answer) for answer in answers}) == 1
    pay_url = way(answers[0])
    pay = (await guest.get(pay_url)).text
    started = await guest.post(
        pay_url, data={"_idempotency_key": hidden(pay, "_idempotency_key"), "method": "wallet"}
    )
    assert way(started).startswith("http://sandbox.test/pay/")
    trade = pay_url.rsplit("/", 1)[1]
    tender = (await world.payable(ids.read("trd", trade))).tenders[0]
    payment = await world.client.query(str(tender.id))
    await world.client.act(payment.gateway_no, "approve")
    assert "seal-good" in (await guest.get(f"/{lang}/paid/{trade}")).text
    order = (await world.trade(ids.read("trd", trade))).orders[0]
    await world.deliver(order.id)
    shown = (await guest.get(f"/{lang}/orders/{trade}")).text
    return_url = re.search(rf'href="(/{lang}/orders/{trade}/return/[^"]+)"', shown)
    assert return_url
    form = (await guest.get(return_url[1])).text
    wish = {
        "_idempotency_key": hidden(form, "_idempotency_key"),
        "unit": hidden(form, "unit"),
        "kind": "return",
        "reason": "damaged",
    }
    case_url = way(await guest.post(return_url[1], data=wish))
    case = await guest.get(case_url)
    assert case.status_code == 200
    assert "12.99" in case.text
    assert way(await guest.post(f"{case_url}/withdraw")) == case_url
    assert tea


async def test_no_page_lacks_a_message(world: World, visitor: Visitor) -> None:
    """A message that is missing would show as its key."""
    tea = await world.sku()
    client = await shopper(world, visitor, "words@example.com")
    await client.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 1})
    placed = await place(client, tea)
    pages = ["/", "/cart", "/checkout", "/orders", "/account", "/account/addresses", "/search?q=a", "/search"]
    pages += [
        "/login",
        "/register",
        f"/orders/{placed['id']}",
        f"/pay/{placed['id']}",
        f"/paid/{placed['id']}",
    ]
    pages += ["/nowhere", "/p/nothing"]
    for lang in ("zh", "en"):
        for path in pages:
            page = await client.get(f"/{lang}{path}", follow_redirects=True, headers={"Accept": "text/html"})
            assert page.status_code in {200, 404}, (path, page.status_code)
            assert not re.search(r"\bstore\.(?!css|js)[a-z]|problems\.[a-z]", page.text), path
            assert f'lang="{"zh-CN" if lang == "zh" else "en"}"' in page.text
            # Data in a page is no script: only a type that a browser runs would be one.
            assert not re.search(
                r"<script(?![^>]*(src=|type=\"application/))|style=|\son[a-z]+=", page.text
            ), path


def test_the_catalogue_is_complete_in_both_languages() -> None:
    wrong = [
        one for one in Catalogue(MESSAGES).compare() if one.key.startswith(("store.", "problems.store."))
    ]
    assert wrong == []


async def test_a_form_comes_back_as_it_was_typed_with_every_field_that_is_wrong(
    world: World, visitor: Visitor
) -> None:
    tea = await world.sku()
    guest = visitor()
    refused = await guest.post(
        "/en/checkout", data={"name": "Lin", "country": "CN", "sku": sku(tea), "qty": "1"}
    )
    assert refused.status_code == 422
    assert 'value="Lin"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 3


async def test_signing_in_brings_the_guest_s_cart_along(world: World, visitor: Visitor) -> None:
    tea = await world.sku()
    await shopper(world, visitor, "lin@example.com")
    browser = visitor()
    await browser.put(f"/store/v1/cart/lines/{sku(tea)}", json={"qty": 3})
    answer = await browser.post("/en/login", data={"account": "lin@example.com", "password": SECRET_WORD})
    assert way(answer) == "/en/account"
    assert good(await browser.get("/store/v1/cart"))["lines"][0]["qty"] == 3
    page = (await browser.get("/en/account")).text
    assert way(await browser.post("/en/logout", data={"_csrf": hidden(page, "_csrf")})) == "/en/"
    assert good(await browser.get("/store/v1/cart"))["lines"] == []


async def test_u112_signing_up_tells_nothing(world: World, visitor: Visitor) -> None:
    """U-112: a contact that has an account and one that has none get the same answer."""
    await shopper(world, visitor, "known@example.com")
    answers = [
        await visitor().post("/store/v1/account", json={"email": email, "password": "another river 17"})
        for email in ("known@example.com", "fresh@example.com")
    ]
    assert [(one.status_code, one.json()) for one in answers] == [(202, {"next": "sign_in"})] * 2


async def test_an_address_book_is_its_shopper_s_alone(world: World, visitor: Visitor) -> None:
    lin, ming = (
        await shopper(world, visitor, "lin@example.com"),
        await shopper(world, visitor, "ming@example.com"),
    )
    kept = good(await lin.post("/store/v1/addresses", json={"address": ADDRESS, "default": True}))
    assert kept["default"]
    for method, tail, body in (("PUT", "", ADDRESS), ("DELETE", "", None), ("POST", "/default", None)):
        answer = await ming.request(method, f"/store/v1/addresses/{kept['id']}{tail}", json=body)
        assert answer.status_code == 404
    assert (await visitor().get("/store/v1/addresses")).status_code == 401
    assert ADDRESS["line"] in (await lin.get("/en/account/addresses")).text
    assert (await lin.delete(f"/store/v1/addresses/{kept['id']}")).status_code == 204


async def test_pictures_and_their_stand_ins(world: World, visitor: Visitor) -> None:
    guest = visitor()
    drawn = await guest.get("/glyph/tea.svg")
    assert (drawn.status_code, drawn.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")
    assert drawn.text == (await guest.get("/glyph/tea.svg")).text
    for wrong in ("/glyph/tea.png", "/glyph/.svg", f"/glyph/{'x' * 200}.svg", "/media/med_x/640.webp"):
        assert (await guest.get(wrong)).status_code == 404
    unknown = ids.show("med", ids.new_id())
    for name in ("640.webp", "641.webp", "..%2f640.webp", "640.webp%00"):
        assert (await guest.get(f"/media/{unknown}/{name}")).status_code in {404, 422}


async def test_the_openapi_file_documents_every_refusal(visitor: Visitor) -> None:
    document = good(await visitor().get("/openapi.json"))
    assert document["openapi"].startswith("3.1")
    paths = {path: doors for path, doors in document["paths"].items() if path.startswith("/store/v1")}
    assert len(paths) > 20
    for path, doors in paths.items():
        for method, door in doors.items():
            assert door["summary"], (method, path)
            assert door["tags"], (method, path)
            for status, answer in door["responses"].items():
                if int(status) >= 400:
                    assert "application/problem+json" in answer["content"], (method, path, status)
    assert "/zh" not in document["paths"]


async def test_a_photo_of_returned_goods_is_kept_harmless_and_shown(world: World, visitor: Visitor) -> None:
    """U-118, U-119: only a picture, only for one's own return, under a name of ours."""
    lin = await shopper(world, visitor, "lin@example.com")
    placed = await place(lin, await world.sku())
    await pay(lin, placed["id"])
    child = (await show(lin, placed["id"]))["orders"][0]
    await world.deliver(ids.read("ord", child["id"]))
    case = good(
        await lin.post(
            f"/store/v1/orders/{placed['id']}/children/{child['id']}/returns",
            json={"units": [child["lines"][0]["units"][0]["id"]], "reason": "damaged"},
            headers=key(),
        )
    )["id"]
    drawn = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(drawn, "PNG")
    url = f"/store/v1/cases/{case}/photos"
    kept = good(await lin.post(url, files={"data": ("../x.php", drawn.getvalue(), "image/png")}))
    assert (kept["width"], kept["height"]) == (800, 600)
    # Evidence is between the buyer and the shop: the address that shows everybody's pictures does not know it.
    assert (await lin.get(f"/media/{kept['id']}/320.webp")).status_code == 404
    private = f"/evidence/{case}/{kept['id']}/320.webp"
    shown = await lin.get(private)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"].startswith("private")
    assert (await visitor().get(private)).status_code == 404
    script = await lin.post(url, files={"data": ("x.png", b"<?php system('id');", "image/png")})
    assert script.status_code == 422
    ming = await shopper(world, visitor, "ming@example.com")
    stolen = await ming.post(url, files={"data": ("x.png", drawn.getvalue(), "image/png")})
    assert stolen.status_code == 404
    assert (await ming.get(private)).status_code == 404
    page = await lin.post(
        f"/en/returns/{case}/photo",
        files={"photo": ("x.png", drawn.getvalue(), "image/png")},
    )
    assert way(page) == f"/en/returns/{case}?done=photo"


async def test_prices_sort_and_pages_turn(world: World, visitor: Visitor) -> None:
    made = [await world.sku(price=price) for price in (500, 100, 300, 200, 400)]
    guest = visitor()
    for sort, wanted in (("price_up", [100, 200, 300, 400, 500]), ("price_down", [500, 400, 300, 200, 100])):
        seen, cursor = [], None
        for _ in range(5):
            params = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = good(await guest.get("/store/v1/products", params=params))
            seen += [item["price_from"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == wanted
    refused = await guest.get("/store/v1/products", params={"sort": "price_up; DROP TABLE x"})
    assert refused.status_code in {400, 422}
    up = good(await guest.get("/store/v1/products", params={"sort": "price_up", "limit": 2}))["next_cursor"]
    wrong = await guest.get("/store/v1/products", params={"sort": "price_down", "cursor": up})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_cursor")
    assert len(made) == 5
    assert key()
