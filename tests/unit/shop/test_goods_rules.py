"""Where a refused field stands in the file, what texts mean by a schema, and when a price looks like a slip."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from daji.shop.catalog import attributes
from daji.shop.catalog import states as catalog_states
from daji.shop.catalog.upload_rules import column_of
from daji.shop.pricing import rules

MAPPING = {
    "编码": "product_code", "名称": "title.zh", "Name": "title", "类目": "category", "颜色": "option.颜色", "年份": "attribute.year",
    "长": "length_mm", "品牌": "brand", "备注": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("product_code", "编码"), ("/product_code", "编码"), ("titles", "名称"), ("texts/zh/title", "名称"),
        ("texts/en/title", "Name"), ("category_path/0/names", "类目"), ("/attributes/year", "年份"),
        ("option_values/颜色", "颜色"), ("option_values", "颜色"), ("size_mm", "长"), ("brand/names", "品牌"),
        ("price", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_column_to_blame(field: str, column: str) -> None:
    assert column_of(MAPPING, field) == column


SCHEMA = {
    "properties": {
        "year": {"type": "integer"}, "organic": {"type": "boolean"}, "tags": {"type": "array"},
        "either": {"type": ["integer", "string"]}, "words": {"type": "string"},
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"year": "2026"}, {"year": 2026}), ({"year": "spring"}, {"year": "spring"}), ({"organic": "TRUE"}, {"organic": True}),
        ({"tags": '["a"]'}, {"tags": ["a"]}), ({"either": "7"}, {"either": "7"}), ({"words": "7"}, {"words": "7"}),
        ({"other": "7"}, {"other": "7"}), ({"year": 7}, {"year": 7}),
    ],
)  # fmt: skip
def test_texts_are_read_as_the_schema_wants(given: dict[str, Any], found: dict[str, Any]) -> None:
    assert attributes.fitted([SCHEMA], given, {}) == found


def test_a_text_that_is_how_the_standing_value_is_written_means_it() -> None:
    standing = {"n": 1.5, "deep": {"a": [1]}, "padded": " x "}
    given = {name: attributes.written(value).strip() for name, value in standing.items()}
    assert attributes.fitted([], given, standing) == standing


@pytest.mark.parametrize(
    ("percent", "amount", "step", "after"),
    [
        ("-10", 0, 1, 17910), ("-10", 0, 100, 17900), ("0", -500, 1, 19400), ("-90", -5000, 1, 0), ("0.005", 0, 1, 19901),
        ("5", 0, 1000, 21000),
    ],
)  # fmt: skip
def test_a_price_moves_and_is_rounded(percent: str, amount: int, step: int, after: int) -> None:
    assert rules.repriced(19900, percent=Decimal(percent), amount=amount, step=step) == after


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (100, 50, ()), (100, 49, ("less_than_half",)), (100, 0, ("free",)), (100, 200, ()), (100, 201, ("more_than_double",)),
        (0, 5, ()),
    ],
)  # fmt: skip
def test_a_slip_of_the_hand_is_noticed(before: int, after: int, found: tuple[str, ...]) -> None:
    assert rules.doubts(before, after) == found


def test_every_status_of_an_upload_can_be_reached() -> None:
    assert catalog_states.UPLOAD.unreachable() == ()
    assert catalog_states.UPLOAD.finals == ("done",)
