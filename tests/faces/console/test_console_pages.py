"""The console's pages without script: the door, the station, the desk, and what hostile hands may send."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from daji.boot import MESSAGES
from daji.faces.console.pages.door import inside
from daji.kit import ids
from daji.kit.i18n import Catalogue
from tests.faces.console.conftest import PASSWORD, Hire
from tests.faces.console.returning import ask_back
from tests.makers.world import World


def test_both_languages_say_the_same() -> None:
    assert Catalogue(MESSAGES).compare() == ()


@pytest.mark.parametrize(
    "goal",
    ["https://evil.test", "//evil.test", "/console//evil.test", "/console/\\evil", "javascript:1", "", "/cart",
     "/console/logout", "/console/login", "/console/\n"],
)  # fmt: skip
def test_nobody_is_led_out_of_the_house(goal: str) -> None:
    assert inside(goal) == "/console/"


async def test_the_door(anybody: httpx.AsyncClient, hire: Hire) -> None:
    await hire("admin")
    led = await anybody.get("/console/orders", params={"status": "placed"}, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/console/login?next=%2Fconsole%2Forders%3Fstatus%3Dplaced"
    door = await anybody.get(led.headers["location"])
    assert 'name="next" value="/console/orders?status=placed"' in door.text
    wrong = await anybody.post(
        "/console/login", data={"email": "admin1@shop.test", "password": "wrong-wrong-wrong"}
    )
    assert wrong.status_code == 401
    assert "admin1@shop.test" in wrong.text
    assert "wrong-wrong" not in wrong.text
    blank = await anybody.post("/console/login", data={"email": "admin1@shop.test"})
    assert blank.status_code == 422
    right = await anybody.post(
        "/console/login",
        data={"email": "admin1@shop.test", "password": PASSWORD, "next": "/console/orders"},
        follow_redirects=False,
    )
    assert right.status_code == 303
    assert right.headers["location"] == "/console/orders"
    assert "HttpOnly" in right.headers["set-cookie"]
    home = await anybody.get("/console/")
    assert home.status_code == 200
    assert home.headers["cache-control"] == "no-store"
    token = home.text.split('name="_csrf" value="', 1)[1].split('"', 1)[0]
    assert (await anybody.post("/console/logout")).status_code == 403
    out = await anybody.post("/console/logout", data={"_csrf": token}, follow_redirects=False)
    assert out.headers["location"] == "/console/login"
    assert (await anybody.get("/console/", follow_redirects=False)).status_code == 303


async def test_every_page_opens_in_both_languages(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=9)
    case_id, trade = await ask_back(world, sku_id)
    other = await world.paid_order({sku_id: 1})
    desk = await hire("admin", browser=True)
    page = await desk.get("/console/products")
    product = re.findall(r"/console/products/prd_\w+", page.text)[0]
    paths = [
        "/console/", "/console/orders", f"/console/orders/{ids.show('trd', trade.id)}", "/console/parcels",
        "/console/work", "/console/work?status=released", f"/console/work/{ids.show('ord', other.orders[0].id)}",
        "/console/stock", "/console/stock?out=1&text=P1", "/console/stock/movements?kind=hold", product,
        f"/console/stock/change?sku_id={ids.show('sku', sku_id)}", "/console/stock/change?sku_code=nothing",
        "/console/returns", "/console/returns?status=all", f"/console/returns/{ids.show('cas', case_id)}",
        "/console/products?sort=title&status=listed", "/console/reviews", "/console/staff", "/console/audit?verify=1",
    ]  # fmt: skip
    for lang in ("zh", "en"):
        for path in paths:
            answer = await desk.get(path, params={"lang": lang} if "?" not in path else None)
            assert answer.status_code == 200, (path, answer.text[:500])
            assert "console." not in re.sub(r"<link[^>]*>", "", answer.text), path
            assert "<script" not in answer.text
            assert 'style="' not in answer.text
            assert "<b>" not in answer.text.replace("<b>0</b>", "") or "杯口有裂 <b>" not in answer.text


async def test_the_station_by_form(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=5)
    trade = await world.paid_order({sku_id: 2})
    desk = await hire("warehouse", browser=True)
    order, line = ids.show("ord", trade.orders[0].id), ids.show("lin", trade.orders[0].lines[0].id)
    url = f"/console/work/{order}"
    nothing = await desk.form(f"{url}/pick", all="0", **{f"picked.{line}": ""})
    assert nothing.status_code == 422
    for silly in ("-1", "1e3", "²", "99999999999999999999"):
        answer = await desk.form(f"{url}/pick", all="0", **{f"picked.{line}": silly})
        assert answer.status_code in {409, 422}, (silly, answer.text[:300])
    one = await desk.form(f"{url}/pick", all="0", **{f"picked.{line}": "1"})
    assert one.headers["location"] == f"{url}?done=picked"
    assert (await desk.form(f"{url}/pick", all="0", **{f"picked.{line}": "1"})).status_code == 303
    heavy = await desk.form(f"{url}/pack", weight_g="heavy")
    assert heavy.status_code == 422
    assert 'value="heavy"' in heavy.text
    half = await desk.form(f"{url}/pack", weight_g="500", **{"size.length": "10"})
    assert half.status_code == 422
    assert (await desk.form(f"{url}/pack", weight_g="500")).status_code == 303
    gone = await desk.form(f"{url}/ship")
    assert gone.headers["location"] == f"{url}?done=shipped"
    page = await desk.get(gone.headers["location"])
    assert page.status_code == 200
    assert [entry.action for entry in await desk.trail()] == [
        "delivery.ship", "warehouse.pack", "warehouse.pick", "warehouse.pick",
    ]  # fmt: skip


async def test_a_refused_form_keeps_what_was_typed(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=2)
    site = ids.show("sit", await world.site())
    desk = await hire("warehouse", browser=True)
    sku = ids.show("sku", sku_id)
    note = '"><script>alert(1)</script>'
    refused = await desk.form(
        "/console/stock/adjust", site_id=site, sku_id=sku, delta="-50", reason="lost", note=note
    )
    assert refused.status_code == 409
    assert 'value="-50"' in refused.text
    assert "<script" not in refused.text
    assert "only 2 may go" in refused.text or "2" in refused.text
    done = await desk.form("/console/stock/adjust", site_id=site, sku_id=sku, delta="+3", reason="found")
    assert done.status_code == 303, done.text
    assert await world.stock(sku_id) == [(5, 0, 0)]
    got = await desk.form("/console/stock/receive", site_id=site, sku_id=sku, qty="4", ref="ASN-1")
    assert got.status_code == 303, got.text
    moved = await desk.form("/console/stock/move", site_id=site, sku_id=sku, qty="2", verb="quarantine")
    assert moved.status_code == 303, moved.text
    assert await world.stock(sku_id) == [(7, 0, 2)]
    foreign = await desk.form(
        "/console/stock/adjust", site_id=site, sku_id="sku_x", delta="1", reason="found"
    )
    assert foreign.status_code == 404


async def test_forms_without_their_token_are_refused(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=2)
    desk = await hire("warehouse", browser=True)
    fields = {
        "site_id": ids.show("sit", await world.site()), "sku_id": ids.show("sku", sku_id), "delta": "1",
        "reason": "found", "_idempotency_key": "k",
    }  # fmt: skip
    bare = await desk.http.post("/console/stock/adjust", data=fields)
    assert bare.status_code == 403
    elsewhere = await desk.http.post(
        "/console/stock/adjust", data=fields, headers={"Origin": "https://evil.test"}
    )
    assert elsewhere.status_code == 403
    assert await world.stock(sku_id) == [(2, 0, 0)]
    assert await desk.trail() == ()


async def test_an_order_is_cancelled_and_noted_by_form(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(): 1})
    desk = await hire("service", browser=True)
    url = f"/console/orders/{ids.show('trd', trade.id)}"
    assert (await desk.form(f"{url}/notes", text="<i>call</i> back", public="true")).status_code == 303
    page = await desk.get(url)
    assert "&lt;i&gt;call&lt;/i&gt; back" in page.text
    assert "Cancel the whole order" in page.text
    done = await desk.form(f"{url}/cancel", reason="buyer_request")
    assert done.headers["location"] == f"{url}?done=cancelled"
    after = await desk.get(done.headers["location"])
    assert "Cancelled. What was paid goes back." in after.text
    assert "Cancel the whole order" not in after.text
    late = await desk.form(f"{url}/cancel", reason="buyer_request")
    assert late.status_code == 409
    analyst = await hire("analyst", browser=True)
    seen = await analyst.get(url)
    assert "王小明" not in seen.text
    assert "Cancel the whole order" not in seen.text


async def test_a_return_by_form(world: World, hire: Hire) -> None:
    sku_id = await world.sku(price=1000, stock=5)
    case_id, trade = await ask_back(world, sku_id)
    desk = await hire("service", browser=True)
    url = f"/console/returns/{ids.show('cas', case_id)}"
    assert (await desk.form(f"{url}/approve", note="")).status_code == 303
    page = await desk.get(url)
    (unit,) = set(re.findall(r'name="grade\.(unt_\w+)"', page.text))
    site = ids.show("sit", await world.site())
    bad = await desk.form(f"{url}/receive", site_id=site, **{f"grade.{unit}": "eat"})
    assert bad.status_code == 422
    done = await desk.form(f"{url}/receive", site_id=site, **{f"grade.{unit}": "restock"})
    assert done.status_code == 303, done.text
    assert (await world.payable(trade.id)).refunded == 1000


async def test_a_product_by_form(world: World, hire: Hire) -> None:
    sku_id = await world.sku(price=1299)
    desk = await hire("operator", browser=True)
    url = re.findall(r"/console/products/prd_\w+", (await desk.get("/console/products")).text)[0]
    page = await desk.get(url)
    version = re.findall(r'name="version" value="(\d+)"', page.text)[0]
    words = {
        "text.zh.title": "新茶",
        "text.zh.subtitle": "",
        "text.zh.description": "一\r\n二",
        "text.en.title": "New tea",
    }
    assert (await desk.form(f"{url}/texts", version=version, **words)).status_code == 303
    stale = await desk.form(f"{url}/texts", version=version, **words | {"text.zh.title": "旧茶"})
    assert stale.status_code == 409
    assert "旧茶" in stale.text
    price_list = re.findall(r'name="list_id" value="(prl_\w+)"', page.text)[0]
    field = f"price.{ids.show('sku', sku_id)}"
    for wrong in ("12.345", "-1", "abc", "1e3", ""):
        answer = await desk.form(f"{url}/prices", list_id=price_list, **{field: wrong})
        assert answer.status_code == 422, wrong
    world.clock.advance(timedelta(minutes=1))
    assert (await desk.form(f"{url}/prices", list_id=price_list, **{field: "9.90"})).status_code == 303
    assert "¥9.90" in (await desk.get(f"{url}?lang=zh")).text
    assert (await desk.form(f"{url}/status", verb="delist")).status_code == 303
    assert (await desk.form(f"{url}/status", verb="delist")).status_code == 409


async def test_a_list_price_in_another_currency_is_not_read_by_its_digits(world: World, hire: Hire) -> None:
    """U-63: the currency of a price is the list's, whatever the form says."""
    sku_id = await world.sku(price=1299)
    desk = await hire("operator", browser=True)
    url = re.findall(r"/console/products/prd_\w+", (await desk.get("/console/products")).text)[0]
    price_list = re.findall(r'name="list_id" value="(prl_\w+)"', (await desk.get(url)).text)[0]
    field = f"price.{ids.show('sku', sku_id)}"
    world.clock.advance(timedelta(minutes=1))
    answer = await desk.form(f"{url}/prices", list_id=price_list, currency="JPY", **{field: "990"})
    assert answer.status_code == 303, answer.text[:400]
    assert "¥990.00" in (await desk.get(f"{url}?lang=zh")).text


