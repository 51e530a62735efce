"""The console's API: who may, what happens, what is written down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
from litestar import Litestar

from daji.faces.console import wire
from daji.kit import ids
from daji.trade.orders import api as orders
from tests.faces.console.conftest import PASSWORD, Hire
from tests.makers.world import World


def sku_of(trade: orders.Trade) -> str:
    return ids.show("sku", trade.orders[0].lines[0].sku_id)


async def test_signing_in_gives_a_token_and_wrong_passwords_all_sound_alike(
    anybody: httpx.AsyncClient, hire: Hire
) -> None:
    """U-112."""
    desk = await hire("admin")
    me = (await desk.get("/console/v1/me")).json()
    assert me["staff"]["id"].startswith("stf_")
    assert "identity:manage" in me["permissions"]
    wrong = await anybody.post("/console/v1/login", json={"email": "admin1@shop.test", "password": "x" * 20})
    unknown = await anybody.post("/console/v1/login", json={"email": "who@shop.test", "password": "x" * 20})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["code"] == unknown.json()["code"] == "identity.bad_credentials"
    assert (await desk.http.post("/console/v1/logout")).status_code == 204
    assert (await desk.get("/console/v1/me")).status_code == 401


async def test_every_route_refuses_whom_it_must(
    app: Litestar, anybody: httpx.AsyncClient, hire: Hire
) -> None:
    """U-116: each route × anonymous and a member of staff without roles."""
    nobody = await hire()
    open_to_all = {"/console/v1/login", "/console/v1/session", "/console/v1/me"}
    of_any_staff = {"/console/v1/me/sessions", "/console/v1/live", "/console/v1/search"}
    seen = 0
    for route in app.routes:
        path = route.path
        if not path.startswith("/console/v1") or path in open_to_all | of_any_staff:
            continue
        if "/me/" in path or "logout" in path:
            continue
        for method in sorted(route.methods - {"OPTIONS", "HEAD"}):
            url = path.replace("{", "").replace("}", "").replace(":str", "")
            seen += 1
            stranger = await anybody.request(
                method, url, json={}, headers={"Accept": "application/json"}, follow_redirects=False
            )
            assert stranger.status_code == 401, (method, path, stranger.status_code)
            refused = await nobody.http.request(method, url, json={})
            assert refused.status_code == 403, (method, path, refused.status_code)
    assert seen > 70


async def test_a_count_is_corrected_once_and_written_down(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=10)
    site_id = await world.site()
    desk = await hire("warehouse")
    body = {
        "site_id": ids.show("sit", site_id),
        "sku_id": ids.show("sku", sku_id),
        "delta": -3,
        "reason": "lost",
        "note": "遗失 <script>",
    }
    first = await desk.post("/console/v1/stock/adjust", body, key="k1")
    again = await desk.post("/console/v1/stock/adjust", body, key="k1")
    assert first.status_code == again.status_code == 200, first.text
    assert first.json() == again.json()
    assert await world.stock(sku_id) == [(7, 0, 0)]
    other = await desk.post("/console/v1/stock/adjust", body | {"delta": -1}, key="k1")
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    entries = [entry for entry in await desk.trail() if entry.action == "inventory.adjust"]
    assert len(entries) == 1
    assert entries[0].after is not None
    assert entries[0].after["asked"]["delta"] == -3
    assert entries[0].ip == "198.51.100.9"
    assert (await desk.http.post("/console/v1/stock/adjust", json=body)).json()[
        "code"
    ] == "idempotency_key_missing"


async def test_a_refused_write_leaves_neither_stock_nor_entry(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=2)
    site_id = await world.site()
    desk = await hire("warehouse")
    good = {
        "site_id": ids.show("sit", site_id),
        "sku_id": ids.show("sku", sku_id),
        "delta": -5,
        "reason": "lost",
    }
    assert (await desk.post("/console/v1/stock/adjust", good)).json()["code"] == "inventory.below_held"
    for wrong, status in (
        (good | {"delta": 0}, 422),
        (good | {"delta": 2**70}, 422),
        (good | {"delta": "many"}, 422),
        (good | {"reason": "because"}, 422),
        (good | {"sku_id": "sku_nonsense"}, 404),
        (good | {"sku_id": ids.show("prd", sku_id)}, 404),
        (good | {"note": "x" * 501}, 422),
        (good | {"note": "a\u0000b"}, 422),
        ({}, 422),
        ([], 422),
    ):
        answer = await desk.post("/console/v1/stock/adjust", wrong)
        assert answer.status_code == status, (wrong, answer.text)
    assert await world.stock(sku_id) == [(2, 0, 0)]
    assert await desk.trail() == ()


async def test_two_corrections_at_once_never_go_below_zero(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=10)
    site_id = await world.site()
    desk = await hire("warehouse")
    body = {
        "site_id": ids.show("sit", site_id),
        "sku_id": ids.show("sku", sku_id),
        "delta": -3,
        "reason": "count",
    }
    answers = await asyncio.gather(*(desk.post("/console/v1/stock/adjust", body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 5
    assert await world.stock(sku_id) == [(1, 0, 0)]
    assert len(await desk.trail()) == 3


async def test_an_order_goes_through_the_station_and_everything_is_told(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=10)
    trade = await world.paid_order({sku_id: 2})
    desk = await hire("operator")
    order = ids.show("ord", trade.orders[0].id)
    line = ids.show("lin", trade.orders[0].lines[0].id)
    base = f"/console/v1/pick-lists/{order}"
    part = await desk.post(f"{base}/pick", {"picked": [{"line_id": line, "qty": 1}]})
    assert part.json() == {"order_id": order, "status": "picking"}
    assert (await desk.post(f"{base}/pack", {"weight_g": 500})).json()["code"] == "warehouse.not_picked"
    over = await desk.post(f"{base}/pick", {"picked": [{"line_id": line, "qty": 5}]})
    assert over.json()["code"] == "warehouse.over_picked"
    rest = await desk.post(f"{base}/pick", {"picked": [{"line_id": line, "qty": 1}]})
    assert rest.json()["status"] == "picked"
    packed = await desk.post(f"{base}/pack", {"weight_g": 520, "size_mm": [200, 150, 100]})
    assert packed.json()["status"] == "packed", packed.text
    shipped = await desk.post(f"{base}/ship", {}, key="ship-1")
    assert shipped.status_code == 200, shipped.text
    assert (await desk.post(f"{base}/ship", {}, key="ship-1")).json() == shipped.json()
    screen = (await desk.get(f"/console/v1/orders/{ids.show('trd', trade.id)}")).json()
    assert screen["trade"]["orders"][0]["delivery"] == "shipped"
    assert screen["parcels"][0]["shipment"]["tracking_no"] == shipped.json()["tracking_no"]
    assert {moment["source"] for moment in screen["timeline"]} >= {"order", "work"}
    assert sum(entry["amount"] for entry in screen["entries"]) == 0
    assert "guest_token" not in str(screen)
    actions = [entry.action for entry in await desk.trail()]
    assert actions.count("delivery.ship") == 1
    assert actions.count("warehouse.pick") == 2
    assert actions.count("warehouse.pack") == 1


async def test_cancelling_gives_the_money_back_once(world: World, hire: Hire) -> None:
    sku_id = await world.sku(price=1000, stock=5)
    trade = await world.paid_order({sku_id: 2})
    desk = await hire("service")
    url = f"/console/v1/orders/{ids.show('trd', trade.id)}/cancel"
    answers = await asyncio.gather(*(desk.post(url, {"reason": "buyer_request"}) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409], [a.text for a in answers]
    assert (await world.payable(trade.id)).kept == 0
    assert await world.stock(sku_id) == [(5, 0, 0)]
    assert [entry.action for entry in await desk.trail()] == ["orders.cancel"]
    analyst = await hire("analyst")
    assert (await analyst.post(url, {"reason": "buyer_request"})).status_code == 403
    assert (await desk.post(url, {"reason": "<b>"})).status_code == 422
    missing = f"/console/v1/orders/{ids.show('trd', ids.new_id())}/cancel"
    assert (await desk.post(missing, {"reason": "other"})).status_code == 404


async def test_goods_that_are_missing_are_written_off(world: World, hire: Hire) -> None:
    sku_id = await world.sku(stock=3)
    trade = await world.paid_order({sku_id: 2})
    desk = await hire("warehouse")
    url = f"/console/v1/pick-lists/{ids.show('ord', trade.orders[0].id)}/missing"
    done = await desk.post(url, {"trade_id": ids.show("trd", trade.id)})
    assert done.status_code == 200, done.text
    assert await world.stock(sku_id) == [(1, 0, 0)]
    assert (await world.payable(trade.id)).kept == 0


async def test_a_note_stands_in_the_timeline(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(): 1})
    desk = await hire("analyst")
    url = f"/console/v1/orders/{ids.show('trd', trade.id)}"
    text = "buyer rang: <img src=x onerror=alert(1)>"
    assert (await desk.post(f"{url}/notes", {"text": text})).status_code == 201
    screen = (await desk.get(url)).json()
    (noted,) = [moment for moment in screen["timeline"] if moment["code"] == "staff_note"]
    assert noted["note"] == text
    assert noted["by"] == "Analyst 1"
    assert (await desk.post(f"{url}/notes", {"text": ""})).status_code == 422


async def test_orders_are_found_on_every_axis(world: World, hire: Hire) -> None:
    trade = await world.paid_order({await world.sku(): 1})
    await world.place({await world.sku(): 1})
    desk = await hire("analyst")

    async def found(**asked: str) -> list[str]:
        answer = await desk.get("/console/v1/orders", params=asked)
        assert answer.status_code == 200, answer.text
        return [row["number"] for row in answer.json()["items"]]

    assert len(await found()) == 2
    assert await found(payment="paid") == [trade.number]
    assert await found(delivery="released") == [trade.number]
    assert await found(text=trade.number) == [trade.number]
    assert await found(text="'; DROP TABLE orders.trade; --") == []
    assert await found(text="%") == []
    assert await found(status="nothing") == []
    first = (await desk.get("/console/v1/orders", params={"limit": 1})).json()
    assert len(first["items"]) == 1
    rest = await desk.get("/console/v1/orders", params={"limit": 1, "cursor": first["next_cursor"]})
    assert rest.json()["items"][0]["number"] != first["items"][0]["number"]
    assert (await desk.get("/console/v1/orders", params={"cursor": "x" * 50})).status_code == 422
    assert (await desk.get("/console/v1/orders", params={"limit": 0})).status_code == 422


async def test_a_return_is_decided_received_and_refunded(world: World, hire: Hire) -> None:
    from tests.faces.console.returning import ask_back  # noqa: PLC0415

    sku_id = await world.sku(price=1000, stock=5)
    case_id, trade = await ask_back(world, sku_id)
    desk = await hire("service")
    case = f"/console/v1/cases/{ids.show('cas', case_id)}"
    assert (await desk.get("/console/v1/cases", params={"status": "requested"})).json()["items"][0][
        "amount"
    ] == 1000
    site = ids.show("sit", await world.site())
    unit = (await desk.get(case)).json()["units"][0]["unit_id"]
    too_soon = await desk.post(
        f"{case}/receive", {"site_id": site, "grades": [{"unit_id": unit, "grade": "restock"}]}
    )
    assert too_soon.status_code == 409
    assert (await desk.post(f"{case}/approve", {"note": "fine"})).json()["status"] == "approved"
    assert (await desk.post(f"{case}/reject", {"why": "no"})).status_code == 409
    ungraded = await desk.post(f"{case}/receive", {"site_id": site, "grades": []})
    assert ungraded.status_code in {409, 422}, ungraded.text
    paid = await desk.post(
        f"{case}/receive", {"site_id": site, "grades": [{"unit_id": unit, "grade": "quarantine"}]}, key="r1"
    )
    assert paid.status_code == 200, paid.text
    assert paid.json() == {"done": 1000, "pending": 0, "failed": 0}
    assert (await world.payable(trade.id)).refunded == 1000
    assert (await world.stock(sku_id))[0][2] == 1
    assert [e.action for e in await desk.trail()] == ["aftersales.receive", "aftersales.approve"]


async def test_products_change_by_version_and_say_who_did_it(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    tree = (await desk.get("/console/v1/categories")).json()
    made = await desk.post(
        "/console/v1/products",
        {
            "code": "CUP",
            "category_id": tree[0]["id"],
            "texts": {"zh": {"title": "茶杯"}, "en": {"title": "Cup"}},
            "skus": [{"code": "CUP-1", "weight_g": 300}],
        },
    )
    assert made.status_code == 201, made.text
    product = made.json()
    url = f"/console/v1/products/{product['id']}"
    listed = await desk.post(f"{url}/status", {"verb": "list"})
    assert listed.json()["status"] == "listed"
    stale = await desk.http.patch(url, json={"version": product["version"], "texts": {"zh": {"title": "杯"}}})
    assert stale.json()["code"] == "stale_version"
    fresh = await desk.http.patch(
        url,
        json={"version": listed.json()["version"], "texts": {"zh": {"title": "杯"}, "en": {"title": "Cup"}}},
    )
    assert fresh.json()["texts"]["zh"]["title"] == "杯"
    wrong = await desk.post(f"{url}/status", {"verb": "approve"})
    assert wrong.status_code == 409
    history = (await desk.get(f"{url}/history")).json()["items"]
    assert [one["verb"] for one in history] == ["update", "list", "create"]
    (entry,) = [one for one in await desk.trail() if one.action == "catalog.update_product"]
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["texts"]["zh"]["title"], entry.after["texts"]["zh"]["title"]) == ("茶杯", "杯")
    reader = await hire("warehouse")
    assert (await reader.http.patch(url, json={"version": 9})).status_code == 403


async def test_prices_are_set_once_and_keep_their_history(world: World, hire: Hire) -> None:
    sku = ids.show("sku", await world.sku(price=1299))
    desk = await hire("operator")
    (price_list,) = (await desk.get("/console/v1/price-lists")).json()
    world.clock.advance(timedelta(minutes=1))
    url = f"/console/v1/price-lists/{price_list['id']}/prices"
    body = {"prices": [{"sku_id": sku, "amount": 999, "compare_at": 1299}]}
    assert (await desk.post(url, body, key="p")).json() == {"changed": 1}
    assert (await desk.post(url, body, key="p")).json() == {"changed": 1}
    history = (await desk.get(f"/console/v1/skus/{sku}/prices")).json()["items"]
    assert [one["amount"] for one in history] == [999, 1299]
    for amount in (-1, 2**63, 9.5, None, "nine"):
        wrong = await desk.post(url, {"prices": [{"sku_id": sku, "amount": amount}]})
        assert wrong.status_code == 422, (amount, wrong.text)


async def test_nobody_gives_what_they_do_not_hold(hire: Hire) -> None:
    admin = await hire("admin")
    made = await admin.post(
        "/console/v1/staff",
        {"email": "new@shop.test", "name": "New", "password": PASSWORD, "roles": ["warehouse"]},
    )
    assert made.status_code == 201, made.text
    who = made.json()["id"]
    entry = (await admin.trail())[0]
    assert entry.action == "identity.create_staff"
    assert PASSWORD not in str(entry)
    roles = await admin.http.put(f"/console/v1/staff/{who}/roles", json={"roles": ["service", "warehouse"]})
    assert roles.json()["roles"] == ["service", "warehouse"]
    assert (
        await admin.http.put(f"/console/v1/staff/{who}/roles", json={"roles": ["king"]})
    ).status_code == 422
    me = (await admin.get("/console/v1/me")).json()["staff"]["id"]
    last = await admin.post(f"/console/v1/staff/{me}/deactivate")
    assert last.json()["code"] == "identity.last_admin"
    assert (await admin.post(f"/console/v1/staff/{who}/deactivate")).json()["active"] is False
    operator = await hire("operator")
    assert (await operator.get("/console/v1/staff")).status_code == 403


async def test_a_key_does_part_of_what_its_owner_does(
    world: World, hire: Hire, anybody: httpx.AsyncClient
) -> None:
    desk = await hire("operator")
    made = await desk.post("/console/v1/me/keys", {"label": "wms", "permissions": ["stock:read"], "days": 7})
    assert made.status_code == 201, made.text
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await anybody.get("/console/v1/stock", headers=bearer)).status_code == 200
    assert (await anybody.get("/console/v1/orders", headers=bearer)).status_code == 403
    another = await anybody.post(
        "/console/v1/me/keys", json={"label": "x", "permissions": ["stock:read"]}, headers=bearer
    )
    assert another.status_code == 403
    beyond = await desk.post("/console/v1/me/keys", {"label": "x", "permissions": ["identity:manage"]})
    assert beyond.status_code == 403
    assert made.json()["token"] not in str(await desk.trail())


async def test_the_audit_log_is_read_and_its_chain_walked(world: World, hire: Hire) -> None:
    admin = await hire("admin")
    for n in range(3):
        await admin.post("/console/v1/brands", {"code": f"b{n}", "names": {"zh": "牌", "en": "Brand"}})
    page = (
        await admin.get("/console/v1/audit", params={"action": "catalog.create_brand", "limit": 2})
    ).json()
    assert len(page["items"]) == 2
    assert page["items"][0]["who"] == "Admin 1"
    assert (await admin.get("/console/v1/audit/verify")).json()["broken_at"] is None
    for path in ("/console/v1/machine", "/console/v1/home", "/console/v1/imports", "/console/v1/stock/audit"):
        answer = await admin.get(path)
        assert answer.status_code == 200, (path, answer.text)


async def test_settings_of_freight_and_sites(hire: Hire) -> None:
    admin = await hire("admin")
    rule = {
        "regions": ["*"], "first_g": 1000, "first_fee": 800, "step_g": 500, "step_fee": 200, "transit_hours": 48,
    }  # fmt: skip
    saved = await admin.http.put(
        "/console/v1/freight-templates/std",
        json={"name": "Std", "currency": "CNY", "mode": "table", "rules": [rule]},
    )
    assert saved.status_code == 200, saved.text
    assigned = await admin.post(f"/console/v1/freight-templates/{saved.json()['id']}/assign", {})
    assert assigned.status_code == 200, assigned.text
    site = {
        "code": "SH",
        "name": "上海",
        "kind": "warehouse",
        "country": "CN",
        "region": "上海",
        "city": "上海",
    }
    assert (await admin.post("/console/v1/sites", site)).json()["id"].startswith("sit_")
    assert (await admin.post("/console/v1/sites", site | {"country": "China"})).status_code == 422
    operator = await hire("operator")
    assert (await operator.post("/console/v1/sites", site)).status_code == 403


def test_no_id_leaves_the_house_bare_and_no_guest_token_at_all() -> None:
    owner = wire.to_wire(orders_owner())
    assert owner == {"shopper_id": None}
    shown = wire.to_wire({"sku_id": UUID(int=5), "nested": [UUID(int=6)]})
    assert all("-" not in str(value) for value in shown.values())


def orders_owner() -> object:
    from daji.trade.cart.api import Owner  # noqa: PLC0415

    return Owner(guest_token="secret")


async def test_a_picture_is_what_its_bytes_say(hire: Hire) -> None:
    """U-118: no type by name, no name of theirs, no more than fits."""
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    picture = BytesIO()
    Image.new("RGB", (800, 600), "red").save(picture, "PNG")
    desk = await hire("operator")

    async def send(name: str, content: bytes, kind: str) -> httpx.Response:
        return await desk.http.post("/console/v1/media", files={"file": (name, content, kind)})

    kept = await send("../../etc/passwd.php", picture.getvalue(), "image/png")
    assert kept.status_code == 201, kept.text
    assert kept.json()["id"].startswith("med_")
    assert "passwd" not in kept.text
    assert (await send("a.png", b"<?php echo 1;", "image/png")).status_code in {415, 422}
    assert (await send("a.svg", b"<svg onload='x'/>", "image/svg+xml")).status_code == 415
    assert (await send("a.jpg", picture.getvalue(), "image/jpeg")).status_code == 415
    assert (await send("a.png", b"", "image/png")).status_code in {415, 422}
    assert (await desk.http.post("/console/v1/media", data={"file": "text"})).status_code in {415, 422}
    assert (await desk.http.post("/console/v1/media", json={})).status_code == 415
    assert [entry.action for entry in await desk.trail()] == ["media.upload"]
    reader = await hire("warehouse")
    refused = await reader.http.post(
        "/console/v1/media", files={"file": ("a.png", picture.getvalue(), "image/png")}
    )
    assert refused.status_code == 403


def test_the_openapi_file_says_all_of_every_route(app: Litestar) -> None:
    schema = app.openapi_schema.to_schema()
    seen = set()
    for path, item in schema["paths"].items():
        if not path.startswith("/console"):
            continue
        assert path.startswith("/console/v1/"), path
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["tags"], where
            assert operation["operationId"] not in seen, where
            seen.add(operation["operationId"])
            answers = set(operation["responses"])
            assert answers & {"200", "201", "202", "204"}, where
            if "requestBody" in operation:
                assert operation["requestBody"]["content"], where
    assert len(seen) > 60
    text = str(schema["components"]["schemas"])
    assert "guest_token" not in text
