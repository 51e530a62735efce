"""Goods at the console: one save for a whole product, deeds on many, prices with a guard, what was done."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image

from daji.kit import ids
from tests.faces.console.conftest import Desk, Hire
from tests.makers.world import World

COLOURS = ("celadon", "ink", "sand")
SIZES = ("small", "large")


def option(code: str, values: tuple[str, ...]) -> dict[str, Any]:
    return {
        "code": code,
        "names": {"zh": code, "en": code},
        "values": [{"code": one, "names": {"zh": one, "en": one.title()}} for one in values],
    }


def teapot(world: World, **more: Any) -> dict[str, Any]:
    """A product with six SKUs and their prices, as the editor sends it."""
    assert world.category_id is not None
    assert world.list_id is not None
    return {
        "code": "POT-1",
        "category_id": ids.show("cat", world.category_id),
        "texts": {"zh": {"title": "青瓷茶壶"}, "en": {"title": "Celadon teapot"}},
        "options": [option("colour", COLOURS), option("size", SIZES)],
        "skus": [
            {
                "code": f"POT-1-{colour}-{size}".upper(),
                "option_values": {"colour": colour, "size": size},
                "weight_g": 600,
                "prices": [{"list_id": ids.show("prl", world.list_id), "amount": 19900, "compare_at": 23900}],
            }
            for colour in COLOURS
            for size in SIZES
        ],
        **more,
    }


def edited(product: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the editor sends back of a product it was given."""
    kept = ("code", "category_id", "brand_id", "slug", "texts", "attributes", "options", "media", "version")
    fields = ("id", "code", "option_values", "barcode", "weight_g", "size_mm", "media_id")
    skus = [{name: sku[name] for name in fields} for sku in product["skus"] if sku["status"] == "active"]
    return {**{name: product[name] for name in kept}, "skus": skus, **more}


