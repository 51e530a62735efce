"""Categories, products and SKUs on a real database."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from daji.kit.db import Database, Tx, counting
from daji.kit.ids import new_id
from daji.kit.paging import BadCursor
from daji.kit.problems import Invalid, NotFound, Stale
from daji.kit.states import IllegalTransition
from daji.shop.catalog import api as catalog
from daji.shop.catalog.events import ProductChanged
from daji.shop.catalog.store import lists

COLOUR = catalog.Option(
    code="colour",
    names={"zh": "颜色", "en": "Colour"},
    values=(
        catalog.OptionValue(code="red", names={"zh": "红", "en": "Red"}),
        catalog.OptionValue(code="blue", names={"zh": "蓝", "en": "Blue"}),
    ),
)


async def make_category(
    tx: Tx, now: datetime, code: str = "phones", *, parent_id: UUID | None = None, **more: Any
) -> catalog.Category:
    return await catalog.create_category(
        tx, code=code, names={"zh": "手机", "en": code}, parent_id=parent_id, by="system", now=now, **more
    )


def new_product(category_id: UUID, code: str = "p1", **more: Any) -> catalog.NewProduct:
    given: dict[str, Any] = {
        "texts": {"zh": catalog.Text(title="华为手机"), "en": catalog.Text(title="Huawei phone")},
        "options": (COLOUR,),
        "skus": (
            catalog.NewSku(code=f"{code}-red", option_values={"colour": "red"}, weight_g=180),
            catalog.NewSku(code=f"{code}-blue", option_values={"colour": "blue"}, size_mm=(1, 2, 3)),
        ),
        **more,
    }
    return catalog.NewProduct(code=code, category_id=category_id, **given)


async def make(tx: Tx, now: datetime, code: str = "p1", **more: Any) -> catalog.Product:
    found = [one for one in await catalog.list_categories(tx) if one.code == "phones"]
    category = found[0] if found else await make_category(tx, now)
    return await catalog.create_product(
        tx, product=new_product(category.id, code, **more), by="system", now=now
    )


async def test_a_product_reads_back_as_it_was_written(db: Database, now: datetime) -> None:
    media = (catalog.MediaRef(media_id=new_id(), alt={"zh": "正面"}),)
    async with db.transaction() as tx:
        made = await make(tx, now, media=media, attributes={"内存": "3GB", "n": 1.5, "deep": {"a": [1]}})
        event = tx.events[-1][1]
    assert isinstance(event, ProductChanged)
    assert event.sku_ids == tuple(sku.id for sku in made.skus)
    async with db.read() as session:
        with counting() as tally:
            assert await catalog.get_product(session, product_id=made.id) == made
        assert tally.count == 1
        assert await catalog.find_product_by_slug(session, slug=made.slug) == made
        assert await catalog.find_product_by_slug(session, slug="../etc/passwd") is None
        with pytest.raises(NotFound):
            await catalog.get_product(session, product_id=new_id())
    assert made.slug == "hua-wei-shou-ji"
    assert (made.status, made.version, made.listed_at) == ("draft", 1, None)


async def test_slugs_are_pinyin_and_never_clash(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        first = await make(tx, now)
        second = await make(tx, now, "p2")
        with pytest.raises(catalog.SlugTaken):
            await make(tx, now, "p3", slug=first.slug)
    assert second.slug.startswith("hua-wei-shou-ji-")


async def test_twenty_rivals_with_one_code_make_one_product(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        await make_category(tx, now)

    async def rival(_: int) -> bool:
        try:
            async with db.transaction() as tx:
                await make(tx, now)
        except catalog.CodeTaken:
            return False
        return True

    assert sum(await asyncio.gather(*(rival(n) for n in range(20)))) == 1


async def test_attributes_obey_the_schemas_from_the_root_down(db: Database, now: datetime) -> None:
    root_schema = {"properties": {"brand": {"type": "string"}}, "required": ["brand"]}
    leaf_schema = {
        "properties": {"内存/GB": {"type": "integer", "minimum": 1}},
        "additionalProperties": False,
    }
    async with db.transaction() as tx:
        root = await make_category(tx, now, "root", attribute_schema=root_schema)
        leaf = await make_category(tx, now, "leaf", parent_id=root.id, attribute_schema=leaf_schema)
        with pytest.raises(catalog.BadProduct) as refused:
            await catalog.create_product(
                tx,
                product=new_product(leaf.id, attributes={"内存/GB": 0, "surplus": 1}),
                by="system",
                now=now,
            )
        made = await catalog.create_product(
            tx, product=new_product(leaf.id, attributes={"内存/GB": 3, "brand": "x"}), by="system", now=now
        )
        with pytest.raises(catalog.BadProduct):
            await catalog.update_product(
                tx,
                product_id=made.id,
                version=1,
                changes=catalog.ProductChanges(attributes={}),
                by="system",
                now=now,
            )
    assert {(field.pointer, field.code) for field in refused.value.fields} == {
        ("/attributes/brand", "required"),
        ("/attributes/内存~1GB", "too_small"),
        ("/attributes", "unknown_field"),
    }


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ({"type": "array"}, "catalog.schema_not_of_object"),
        ({"properties": {"a": {"$ref": "http://169.254.169.254/x"}}}, "catalog.schema_remote_ref"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "catalog.schema_remote_ref"),
        ({"properties": {"a": {"pattern": "("}}}, "catalog.schema_bad_pattern"),
        ({"properties": 5}, "catalog.schema_invalid"),
        ({"required": "a"}, "catalog.schema_invalid"),
        ({"properties": {"a": {"description": "x" * 70_000}}}, "too_large"),
    ],
)
async def test_a_schema_that_could_harm_is_refused(
    db: Database, now: datetime, schema: dict[str, Any], code: str
) -> None:
    async with db.transaction() as tx:
        with pytest.raises(catalog.BadCategory) as refused:
            await make_category(tx, now, attribute_schema=schema)
    assert code in {field.code for field in refused.value.fields}


async def test_impossible_products_are_refused_with_their_place(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        category = await make_category(tx, now)
        with pytest.raises(catalog.BadProduct) as refused:
            await catalog.create_product(
                tx,
                product=catalog.NewProduct(
                    code=" x",
                    category_id=category.id,
                    texts={"zh": catalog.Text(title=" "), "English": catalog.Text(title="x" * 201)},
                    slug="Not A Slug",
                    options=(COLOUR, COLOUR),
                    skus=(
                        catalog.NewSku(code="s", option_values={"colour": "green"}, weight_g=-1),
                        catalog.NewSku(code="s", option_values={"size": "m"}, size_mm=(0, 1, 1)),
                    ),
                ),
                by="system",
                now=now,
            )
        found = {(field.pointer, field.code) for field in refused.value.fields}
        assert {
            ("/code", "catalog.bad_code"),
            ("/slug", "catalog.bad_slug"),
            ("/texts/zh/title", "required"),
            ("/texts/English", "catalog.bad_language"),
            ("/options", "catalog.duplicate"),
            ("/skus/0/weight_g", "catalog.out_of_range"),
            ("/skus/0/option_values/colour", "catalog.unknown_option"),
            ("/skus/1/code", "catalog.duplicate"),
            ("/skus/1/size_mm", "catalog.out_of_range"),
            ("/skus/1/option_values/colour", "required"),
        } <= found
        for hostile in ("a\x00b", "\ud800"):
            with pytest.raises(catalog.BadProduct):
                await make(tx, now, texts={"zh": catalog.Text(title=hostile)})
        with pytest.raises(NotFound):
            await catalog.create_product(tx, product=new_product(new_id()), by="system", now=now)
        with pytest.raises(NotFound):
            await make(tx, now, brand_id=new_id())


async def test_an_update_needs_the_version_it_was_made_from(db: Database, now: datetime) -> None:
    changes = catalog.ProductChanges(texts={"en": catalog.Text(title="New")})
    async with db.transaction() as tx:
        made = await make(tx, now)

    async def edit() -> bool:
        try:
            async with db.transaction() as tx:
                await catalog.update_product(
                    tx, product_id=made.id, version=1, changes=changes, by="staff:1", now=now
                )
        except Stale:
            return False
        return True

    assert sum(await asyncio.gather(*(edit() for _ in range(5)))) == 1
    async with db.transaction() as tx:
        again = await catalog.update_product(
            tx, product_id=made.id, version=2, changes=changes, by="staff:1", now=now
        )
        assert again.version == 2
        assert tx.events == []
        history = await catalog.list_history(tx, product_id=made.id)
    assert [(entry.verb, entry.by) for entry in history.items] == [
        ("update", "staff:1"),
        ("create", "system"),
    ]
    assert list(history.items[0].diff) == ["texts"]


async def test_the_states_from_draft_to_archive(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        made = await make(tx, now)
        path = ["submit", "reject", "submit", "approve", "delist", "relist", "delist", "archive"]
        seen = []
        for verb in path:
            moved = await catalog.change_status(
                tx, product_id=made.id, verb=verb, by="staff:1", now=now, note="why"
            )
            seen.append(moved.status)
        assert seen == [
            "in_review",
            "draft",
            "in_review",
            "listed",
            "delisted",
            "listed",
            "delisted",
            "archived",
        ]
        for verb in ("list", "relist", "'; DROP TABLE"):
            with pytest.raises(IllegalTransition):
                await catalog.change_status(tx, product_id=made.id, verb=verb, by="x", now=now)
        with pytest.raises(catalog.ProductArchived):
            await catalog.update_product(
                tx,
                product_id=made.id,
                version=moved.version,
                changes=catalog.ProductChanges(brand_id=None),
                by="x",
                now=now,
            )
        history = await catalog.list_history(tx, product_id=made.id, limit=2)
        assert [entry.note for entry in history.items] == ["why", "why"]
        assert history.next_cursor


async def test_nothing_without_an_active_sku_can_be_listed(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        made = await make(tx, now, options=(), skus=(catalog.NewSku(code="only"),))
        await catalog.retire_sku(tx, sku_id=made.skus[0].id, by="x", now=now)
        with pytest.raises(catalog.NotSellableYet):
            await catalog.change_status(tx, product_id=made.id, verb="list", by="x", now=now)
        await catalog.add_sku(tx, product_id=made.id, sku=catalog.NewSku(code="next"), by="x", now=now)
        listed = await catalog.change_status(tx, product_id=made.id, verb="list", by="x", now=now)
    assert listed.listed_at == now
    assert [(sku.code, sku.status) for sku in listed.skus] == [("next", "active"), ("only", "retired")]


async def test_skus_keep_codes_and_choices_apart(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        made = await make(tx, now)
        with pytest.raises(catalog.CodeTaken):
            await catalog.add_sku(
                tx,
                product_id=made.id,
                sku=catalog.NewSku(code="p1-red", option_values={"colour": "red"}),
                by="x",
                now=now,
            )
        with pytest.raises(catalog.OptionsTaken):
            await catalog.add_sku(
                tx,
                product_id=made.id,
                sku=catalog.NewSku(code="other", option_values={"colour": "red"}),
                by="x",
                now=now,
            )
        with pytest.raises(catalog.BadProduct):
            await catalog.update_product(
                tx,
                product_id=made.id,
                version=1,
                changes=catalog.ProductChanges(options=()),
                by="x",
                now=now,
            )
        red = made.skus[0]
        assert (await catalog.retire_sku(tx, sku_id=red.id, by="x", now=now)).status == "retired"
        assert (await catalog.retire_sku(tx, sku_id=red.id, by="x", now=now)).status == "retired"
        renewed = await catalog.add_sku(
            tx,
            product_id=made.id,
            sku=catalog.NewSku(code="red2", option_values={"colour": "red"}),
            by="x",
            now=now,
        )
        assert (await catalog.get_product(tx, product_id=made.id)).version == 3
        assert renewed.status == "active"


async def test_what_a_cart_asks_takes_one_statement(db: Database, now: datetime) -> None:
    picture = new_id()
    async with db.transaction() as tx:
        made = await make(tx, now, media=(catalog.MediaRef(media_id=picture),))
        await catalog.change_status(tx, product_id=made.id, verb="list", by="x", now=now)
        await catalog.retire_sku(tx, sku_id=made.skus[1].id, by="x", now=now)
    async with db.read() as session:
        with counting() as tally:
            found = await catalog.skus_for_sale(session, sku_ids=[*(sku.id for sku in made.skus), new_id()])
        assert tally.count == 1
    red, blue = sorted(found, key=lambda one: one.code, reverse=True)
    assert (red.sellable, blue.sellable) == (True, False)
    assert red.titles == {"zh": "华为手机", "en": "Huawei phone"}
    assert red.option_texts == {"zh": "颜色：红", "en": "Colour: Red"}
    assert (red.media_id, red.weight_g, red.slug) == (picture, 180, made.slug)


async def test_categories_move_with_all_that_is_below(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        a = await make_category(tx, now, "a")
        b = await make_category(tx, now, "b", parent_id=a.id)
        c = await make_category(tx, now, "c", parent_id=b.id)
        other = await make_category(tx, now, "other")
        with pytest.raises(catalog.BadCategory):
            await catalog.update_category(
                tx, category_id=a.id, changes=catalog.CategoryChanges(parent_id=c.id), by="x", now=now
            )
        moved = await catalog.update_category(
            tx,
            category_id=b.id,
            changes=catalog.CategoryChanges(parent_id=other.id, names={"en": "Bee"}),
            by="x",
            now=now,
        )
        assert moved.path == (other.id, b.id)
        assert (await catalog.get_category(tx, category_id=c.id)).path == (other.id, b.id, c.id)
        made = await catalog.create_product(tx, product=new_product(c.id), by="x", now=now)
        for category_id, count in ((other.id, 1), (b.id, 1), (a.id, 0)):
            page = await catalog.list_products(tx, category_id=category_id)
            assert len(page.items) == count
        rooted = await catalog.update_category(
            tx, category_id=b.id, changes=catalog.CategoryChanges(parent_id=None), by="x", now=now
        )
        assert rooted.path == (b.id,)
        assert made.category_id == c.id
        deep = a
        for level in range(9):
            deep = await make_category(tx, now, f"d{level}", parent_id=deep.id)
        with pytest.raises(catalog.BadCategory):
            await make_category(tx, now, "too-deep", parent_id=deep.id)
        with pytest.raises(catalog.BadCategory):
            await catalog.update_category(
                tx, category_id=b.id, changes=catalog.CategoryChanges(parent_id=deep.id), by="x", now=now
            )
        with pytest.raises(catalog.CodeTaken):
            await make_category(tx, now, "a")
        assert {one.code for one in await catalog.list_categories(tx)} >= {"a", "b", "c", "other"}


async def test_words_are_looked_up_by_their_letters_and_walked_for_where_too_many_have_them(
    db: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as tx:
        for index, name in enumerate(("无线耳机 黑", "蓝牙耳机 白", "Teapot 100", "Ｔeapot 200", "茶")):
            await make(tx, now, f"w{index}", texts={"zh": catalog.Text(title=name, subtitle="好")})
        wanted = {
            "耳机": {"w0", "w1"},
            "机 白": {"w1"},
            "eapo": {"w2", "w3"},
            "TEAPOT 2": {"w3"},
            "茶": {"w4"},
            "te": {"w2", "w3"},
            "耳套": set(),
            "w3-red": {"w3"},
        }

        async def found() -> dict[str, set[str]]:
            return {
                text: {card.code for card in (await catalog.list_products(tx, text=text)).items}
                for text in wanted
            }

        assert await found() == wanted
        monkeypatch.setattr(lists, "MANY", 1)
        assert await found() == wanted
        assert await catalog.list_meant(tx, text="eapo") is None
        assert len(await catalog.list_meant(tx, text="TEAPOT 2") or ()) == 1
        first = await catalog.list_products(tx, text="耳机", limit=1)
        then = await catalog.list_products(tx, text="耳机", limit=1, cursor=first.next_cursor)
        assert [card.code for card in (*first.items, *then.items)] == ["w1", "w0"]


async def test_u117_lists_filter_sort_and_page_without_any_text_becoming_sql(
    db: Database, now: datetime
) -> None:
    async with db.transaction() as tx:
        names = ["50% 折扣", "a_b", "aXb", "O'Reilly", "back\\slash", "ＡＢＣ 全角", "苹果", "香蕉"]
        for index, name in enumerate(names):
            await make(tx, now, f"c{index}", texts={"zh": catalog.Text(title=name, subtitle="好")})
        brand = await catalog.create_brand(tx, code="apple", names={"en": "Apple"}, by="x", now=now)
        await make(tx, now, "branded", brand_id=brand.id)
        found = {
            text: [card.titles["zh"] for card in (await catalog.list_products(tx, text=text)).items]
            for text in ("50%", "%", "a_b", "'", "\\", "abc", "c3-red", "' OR 1=1 --")
        }
        assert found == {
            "50%": ["50% 折扣"],
            "%": ["50% 折扣"],
            "a_b": ["a_b"],
            "'": ["O'Reilly"],
            "\\": ["back\\slash"],
            "abc": ["ＡＢＣ 全角"],
            "c3-red": ["O'Reilly"],
            "' OR 1=1 --": [],
        }
        for sort in catalog.SORTS:
            seen: list[str] = []
            cursor = None
            while True:
                page = await catalog.list_products(tx, sort=sort, cursor=cursor, limit=2)
                seen += [card.code for card in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
            assert sorted(seen) == sorted([*(f"c{n}" for n in range(8)), "branded"])
        titles = [card.titles["zh"] for card in (await catalog.list_products(tx, sort="title")).items]
        assert titles.index("苹果") < titles.index("香蕉")
        for sort in ("price; DROP TABLE catalog.sku", "", "id desc"):
            with pytest.raises(Invalid):
                await catalog.list_products(tx, sort=sort)
        with pytest.raises(Invalid):
            await catalog.list_products(tx, text="x" * 201)
        with pytest.raises(Invalid):
            await catalog.list_products(tx, text="\x00")
        newest = (await catalog.list_products(tx, limit=1)).next_cursor
        for cursor, sort in ((newest, "title"), (newest, "oldest"), ("rubbish", "newest")):
            with pytest.raises(BadCursor):
                await catalog.list_products(tx, cursor=cursor, sort=sort)
        assert [card.code for card in (await catalog.list_products(tx, brand_id=brand.id)).items] == [
            "branded"
        ]
        assert (await catalog.list_products(tx, seller_id=new_id())).items == ()
        assert (await catalog.list_products(tx, status="listed")).items == ()
        assert (await catalog.list_brands(tx)).items == (brand,)


async def test_the_database_itself_refuses_two_skus_of_one_choice(db: Database, now: datetime) -> None:
    async with db.transaction() as tx:
        made = await make(tx, now)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.transaction() as tx:
            await tx.execute(
                'UPDATE catalog.sku SET option_values = \'{"colour": "red"}\' WHERE product_id = $1', made.id
            )
