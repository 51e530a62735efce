"""The first page's figures, the one search field, and papers."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from typing import Any

import httpx

from daji.kit import ids
from daji.views import console_home
from tests.faces.console.conftest import Desk, Hire
from tests.makers.world import World


async def window(desk: Desk, key: str) -> dict[str, Any]:
    found = (await desk.get("/console/v1/overview")).json()["windows"]
    return next(one for one in found if one["key"] == key)


async def test_today_stands_beside_the_same_hours_of_earlier_days(world: World, hire: Hire) -> None:
    tea = await world.sku(price=1000, stock=50)
    begins = console_home.day_start(world.clock.now())
    world.clock.set(begins + timedelta(days=1, hours=9))
    await world.paid_order({tea: 2})
    world.clock.set(begins + timedelta(days=1, hours=20))
    await world.paid_order({tea: 5})
    world.clock.set(begins + timedelta(days=2, hours=10))
    await world.paid_order({tea: 1})
    await world.place({tea: 1})
    world.clock.set(begins + timedelta(days=2, hours=12))
    desk = await hire("analyst")

    today, yesterday = await window(desk, "today"), await window(desk, "yesterday")
    assert (today["orders"], today["paid"], today["units"], today["conversion"]) == (2, 1, 1, 0.5)
    assert [one["currency"] for one in today["gmv"]] == ["CNY"]
    assert (yesterday["orders"], yesterday["units"]) == (1, 2), (
        "the evening's order is not compared with noon"
    )
    week = await window(desk, "last_week")
    assert (week["orders"], week["conversion"], week["gmv"]) == (0, None, [])

    overview = (await desk.get("/console/v1/overview")).json()
    hours = {one["key"]: one["steps"] for one in overview["hours"]}
    assert [len(hours[key]) for key in ("today", "yesterday")] == [13, 24]
    assert [step["orders"] for step in hours["yesterday"]][20] == 1
    assert len(overview["days"]) == 30
    assert [step["orders"] for step in overview["days"]][-2:] == [2, 2]


async def test_a_broken_promise_counts_as_late(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(stock=5): 1})
    world.clock.set(trade.orders[0].promised_by + timedelta(seconds=1))
    desk = await hire("admin")
    assert (await window(desk, "today"))["late"] == 1


async def test_one_field_finds_orders_buyers_and_goods(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(stock=5): 1})
    desk = await hire("admin")

    async def find(text: str, who: Desk = desk) -> Any:
        answer = await who.get("/console/v1/search", params={"q": text})
        assert answer.status_code == 200, answer.text
        return answer.json()

    known = (trade.number[:6].lower(), trade.contact.email.upper(), trade.contact.phone, trade.contact.name)
    for text in filter(None, known):
        assert ids.show("trd", trade.id) in [one["trade_id"] for one in (await find(text))["orders"]], text
    code = trade.orders[0].lines[0].code
    goods = (await find(code.lower()))["goods"]
    assert (goods[0]["sku"], goods[0]["product_id"][:4]) == (code, "prd_")
    assert await find("x") == await find("%%") == {"orders": [], "buyers": [], "goods": []}
    analyst = await hire("analyst")
    assert (await find(trade.contact.name, analyst))["buyers"] == []
    nobody = await hire()
    assert await find(trade.number, nobody) == {"orders": [], "buyers": [], "goods": []}


async def test_papers_are_printed_and_tell_an_analyst_no_address(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(stock=5): 2})
    shown = ids.show("trd", trade.id)
    admin, analyst = await hire("admin"), await hire("analyst")
    order = ids.show("ord", trade.orders[0].id)
    sizes = []
    for desk in (admin, analyst):
        for paper in ("invoice.pdf", f"packing-slip.pdf?order_id={order}", "packing-slip.pdf"):
            answer = await desk.get(f"/console/v1/orders/{shown}/{paper}")
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.content.startswith(b"%PDF-")
            assert trade.number in answer.headers["content-disposition"]
            sizes.append(len(answer.content))
    assert sizes[0] > sizes[3]
    stranger = ids.show("ord", ids.new_id())
    assert (
        await admin.get(f"/console/v1/orders/{shown}/packing-slip.pdf?order_id={stranger}")
    ).status_code == 404
    assert (
        await admin.get(f"/console/v1/orders/{ids.show('trd', ids.new_id())}/invoice.pdf")
    ).status_code == 404


async def test_slips_of_many_orders_are_one_paper(world: World, hire: Hire) -> None:
    sku = await world.sku(stock=9)
    trades = [ids.show("trd", (await world.paid_order({sku: 1})).id) for _ in range(3)]
    gone = await world.place({sku: 1})
    desk = await hire("operator")
    await desk.post(
        f"/console/v1/orders/{ids.show('trd', gone.trade_id)}/cancel", {"reason": "buyer_request"}
    )

    async def printed(*chosen: str) -> httpx.Response:
        return await desk.get("/console/v1/orders/packing-slips.pdf", params={"trade": list(chosen)})

    sheets = [len(re.findall(rb"/Type /Page\b", (await printed(*trades[:n])).content)) for n in (1, 3)]
    assert sheets == [1, 3]
    assert (await printed(ids.show("trd", gone.trade_id))).status_code == 404
    assert (await printed(*trades * 40)).status_code == 422
    nobody = await hire()
    assert (await nobody.get(f"/console/v1/orders/packing-slips.pdf?trade={trades[0]}")).status_code == 403


async def test_orders_are_taken_along_as_a_table(world: World, hire: Hire) -> None:
    sku = await world.sku(price=1250, stock=9)
    first, second = [await world.paid_order({sku: 2}) for _ in range(2)]
    desk = await hire("analyst")

    async def rows(**narrow: Any) -> list[dict[str, str]]:
        answer = await desk.get("/console/v1/orders/export.csv", params=narrow)
        assert answer.status_code == 200, answer.text
        assert "attachment" in answer.headers["content-disposition"]
        return list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))

    both = await rows()
    assert [row["Number"] for row in both] == [second.number, first.number]
    assert (both[0]["Due"], both[0]["Currency"], both[0]["Pieces"]) == ("25.00", "CNY", "2")
    assert (both[0]["Status"], both[0]["Payment"]) == ("In progress", "Paid")
    assert [row["Number"] for row in await rows(trade=ids.show("trd", first.id))] == [first.number]
    assert await rows(status="cancelled") == []
