"""Names, schemas, options and states of the catalogue, without a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit.ids import new_id
from daji.shop.catalog import attributes, batch_rules, naming, rules
from daji.shop.catalog.facts import Option, OptionValue, Product, Sku, Text
from daji.shop.catalog.states import NEEDS_SKU, PRODUCT
from daji.shop.reviews.states import REVIEW


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        ({"zh": "华为 G9 青春版"}, "hua-wei-g9-qing-chun-ban"),
        ({"en": "Crème Brûlée & Co."}, "creme-brulee-co"),
        ({"zh": "", "en": "Only English"}, "only-english"),
        ({"zh": "！！！", "en": "x"}, "x"),
        ({"zh": "ＡＢＣ１２３"}, "abc123"),
        ({}, "item"),
        ({"zh": "🎁"}, "item"),
        ({"ru": "Москва"}, "item"),
    ],
)
def test_slugs(names: dict[str, str], slug: str) -> None:
    assert naming.slug(names) == slug


@given(st.dictionaries(st.sampled_from(["zh", "en", "pt"]), st.text(max_size=150)))
def test_every_name_gives_a_slug_that_the_database_takes(names: dict[str, str]) -> None:
    made = naming.slug(names)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    taken = naming.free_slug(made, {made})
    assert taken != made
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", taken)
    assert len(taken) <= naming.MAX_SLUG


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_pattern_finds_what_it_was_made_of_and_has_no_wildcards(text: str, around: str) -> None:
    pattern = naming.pattern(text)
    literal = re.sub(r"\\(.)", r"\1", pattern[1:-1], flags=re.DOTALL)
    assert literal == naming.normalise(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[%_]", pattern[1:-1])
    assert len(naming.sort_title({"zh": Text(title=text + around)})) <= 200


def test_merged_schemas_keep_what_each_level_says() -> None:
    merged = attributes.merge(
        [
            {
                "properties": {"a": {"type": "string"}, "b": {}},
                "required": ["a"],
                "additionalProperties": True,
            },
            {"properties": {"b": {"type": "integer"}}, "required": ["b", "a"], "additionalProperties": False},
        ]
    )
    assert merged == {
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    }


def test_a_schema_may_refer_to_itself_only() -> None:
    local: dict[str, Any] = {
        "$defs": {"size": {"type": "integer"}},
        "properties": {"w": {"$ref": "#/$defs/size"}, "h": {"$ref": "#/$defs/size"}},
    }
    assert attributes.check_schema(local) == []
    assert [problem.pointer for problem in attributes.check([local], {"w": "x", "h": 1})] == ["/attributes/w"]
    assert attributes.check_schema({"items": [{"$dynamicRef": "http://x"}]})


def test_a_mountain_of_errors_is_cut() -> None:
    schema = {"additionalProperties": {"type": "string"}}
    assert len(attributes.check([schema], {f"k{n}": n for n in range(200)})) == attributes.MAX_ERRORS
    assert [one.code for one in attributes.check([schema], {f"k{n}": n for n in range(201)})] == [
        "catalog.too_many"
    ]


def test_states_are_reachable_and_end() -> None:
    assert PRODUCT.unreachable() == ()
    assert PRODUCT.finals == ("archived",)
    assert {verb for _, verb in PRODUCT.table} == {
        "submit",
        "approve",
        "reject",
        "list",
        "delist",
        "relist",
        "archive",
    }
    assert {verb for (_, verb), status in PRODUCT.table.items() if status == "listed"} <= NEEDS_SKU
    assert REVIEW.unreachable() == ()


@pytest.mark.parametrize("value", ["a\x00", "\ud800", {"k": "\x00"}, [["x" * 300_000]], {"\x00": 1}])
def test_what_postgresql_cannot_keep(value: object) -> None:
    assert not rules.storable(value)


def product(options: tuple[Option, ...] = (), skus: tuple[Sku, ...] = ()) -> Product:
    return Product(
        id=new_id(),
        seller_id=None,
        code="p",
        slug="p",
        category_id=new_id(),
        brand_id=None,
        status="draft",
        texts={"zh": Text(title="x")},
        attributes={},
        options=options,
        media=(),
        skus=skus,
        version=1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        listed_at=None,
    )


def test_choices_are_known_by_code_or_name_and_limited() -> None:
    colour = Option(
        code="colour",
        names={"zh": "颜色", "en": "Colour"},
        values=(OptionValue(code="red", names={"zh": "红"}),),
    )
    options, chosen, problem = batch_rules.choose(product((colour,)), {"颜色": "红"})
    assert (options, chosen, problem) == ((colour,), {"colour": "red"}, None)
    options, chosen, problem = batch_rules.choose(product((colour,)), {"colour": "黄"})
    assert chosen == {"colour": "黄"}
    assert [value.code for value in options[0].values] == ["red", "黄"]
    for wanted in ({}, {"颜色": "红", "内存": "3"}, {"内存": "3"}):
        problem = batch_rules.choose(product((colour,)), wanted)[2]
        assert problem is not None
        assert problem.code == "catalog.options_differ"
    problem = batch_rules.choose(product(), {f"o{n}": "x" for n in range(6)})[2]
    assert problem is not None
    assert problem.code == "catalog.too_many"
    full = Option(
        code="c",
        names={"zh": "c"},
        values=tuple(OptionValue(code=str(n), names={"zh": "v"}) for n in range(200)),
    )
    problem = batch_rules.choose(product((full,)), {"c": "new"})[2]
    assert problem is not None
    assert problem.code == "catalog.too_many"


def test_a_choice_reads_in_every_language() -> None:
    option = Option(
        code="c", names={"zh": "颜色", "en": "Colour"}, values=(OptionValue(code="r", names={"zh": "红"}),)
    )
    assert rules.option_texts(("zh", "en", "fr"), (option,), {"c": "r"}) == {
        "zh": "颜色：红",
        "en": "Colour: 红",
        "fr": "Colour: 红",
    }
    assert rules.option_texts(("zh",), (), {}) == {"zh": ""}
    assert rules.in_language({}, "zh") == ""
