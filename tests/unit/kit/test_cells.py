"""Cells that a spreadsheet would compute come out as text and come back whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit import cells

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=x", "'=1", "''-1")


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_like_a_formula_is_guarded(text: str) -> None:
    assert cells.guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "tea", "1-2", "'quoted'", "茶=1"])
def test_other_texts_stay(text: str) -> None:
    assert cells.guard(text) == cells.plain(text) == text


@given(st.one_of(st.text(), st.text(alphabet="'=+-@\t\rab", max_size=6)))
def test_there_and_back(text: str) -> None:
    guarded = cells.guard(text)
    assert cells.plain(guarded) == text
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
