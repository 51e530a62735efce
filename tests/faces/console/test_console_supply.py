"""The console's announced deliveries: by codes, counted in once, ended; each for who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from daji.kit import ids
from tests.faces.console.conftest import Desk, Hire
from tests.makers.world import World

URL = "/console/v1/notices"


async def wish(world: World, **other: Any) -> dict[str, Any]:
    await world.sku(stock=1)
    return {
        "number": "ASN-2026-1",
        "supplier": "景德镇南窑",
        "site_id": ids.show("sit", await world.site()),
        "expected_at": (world.clock.now() + timedelta(days=2)).isoformat(),
        "lines": [{"code": "P1-1", "qty": 6}, {"code": "P1-1", "qty": 2}],
        **other,
    }


async def made(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    answer = await desk.post(URL, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_delivery_is_announced_counted_in_and_told(world: World, hire: Hire) -> None:
    desk = await hire("warehouse")
    notice = await made(desk, await wish(world))
    assert notice["id"].startswith("ntc_")
    assert [(line["expected"], line["received"]) for line in notice["lines"]] == [(8, 0)]
    found = (await desk.get("/console/v1/station/scan", params={"code": "ASN-2026-1"})).json()
    assert (found["found"], found["notice_id"]) == ("notice", notice["id"])
    url = f"{URL}/{notice['id']}"
    came = {"lines": [{"sku_id": notice["lines"][0]["sku_id"], "qty": 8}]}
    for _ in range(2):
        answer = await desk.post(f"{url}/receive", came, key="gate")
        assert (answer.status_code, answer.json()["status"]) == (200, "closed"), answer.text
    screen = (await desk.get(url)).json()
    assert (screen["site_name"], screen["goods"][0]["code"], screen["goods"][0]["received"]) == (
        "HZ",
        "P1-1",
        8,
    )
    rows = (await desk.get(URL, params={"text": "asn-2026"})).json()["items"]
    assert [(row["expected"], row["received"], row["status"]) for row in rows] == [(8, 8, "closed")]
    assert (await desk.get(URL, params={"only_open": True})).json()["items"] == []
    moves = (await desk.get("/console/v1/stock/movements", params={"ref": "ASN-2026-1"})).json()["items"]
    assert [move["delta_on_hand"] for move in moves] == [8]
    late = await desk.post(f"{url}/receive", came)
    assert (late.status_code, late.json()["code"]) == (409, "supply.notice_ended")
    assert [entry.action for entry in await desk.trail()] == ["supply.receive", "supply.announce"]


async def test_what_no_supplier_means_is_refused(world: World, hire: Hire) -> None:
    desk = await hire("warehouse")
    body = await wish(world)
    unknown = await desk.post(URL, body | {"lines": [{"code": "P1-1", "qty": 1}, {"code": "没有", "qty": 1}]})
    assert unknown.status_code == 422
    assert [one["pointer"] for one in unknown.json()["fields"]] == ["/lines/1/code"]
    notice = await made(desk, body)
    assert (await desk.post(URL, body)).json()["code"] == "supply.notice_known"
    ended = await desk.http.post(f"{URL}/{notice['id']}/end", json={"verb": "cancel"})
    assert ended.json()["status"] == "cancelled"
    again = await desk.http.post(f"{URL}/{notice['id']}/end", json={"verb": "close"})
    assert again.status_code == 409
    assert (await desk.get(f"{URL}/{ids.show('ntc', ids.new_id())}")).status_code == 404


async def test_reading_and_counting_are_two_permissions(world: World, hire: Hire) -> None:
    notice = await made(await hire("warehouse"), await wish(world))
    analyst = await hire("analyst")
    assert (await analyst.get(f"{URL}/{notice['id']}")).status_code == 200
    came = {"lines": [{"sku_id": notice["lines"][0]["sku_id"], "qty": 8}]}
    assert (await analyst.post(f"{URL}/{notice['id']}/receive", came)).status_code == 403
    assert (await (await hire()).get(URL)).status_code == 403
