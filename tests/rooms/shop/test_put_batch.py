"""Batches of source rows: set-based, per-row errors, nothing twice (U-82)."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from daji.kit.db import Database, counting
from daji.kit.ids import new_id
from daji.shop.catalog import api as catalog

LATER = timedelta(hours=1)


def row(code: str = "p", sku: str | None = None, **more: Any) -> catalog.CatalogueRow:
    given: dict[str, Any] = {
        "category_path": (("home", {"zh": "居家", "en": "Home"}), ("bed", {"zh": "床品"})),
        "titles": {"zh": f"商品{code}"},
        **more,
    }
    return catalog.CatalogueRow(product_code=code, sku_code=sku or code, **given)


async def put(
    db: Database, rows: list[catalog.CatalogueRow], now: datetime, **more: Any
) -> catalog.BatchResult:
    async with db.transaction() as tx:
        return await catalog.put_batch(tx, rows=rows, by="system", now=now, **more)


async def dump(db: Database) -> list[tuple[object, ...]]:
    """Every row of the catalogue, to see that nothing moved."""
    async with db.read() as session:
        found: list[tuple[object, ...]] = []
        for table in ("category", "brand", "product", "sku", "history"):
            found += [
                tuple(one.values())
                for one in await session.rows(f"SELECT * FROM catalog.{table} ORDER BY id")  # noqa: S608
            ]
        found += [tuple(one.values()) for one in await session.rows("SELECT * FROM kit.outbox ORDER BY seq")]
    return found


async def product(db: Database, code: str) -> catalog.Product:
    async with db.read() as session:
        product_id = await session.value("SELECT id FROM catalog.product WHERE code = $1", code)
        return await catalog.get_product(session, product_id=product_id)


def said(result: catalog.BatchResult) -> list[tuple[int, str, str]]:
    return [(error.line, error.field, error.code) for error in result.errors]


async def test_rows_become_tree_brand_products_and_skus(db: Database, now: datetime) -> None:
    brand = catalog.BrandRef(code="muji", names={"en": "MUJI"})
    result = await put(
        db,
        [
            row("a", "a1", option_values={"颜色": "红", "尺寸": "L"}, brand=brand, list_now=True, weight_g=5),
            row("a", "a2", option_values={"尺寸": "M", "颜色": "红"}, titles={}, size_mm=(1, 2, 3)),
            row("b", attributes={"材质": "棉"}, image_names=("x.jpg",)),
        ],
        now,
    )
    assert result.errors == ()
    assert result.created_skus == {"a1", "a2", "b"}
    made = await product(db, "a")
    assert made.status == "listed"
    assert made.listed_at == now
    assert [(option.code, [value.code for value in option.values]) for option in made.options] == [
        ("颜色", ["红"]),
        ("尺寸", ["L", "M"]),
    ]
    assert {sku.code: sku.option_values for sku in made.skus} == {
        "a1": {"颜色": "红", "尺寸": "L"},
        "a2": {"颜色": "红", "尺寸": "M"},
    }
    other = await product(db, "b")
    assert (other.status, other.attributes, other.image_names) == ("draft", {"材质": "棉"}, ("x.jpg",))
    async with db.read() as session:
        home, bed = await catalog.list_categories(session)
        assert (home.code, bed.code, bed.path) == ("home", "bed", (home.id, bed.id))
        assert made.category_id == bed.id
        assert [one.code for one in (await catalog.list_brands(session)).items] == ["muji"]
        (for_sale,) = await catalog.skus_for_sale(session, sku_ids=[result.sku_ids["a1"]])
    assert for_sale.sellable
    assert for_sale.option_texts == {"zh": "颜色：红 / 尺寸：L"}


async def test_u82_the_same_rows_again_leave_no_trace(db: Database, now: datetime) -> None:
    rows = [
        row(
            f"p{n // 2}",
            f"s{n}",
            option_values={"c": str(n)},
            attributes={
                "f": 1.5,
                "n": 2016.0,
                "deep": {"a": [None, True]},
                "big": 10**29,
                "nan": math.nan,
                "t": (1,),
            },
            subtitles={"zh": "x"},
            barcode="690",
            list_now=True,
            image_names=("i",),
        )
        for n in range(40)
    ]
    await put(db, rows, now)
    before = await dump(db)
    again = await put(db, rows, now + LATER)
    assert await dump(db) == before
    assert (again.products_created, again.products_changed, again.created_skus) == (0, 0, frozenset())
    # Cut differently, as a file read in other batches would be.
    await put(db, rows[:13], now + LATER)
    await put(db, rows[13:], now + LATER)
    assert await dump(db) == before


async def test_a_thousand_rows_cost_a_handful_of_statements(db: Database, now: datetime) -> None:
    def rows(title: str) -> list[catalog.CatalogueRow]:
        return [
            row(
                f"p{n}", titles={"zh": f"{title} {n}"}, category_path=((f"c{n % 50}", {"zh": f"类{n % 50}"}),)
            )
            for n in range(1000)
        ]

    counts = []
    for title in ("a", "b"):
        async with db.transaction() as tx:
            with counting() as tally:
                result = await catalog.put_batch(tx, rows=rows(title), by="system", now=now)
            counts.append(tally.count)
            assert result.errors == ()
    assert max(counts) <= 15
    assert (await product(db, "p7")).version == 2
    with pytest.raises(catalog.BatchTooLarge):
        await put(db, [*rows("c"), row("one")], now)


async def test_u82_bad_rows_are_told_and_good_ones_written(db: Database, now: datetime) -> None:
    rows = [
        row("good"),
        row("", "x"),
        row("neg", price=-1, currency="CNY"),
        row("cur", price=1, currency="XXX"),
        row("cmp", price=5, compare_at=5, currency="CNY"),
        row("wgt", weight_g=-1),
        row("siz", size_mm=(1, 0, 1)),
        row("stk", stock=-5),
        row("nul", titles={"zh": "a\x00b"}),
        row("sur", titles={"zh": "\ud800"}),
        row("big", titles={"zh": "x" * 201}),
        row("cat", category_path=()),
        row("deep", category_path=tuple((f"d{n}", {"zh": "d"}) for n in range(11))),
        row("cont", titles={}),
        row("sell", seller_code="nobody"),
        row("good", "good"),
        row("opt", option_values={" ": "x"}),
        row("huge", descriptions={"zh": "x" * 60_000}),
        row("fine"),
    ]
    result = await put(db, rows, now)
    assert sorted(result.sku_ids) == ["fine", "good"]
    assert result.failed == len(rows) - 2
    assert {(line, code) for line, _, code in said(result)} == {
        (1, "catalog.bad_code"),
        (2, "catalog.out_of_range"),
        (3, "catalog.unknown_currency"),
        (4, "catalog.not_above_price"),
        (5, "catalog.out_of_range"),
        (6, "catalog.out_of_range"),
        (7, "catalog.out_of_range"),
        (8, "catalog.not_storable"),
        (9, "catalog.not_storable"),
        (10, "too_long"),
        (11, "required"),
        (12, "catalog.too_deep"),
        (13, "required"),
        (14, "catalog.unknown_seller"),
        (15, "catalog.duplicate_in_batch"),
        (16, "catalog.bad_code"),
        (17, "too_long"),
    }


async def test_a_choice_belongs_to_one_sku(db: Database, now: datetime) -> None:
    first = await put(
        db,
        [
            row("p", "s1", option_values={"c": "red"}),
            row("p", "s2", option_values={"c": "blue"}),
            row("p", "s3", option_values={"c": "red"}),
            row("p", "s4", option_values={"size": "L"}),
            row("p", "s5"),
            row("q", "s1"),
        ],
        now,
    )
    assert said(first) == [
        (2, "option_values", "catalog.options_taken"),
        (3, "option_values", "catalog.options_differ"),
        (4, "option_values", "catalog.options_differ"),
        (5, "sku_code", "catalog.duplicate_in_batch"),
    ]
    # Two that change places in one batch: refused, not a broken transaction.
    swapped = await put(
        db,
        [row("p", "s1", option_values={"c": "blue"}), row("p", "s2", option_values={"c": "red"})],
        now + LATER,
    )
    assert {code for _, _, code in said(swapped)} == {"catalog.options_taken"}
    moved = await put(
        db,
        [row("p", "s1", option_values={"c": "green"}), row("p", "s9", option_values={"c": "red"})],
        now + LATER,
    )
    assert moved.errors == ()
    foreign = await put(db, [row("q", "s2")], now + LATER)
    assert said(foreign) == [(0, "sku_code", "catalog.sku_of_other_product")]


async def test_a_code_never_moves_goods_to_another_seller(db: Database, now: datetime) -> None:
    ann, bob = new_id(), new_id()
    sellers: dict[str, UUID] = {"ann": ann, "bob": bob}
    await put(db, [row("p", seller_code="ann")], now, sellers=sellers)
    for thief in ("bob", None):
        result = await put(
            db, [row("p", seller_code=thief, titles={"zh": "偷"})], now + LATER, sellers=sellers
        )
        assert said(result) == [(0, "seller_code", "catalog.other_seller")]
    result = await put(
        db, [row("n", "n1", seller_code="ann"), row("n", "n2", seller_code="bob")], now, sellers=sellers
    )
    assert said(result) == [(1, "seller_code", "catalog.other_seller")]
    assert (await product(db, "p")).seller_id == ann
    assert (await product(db, "p")).version == 1


async def test_what_staff_decided_outlives_an_import(db: Database, now: datetime) -> None:
    await put(db, [row("p", "s1", option_values={"颜色": "红"}, list_now=True)], now)
    made = await product(db, "p")
    async with db.transaction() as tx:
        await catalog.change_status(tx, product_id=made.id, verb="delist", by="staff:1", now=now)
        edited = await catalog.update_product(
            tx,
            product_id=made.id,
            version=2,
            changes=catalog.ProductChanges(
                texts={**made.texts, "en": catalog.Text(title="English by staff")},
                options=(
                    catalog.Option(
                        code="颜色",
                        names={"zh": "颜色", "en": "Colour"},
                        values=(catalog.OptionValue(code="红", names={"zh": "红", "en": "Red"}),),
                    ),
                ),
            ),
            by="staff:1",
            now=now,
        )
    result = await put(db, [row("p", "s1", option_values={"Colour": "Red"}, list_now=True)], now + LATER)
    assert result.errors == ()
    assert await product(db, "p") == edited
    async with db.transaction() as tx:
        await catalog.retire_sku(tx, sku_id=edited.skus[0].id, by="staff:1", now=now)
    await put(db, [row("p", "s1", option_values={"颜色": "红"}, weight_g=9, list_now=True)], now + LATER)
    after = await product(db, "p")
    assert (after.status, after.skus[0].status, after.skus[0].weight_g) == ("delisted", "retired", 9)
    async with db.transaction() as tx:
        await catalog.change_status(tx, product_id=made.id, verb="archive", by="staff:1", now=now)
    assert said(await put(db, [row("p", "s1")], now)) == [(0, "product_code", "catalog.product_archived")]


async def test_attributes_of_rows_obey_the_category(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        await catalog.create_category(
            tx,
            code="home",
            names={"zh": "居家"},
            attribute_schema={"properties": {"材质": {"enum": ["棉", "麻"]}}, "required": ["材质"]},
            by="x",
            now=now,
        )
    result = await put(
        db,
        [
            row("ok", attributes={"材质": "棉"}),
            row("bad", attributes={"材质": "铁"}),
            row("none"),
            row("two", "t1", attributes={"材质": 1}, option_values={"c": "1"}),
            row("two", "t2", titles={}, option_values={"c": "2"}),
        ],
        now,
    )
    assert sorted(result.sku_ids) == ["ok"]
    assert said(result) == [
        (1, "/attributes/材质", "unknown_value"),
        (2, "/attributes/材质", "required"),
        (3, "/attributes/材质", "unknown_value"),
        (4, "product_code", "catalog.product_refused"),
    ]
    async with db.read() as session:
        assert [one.code for one in await catalog.list_categories(session)] == ["home", "bed"]


async def test_rivals_with_the_same_rows_make_each_thing_once(db: Database, now: datetime) -> None:
    rows = [row(f"p{n}", titles={"zh": "同名"}) for n in range(50)]
    await asyncio.gather(*(put(db, rows if n % 2 else rows[::-1], now) for n in range(6)))
    async with db.read() as session:
        assert await session.value("SELECT count(*) FROM catalog.product") == 50
        assert await session.value("SELECT count(DISTINCT slug) FROM catalog.product") == 50
        assert await session.value("SELECT count(*) FROM catalog.category") == 2
        assert await session.value("SELECT max(version) FROM catalog.product") == 1


async def test_a_rehearsal_answers_alike_and_makes_nobody_wait(db: Database, now: datetime) -> None:
    await put(db, [row("old")], now)
    rows = [row("old", titles={"zh": "改"}), row("new"), row("bad", weight_g=-1)]
    async with db.transaction() as rehearsal:
        tried = await catalog.put_batch(rehearsal, rows=rows, by="x", now=now, rehearse=True)
        assert rehearsal.events == []
        old = await product(db, "old")
        async with asyncio.timeout(5), db.transaction() as tx:
            await catalog.change_status(tx, product_id=old.id, verb="list", by="staff:1", now=now)
            await catalog.put_batch(tx, rows=[row("other")], by="x", now=now)
        await rehearsal.execute("ROLLBACK")
        await rehearsal.execute("BEGIN")
    real = await put(db, rows, now)
    assert said(tried) == said(real) == [(2, "weight_g", "catalog.out_of_range")]
    assert (tried.products_created, tried.products_changed) == (real.products_created, real.products_changed)


async def test_an_empty_batch_does_nothing(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        with counting() as tally:
            result = await catalog.put_batch(tx, rows=[], by="x", now=now)
        assert tally.count == 0
    assert (result.failed, result.errors, result.sku_ids) == (0, (), {})