async def make(desk: Desk, world: World, **more: Any) -> dict[str, Any]:
    answer = await desk.post("/console/v1/goods", teapot(world, **more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def put(desk: Desk, product: dict[str, Any], **more: Any) -> httpx.Response:
    return await desk.http.put(
        f"/console/v1/goods/{product['id']}",
        json=edited(product, **more),
        headers={"Idempotency-Key": str(ids.new_id())},
    )


def pointers(answer: httpx.Response) -> set[tuple[str, str]]:
    return {(one["pointer"], one["code"]) for one in answer.json()["fields"]}


async def test_a_product_with_six_skus_is_made_in_one_call_and_only_once(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    body = teapot(world)
    first = await desk.post("/console/v1/goods", body, key="k1")
    again = await desk.post("/console/v1/goods", body, key="k1")
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    product = first.json()
    assert (product["status"], len(product["skus"])) == ("draft", 6)
    screen = (await desk.get(f"/console/v1/products/{product['id']}/screen")).json()
    assert [one["amount"] for one in screen["prices"]] == [19900] * 6
    (row,) = (await desk.get("/console/v1/goods?text=POT-1")).json()["items"]
    assert (row["skus"], row["priced"], row["lowest"], row["available"]) == (6, 6, 19900, 0)
    assert [entry.action for entry in await desk.trail()] == ["catalog.create_product"]


async def test_what_is_wrong_is_told_all_at_once_with_pointers(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    await make(desk, world)
    body = teapot(world, code="POT-2", texts={"zh": {"title": ""}})
    body["skus"][1]["option_values"]["size"] = "small"
    body["skus"][2]["weight_g"] = -1
    wrong = await desk.post("/console/v1/goods", body)
    assert wrong.status_code == 422
    assert {
        ("/texts/zh/title", "required"),
        ("/skus/1/option_values", "catalog.duplicate"),
        ("/skus/2/weight_g", "catalog.out_of_range"),
    } <= pointers(wrong)
    taken = await desk.post("/console/v1/goods", teapot(world))
    assert ("/code", "catalog.code_taken") in pointers(taken)
    assert ("/skus/0/code", "catalog.code_taken") in pointers(taken)
    assert taken.json()["fields"][0]["detail"].startswith("This code is in use")
    dear = teapot(world, code="POT-3")
    for sku in dear["skus"]:
        sku["code"] = sku["code"].replace("POT-1", "POT-3")
    dear["skus"][4]["prices"][0]["compare_at"] = 1
    assert ("/skus/4/prices/0/compare_at", "pricing.not_above_amount") in pointers(
        await desk.post("/console/v1/goods", dear)
    )
    lost = teapot(world, code="POT-4", media=[{"media_id": ids.show("med", ids.new_id())}])
    assert ("/media/0/media_id", "catalog.unknown_media") in pointers(
        await desk.post("/console/v1/goods", lost)
    )
    assert len((await desk.get("/console/v1/goods")).json()["items"]) == 1


async def test_a_matrix_is_changed_grown_and_cut_at_once(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    product = await make(desk, world)
    skus = edited(product)["skus"]
    skus[0]["weight_g"] = 750
    plum = [*COLOURS, "plum"]
    added = {"code": "POT-1-PLUM", "option_values": {"colour": "plum", "size": "small"}, "weight_g": 600}
    saved = await put(
        desk,
        product,
        options=[option("colour", tuple(plum)), option("size", SIZES)],
        skus=[*skus[:5], added],
        texts={**product["texts"], "en": {"title": "Celadon pot", "subtitle": "", "description": ""}},
    )
    assert saved.status_code == 200, saved.text
    after = saved.json()
    assert after["version"] == 2
    assert [sku["status"] for sku in after["skus"]].count("active") == 6
    assert next(sku for sku in after["skus"] if sku["code"] == skus[5]["code"])["status"] == "retired"
    stale = await put(desk, product)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    same = await put(desk, after)
    assert same.json()["version"] == 2
    (last, _) = (await desk.get(f"/console/v1/products/{product['id']}/revisions")).json()["items"]
    changes = {one["path"]: (one["before"], one["after"]) for one in last["changes"]}
    assert last["by"] == "Operator 1"
    assert changes["texts.en.title"] == ("Celadon teapot", "Celadon pot")
    assert changes[f"skus.{skus[0]['code']}.weight_g"] == (600, 750)
    assert changes[f"skus.{skus[5]['code']}.status"] == ("active", "retired")
    assert changes["skus.POT-1-PLUM"][0] is None


async def test_codes_stay_and_a_listed_product_keeps_something_to_sell(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    product = await make(desk, world)
    skus = edited(product)["skus"]
    renamed = await put(desk, product, skus=[{**skus[0], "code": "OTHER"}, *skus[1:]])
    assert pointers(renamed) == {("/skus/0/code", "catalog.code_fixed")}
    swapped = [
        {**skus[0], "option_values": skus[1]["option_values"]},
        {**skus[1], "option_values": skus[0]["option_values"]},
    ]
    assert ("/skus/0/option_values", "catalog.options_taken") in pointers(
        await put(desk, product, skus=[*swapped, *skus[2:]])
    )
    strange = await put(desk, product, skus=[{**skus[0], "id": ids.show("sku", ids.new_id())}])
    assert ("/skus/0/id", "catalog.unknown_sku") in pointers(strange)
    listed = (await desk.post(f"/console/v1/products/{product['id']}/status", {"verb": "list"})).json()
    bare = await put(desk, listed, skus=[], options=[])
    assert pointers(bare) == {("/skus", "catalog.listed_needs_sku")}


async def test_prices_in_a_product_take_their_own_permission(world: World, hire: Hire) -> None:
    admin = await hire("admin")
    made = await admin.post(
        "/console/v1/me/keys", {"label": "words", "permissions": ["catalog:read", "catalog:write"]}
    )
    admin.http.headers["Authorization"] = f"Bearer {made.json()['token']}"
    refused = await admin.post("/console/v1/goods", teapot(world))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    body = teapot(world)
    for sku in body["skus"]:
        sku["prices"] = []
    assert (await admin.post("/console/v1/goods", body)).status_code == 201


async def test_one_deed_on_many_tells_of_each_and_is_done_once(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    product = await make(desk, world)
    empty = await make(desk, world, code="BARE", options=[], skus=[])
    gone = ids.show("prd", ids.new_id())
    body = {"products": [product["id"], gone, empty["id"]], "verb": "publish"}
    first = await desk.post("/console/v1/goods/bulk", body, key="b1")
    assert first.status_code == 200, first.text
    assert first.json() == (await desk.post("/console/v1/goods/bulk", body, key="b1")).json()
    done = first.json()
    assert (done["changed"], done["refused"]) == (1, 2)
    assert [row["code"] for row in done["rows"]] == ["", "not_found", "catalog.not_sellable_yet"]
    assert done["rows"][2]["reason"] == "There is nothing to sell yet"
    again = (await desk.post("/console/v1/goods/bulk", {**body, "products": [product["id"]]})).json()
    assert (again["changed"], again["refused"]) == (0, 0)
    entries = [entry for entry in await desk.trail() if entry.action == "catalog.bulk_publish"]
    assert len(entries) == 2
    assert (
        await desk.post("/console/v1/goods/bulk", {"products": [product["id"]], "verb": "move"})
    ).status_code == 422
    for wrong in ([], [product["id"]] * 2, [gone] * 201):
        assert (
            await desk.post("/console/v1/goods/bulk", {"products": wrong, "verb": "retire"})
        ).status_code == 422


async def test_prices_of_many_move_after_a_preview_and_a_slip_is_noticed(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    product = await make(desk, world)
    assert world.list_id is not None
    retail = ids.show("prl", world.list_id)
    wish = {
        "products": [product["id"]],
        "from_list": retail,
        "to_list": retail,
        "percent": "-10",
        "step": 100,
    }
    shown = (await desk.post("/console/v1/goods/prices/preview", wish)).json()
    assert {(line["before"], line["after"], line["compare_at"]) for line in shown["lines"]} == {
        (19900, 17900, 23900)
    }
    assert (shown["doubtful"], shown["unpriced"]) == (0, 0)
    stale = await desk.post("/console/v1/goods/prices", {**wish, "digest": "0" * 32})
    assert stale.json()["code"] == "pricing.preview_stale"
    done = await desk.post("/console/v1/goods/prices", {**wish, "digest": shown["digest"]})
    assert done.json() == {"changed": 6}
    slip = {**wish, "percent": "-89"}
    shown = (await desk.post("/console/v1/goods/prices/preview", slip)).json()
    assert (shown["doubtful"], shown["lines"][0]["doubts"]) == (6, ["less_than_half"])
    sent = {**slip, "digest": shown["digest"]}
    stopped = await desk.post("/console/v1/goods/prices", sent)
    assert (stopped.status_code, stopped.json()["code"], stopped.json()["count"]) == (
        409,
        "pricing.suspicious_prices",
        6,
    )
    assert (await desk.post("/console/v1/goods/prices", {**sent, "confirmed": True})).json() == {"changed": 6}
    for wrong in ({"percent": "-91"}, {"percent": "NaN"}, {"step": 0}):
        assert (await desk.post("/console/v1/goods/prices/preview", {**wish, **wrong})).status_code == 422
    vip = await desk.http.put(
        "/console/v1/price-lists/vip", json={"channel": "web", "currency": "CNY", "priority": 5}
    )
    there = {**wish, "to_list": vip.json()["id"], "percent": "0", "amount": -100}
    shown = (await desk.post("/console/v1/goods/prices/preview", there)).json()
    assert {line["before"] for line in shown["lines"]} == {None}
    assert (
        await desk.post("/console/v1/goods/prices", {**there, "digest": shown["digest"], "confirmed": True})
    ).json() == {"changed": 6}
    table = (await desk.get(f"/console/v1/price-lists/{vip.json()['id']}/prices?show=priced")).json()["items"]
    assert {(row["amount"], row["option_texts"]["en"]) for row in table} >= {(1900, "Celadon / Small")}


async def test_the_table_filters_by_what_is_left_and_by_words(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    await make(desk, world)
    await world.sku(stock=50)
    rows = (await desk.get("/console/v1/goods?low=true")).json()["items"]
    assert [row["code"] for row in rows] == ["POT-1"]
    for query, count in (
        ("", 2),
        ("?text=青瓷", 1),
        ("?status=draft", 1),
        ("?status=archived", 0),
        ("?sort=title", 2),
    ):
        assert len((await desk.get(f"/console/v1/goods{query}")).json()["items"]) == count, query
    page = (await desk.get("/console/v1/goods?limit=1")).json()
    more = (await desk.get(f"/console/v1/goods?limit=1&cursor={page['next_cursor']}")).json()
    assert page["items"][0]["code"] != more["items"][0]["code"]
    assert (await desk.get("/console/v1/goods?category=cat_nonsense")).status_code == 404


async def test_pictures_are_put_in_order_named_and_taken_away_with_the_product(
    world: World, hire: Hire
) -> None:
    desk = await hire("operator")
    product = await make(desk, world)
    media = []
    for colour in ("teal", "navy"):
        drawn = io.BytesIO()
        Image.new("RGB", (900, 900), colour).save(drawn, "PNG")
        sent = await desk.http.post(
            "/console/v1/media", files={"file": ("x.png", drawn.getvalue(), "image/png")}
        )
        media.append({"media_id": sent.json()["id"], "alt": {"zh": "正面", "en": "Front"}})
    skus = edited(product)["skus"]
    skus[0]["media_id"] = media[1]["media_id"]
    saved = (await put(desk, product, media=media, skus=skus)).json()
    assert [{name: one[name] for name in ("media_id", "alt")} for one in saved["media"]] == media
    turned = (await put(desk, saved, media=media[::-1])).json()
    assert [one["media_id"] for one in turned["media"]] == [one["media_id"] for one in media[::-1]]
    assert turned["skus"][0]["media_id"] == media[1]["media_id"]
    left = (await put(desk, turned, media=media[:1])).json()["media"]
    assert [one["media_id"] for one in left] == [media[0]["media_id"]]


async def test_a_brand_is_renamed_and_written_down(world: World, hire: Hire) -> None:
    desk = await hire("operator")
    brand = (
        await desk.post("/console/v1/brands", {"code": "yan", "names": {"zh": "砚", "en": "Yan"}})
    ).json()
    url = f"/console/v1/brands/{brand['id']}"
    assert (await desk.http.patch(url, json={"names": {"zh": "砚山"}})).json()["names"] == {"zh": "砚山"}
    assert (await desk.http.patch(url, json={"names": {}})).status_code == 422
    assert "catalog.update_brand" in {entry.action for entry in await desk.trail()}