async def test_staff_by_form(app: Litestar, hire: Hire) -> None:
    desk = await hire("admin", browser=True)
    weak = await desk.form("/console/staff", email="n@shop.test", name="N", password="short", roles="service")
    assert weak.status_code == 422
    assert "n@shop.test" in weak.text
    assert 'value="short"' not in weak.text
    made = await desk.form(
        "/console/staff", email="n@shop.test", name="N", password=PASSWORD, roles="service"
    )
    assert made.status_code == 303, made.text
    page = await desk.get("/console/staff")
    who = re.findall(r"/console/staff/(stf_\w+)/roles", page.text)
    assert len(who) == 2
    for staff_id in who:
        await desk.form(f"/console/staff/{staff_id}/deactivate")
    page = await desk.get("/console/staff")
    assert page.text.count("closed") == 1, "the last administrator stays"
    assert (await desk.form(f"/console/staff/{who[0]}/promote")).status_code == 404


async def test_hostile_addresses(hire: Hire) -> None:
    desk = await hire("admin", browser=True)
    for path, status in (
        ("/console/orders/trd_../../etc/passwd", 404),
        ("/console/orders/trd_zzzz", 404),
        ("/console/orders/1", 404),
        (f"/console/orders/{ids.show('trd', ids.new_id())}", 404),
        ("/console/orders?cursor=AAAA", 422),
        ("/console/orders?from=yesterday", 422),
        ("/console/orders?to=9999-12-31", 422),
        ("/console/orders?text=%00", 422),
        ("/console/stock?site=sit_x", 404),
        ("/console/products?sort=price;drop", 422),
        ("/console/stock/movements?cursor=" + "A" * 3000, 422),
        ("/console/returns?status=%3Cscript%3E", 200),
        ("/console/orders?done=%3Cscript%3Ealert(1)%3C/script%3E", 200),
        ("/console/nothing", 404),
    ):
        answer = await desk.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        assert "<script" not in answer.text
