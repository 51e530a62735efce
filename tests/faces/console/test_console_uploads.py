"""The import in steps at the console, the worker behind it, and the catalogue as a file that comes back unchanged."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import pytest

from daji.boot import House
from daji.kit import faults, ids
from daji.shop.catalog import api as catalog
from tests.faces.console.conftest import Desk, Hire
from tests.faces.console.test_console_goods import make, put
from tests.makers.world import World

HEADER = "商品编码,规格编码,类目,商品名称,Name,售价,原价,重量,颜色,内部备注"
BAD = {
    100: ("售价", "12,5o"), 200: ("重量", "heavy"), 300: ("原价", "1"), 400: ("类目", ""),
    500: ("商品编码", ""), 600: ("规格编码", "S-599"), 700: ("售价", "-5"),
}  # fmt: skip


def goods_file(rows: int = 1000, bad: dict[int, tuple[str, str]] | None = None) -> bytes:
    """A table as a shop keeps it, under its own names; row n stands in line n + 1."""
    names = HEADER.split(",")
    lines = [HEADER]
    for n in range(1, rows + 1):
        line = dict(
            zip(
                names,
                (f"P-{n}", f"S-{n}", "tea", f"茶 {n}", f"Tea {n}", "19.90", "29.90", "120", "", "x"),
                strict=True,
            )
        )
        if bad and n in bad:
            name, value = bad[n]
            line[name] = f'"{value}"' if "," in value else value
        lines.append(",".join(line.values()))
    return "\n".join(lines).encode()


async def send(desk: Desk, content: bytes, name: str = "goods.csv") -> Any:
    return await desk.http.post("/console/v1/uploads", files={"file": (name, content, "text/csv")})


async def planned(desk: Desk, world: World, content: bytes, name: str = "goods.csv") -> str:
    assert world.list_id is not None
    kept = (await send(desk, content, name)).json()
    body = {"mapping": kept["mapping"], "price_list": ids.show("prl", world.list_id)}
    answer = await desk.http.put(f"/console/v1/uploads/{kept['id']}/plan", json=body)
    assert answer.status_code == 200, answer.text
    return str(kept["id"])


async def told(desk: Desk, upload: str) -> list[tuple[int, str, str]]:
    found, cursor = [], ""
    while True:
        page = (await desk.get(f"/console/v1/uploads/{upload}/errors?limit=3{cursor}")).json()
        found += [(one["line"], one["column"], one["reason"]) for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_a_thousand_rows_with_seven_bad_ones(world: World, house: House, hire: Hire) -> None:
    desk = await hire("operator")
    kept = (await send(desk, goods_file(bad=BAD))).json()
    assert (kept["status"], kept["rows"]) == ("uploaded", 1000)
    assert kept["mapping"] == {
        "商品编码": "product_code", "规格编码": "sku_code", "类目": "category", "商品名称": "title.zh", "Name": "title.en",
        "售价": "price", "原价": "compare_at", "重量": "weight_g", "颜色": "option.颜色", "内部备注": "",
    }  # fmt: skip
    upload = await planned(desk, world, goods_file(bad=BAD))
    sent = await desk.post(f"/console/v1/uploads/{upload}/check")
    assert (sent.status_code, sent.json()["status"]) == (202, "checking")
    assert await house.work_uploads() == 1
    checked = (await desk.get(f"/console/v1/uploads/{upload}")).json()
    assert (checked["status"], checked["ok"], checked["failed"]) == ("checked", 993, 7)
    assert len((await desk.get("/console/v1/goods")).json()["items"]) == 0
    rehearsed = await told(desk, upload)
    assert [(line, column) for line, column, _ in rehearsed] == [
        (n + 1, column) for n, (column, _) in sorted(BAD.items())
    ]
    assert rehearsed[0][2] == "This is not an amount in CNY. Write it like 12.50, without separators."
    desk.http.headers["Accept-Language"] = "zh"
    assert (await told(desk, upload))[1][2] == "这里要填整数。" or "整数" in (await told(desk, upload))[1][2]
    sheet = await desk.get(f"/console/v1/uploads/{upload}/errors.csv")
    rows = list(csv.reader(io.StringIO(sheet.text.lstrip("\ufeff"))))
    assert (rows[0], len(rows)) == (["行号", "列", "原因"], 8)
    assert (await desk.post(f"/console/v1/uploads/{upload}/run")).json()["status"] == "importing"
    assert await house.work_uploads() == 1
    done = (await desk.get(f"/console/v1/uploads/{upload}")).json()
    assert (done["status"], done["ok"], done["failed"], done["done"]) == ("done", 993, 7, 1000)
    assert [one[:2] for one in await told(desk, upload)] == [one[:2] for one in rehearsed]
    assert (await desk.post(f"/console/v1/uploads/{upload}/run")).status_code == 409
    async with world.db.read() as session:
        assert await session.value("SELECT count(*) FROM catalog.sku") == 993
        assert await session.value("SELECT count(*) FROM pricing.price WHERE amount = 1990") == 993
    actions = [entry.action for entry in await desk.trail()]
    assert actions[:2] == ["catalog.import_upload", "catalog.check_upload"]


async def test_a_killed_worker_is_followed_by_one_that_goes_on(
    world: World, house: House, hire: Hire
) -> None:
    desk = await hire("operator")
    upload = await planned(desk, world, goods_file(1000))
    await desk.post(f"/console/v1/uploads/{upload}/run")
    batches = 0

    def die(reached: str) -> None:
        nonlocal batches
        batches += reached == "import_catalogue.batch.after_commit"
        if batches == 3:
            raise asyncio.CancelledError

    with faults.armed(die), pytest.raises(asyncio.CancelledError):
        await house.work_uploads()
    async with world.db.read() as session:
        assert await session.value("SELECT count(*) FROM catalog.sku") == 600
    assert await house.work_uploads() == 1
    done = (await desk.get(f"/console/v1/uploads/{upload}")).json()
    assert (done["status"], done["ok"], done["failed"]) == ("done", 1000, 0)
    async with world.db.read() as session:
        assert await session.value("SELECT count(*) FROM catalog.sku") == 1000
        assert await session.value("SELECT count(*) FROM catalog.job") == 1


async def test_a_worker_that_holds_a_file_is_not_disturbed(world: World, house: House, hire: Hire) -> None:
    desk = await hire("operator")
    upload = await planned(desk, world, goods_file(3))
    await desk.post(f"/console/v1/uploads/{upload}/check")
    async with world.db.transaction() as tx:
        held = await catalog.claim_upload(tx, seconds=30)
    assert held is not None
    assert await house.work_uploads() == 0
    async with world.db.transaction() as tx:
        await catalog.release_upload(tx, upload_id=held.id)
    assert await house.work_uploads() == 1


async def test_files_and_plans_that_cannot_be_are_refused_with_a_reason(
    world: World, house: House, hire: Hire
) -> None:
    desk = await hire("operator")
    for content, code in (
        (b"", "catalog.upload_empty"),
        (b"  \n", "catalog.upload_empty"),
        (b"PK\x03\x04rest", "catalog.upload_is_workbook"),
        (b"\xff\xfe\x00a,b", "catalog.not_text"),
        (b"a,a\n1,2\n", "catalog.duplicate_column"),
    ):
        answer = await send(desk, content)
        assert answer.status_code == 422, content
        assert answer.json()["fields"][0]["code"] == code
    assert (await desk.http.post("/console/v1/uploads", files={"other": (None, "x")})).status_code == 422
    kept = (await send(desk, goods_file(2))).json()
    url = f"/console/v1/uploads/{kept['id']}"
    for mapping, wrong in (
        ({}, "/mapping"),
        ({"售价": "price"}, "/mapping"),
        ({"商品编码": "product_code", "规格编码": "product_code"}, "/mapping/规格编码"),
        ({"商品编码": "product_code", "nope": "price"}, "/mapping/nope"),
    ):
        answer = await desk.http.put(f"{url}/plan", json={"mapping": mapping})
        assert wrong in {one["pointer"] for one in answer.json()["fields"]}, answer.text
    lost = await planned(desk, world, goods_file(2))
    gone = {"mapping": kept["mapping"], "price_list": ids.show("prl", ids.new_id())}
    await desk.http.put(f"/console/v1/uploads/{lost}/plan", json=gone)
    await desk.post(f"/console/v1/uploads/{lost}/run")
    await house.work_uploads()
    stopped = (await desk.get(f"/console/v1/uploads/{lost}")).json()
    assert (stopped["status"], stopped["trouble"]) == ("failed", "not_found")
    assert [one["status"] for one in (await desk.get("/console/v1/uploads")).json()["items"]] == [
        "failed",
        "uploaded",
    ]


async def test_json_lines_are_taken_too(world: World, house: House, hire: Hire) -> None:
    desk = await hire("operator")
    lines = b'{"product_code": "J-1", "category": "tea", "title": {"zh": "\xe8\x8c\xb6", "en": "Tea"}, "price": 5}\n'
    upload = await planned(desk, world, lines, "goods.jsonl")
    await desk.post(f"/console/v1/uploads/{upload}/run")
    await house.work_uploads()
    assert (await desk.get(f"/console/v1/uploads/{upload}")).json()["ok"] == 1


async def test_what_was_exported_imports_again_and_changes_nothing(
    world: World, house: House, hire: Hire
) -> None:
    desk = await hire("operator")
    assert world.list_id is not None
    assert world.category_id is not None
    category = ids.show("cat", world.category_id)
    schema = {
        "properties": {
            "year": {"type": "integer"},
            "organic": {"type": "boolean"},
            "notes": {"type": "array"},
        }
    }
    await desk.http.patch(f"/console/v1/categories/{category}", json={"attribute_schema": schema})
    product = await make(desk, world, attributes={"year": 2026, "organic": True, "notes": ["兰", "=1+1"]})
    words = {"title": '=HYPERLINK("x")', "subtitle": "'-5", "description": ' two\nlines, "quoted" \n'}
    saved = await put(desk, product, texts={"zh": {"title": "茶, 壶\t一"}, "en": words})
    assert saved.status_code == 200, saved.text
    await make(desk, world, code="PLAIN", options=[], skus=[{"code": "PLAIN"}], attributes={})
    await world.sku(price=990)
    url = f"/console/v1/goods/export.csv?price_list={ids.show('prl', world.list_id)}"
    before = (await desk.get(url)).content
    assert b'"=HYPERLINK' not in before
    assert len(list(csv.reader(io.StringIO(before.decode("utf-8-sig"))))) == 9

    async def versions() -> list[tuple[str, int]]:
        async with world.db.read() as session:
            rows = await session.rows("SELECT code, version FROM catalog.product ORDER BY code")
            prices = await session.value("SELECT count(*) FROM pricing.price")
        return [*((row["code"], row["version"]) for row in rows), ("prices", prices)]

    stood = await versions()
    upload = await planned(desk, world, before)
    await desk.post(f"/console/v1/uploads/{upload}/run")
    await house.work_uploads()
    done = (await desk.get(f"/console/v1/uploads/{upload}")).json()
    assert (done["status"], done["ok"], done["failed"]) == ("done", 8, 0), await told(desk, upload)
    assert await versions() == stood
    assert (await desk.get(url)).content == before
