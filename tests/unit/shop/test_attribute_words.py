"""Attributes are told in words: codes by name, numbers with their unit."""

from __future__ import annotations

import pytest

from daji.shop.catalog.api import in_words

WOOD = {"x-values": {"oak": {"zh": "橡木", "en": "Oak"}, "ash": {"zh": "白蜡木", "en": "Ash"}}}


@pytest.mark.parametrize(
    ("schema", "value", "zh", "en"),
    [
        (WOOD, "oak", "橡木", "Oak"),
        (WOOD, ["oak", "ash"], "橡木 · 白蜡木", "Oak · Ash"),
        (WOOD, "elm", "elm", "elm"),
        ({"x-unit": {"zh": "毫升", "en": "ml"}}, 260, "260 毫升", "260 ml"),
        ({"x-unit": {"zh": "克"}}, 1.5, "1.5 克", "1.5"),
        ({}, True, "✓", "✓"),
        ({}, False, "—", "—"),
        ({}, None, "", ""),
        ({"x-values": "broken", "x-unit": 7}, "oak", "oak", "oak"),
    ],
)
def test_values_are_told_in_words(schema: dict[str, object], value: object, zh: str, en: str) -> None:
    assert in_words(schema, value) == {"zh": zh, "en": en}
