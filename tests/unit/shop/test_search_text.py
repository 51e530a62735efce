"""From text to terms."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from daji.shop.search import synonyms, text
from daji.shop.search.variants import SIMPLIFIED


def test_what_a_searcher_does_not_mean_is_folded_away() -> None:
    assert text.fold("  ＡＢ　Café\t保溫杯 ") == "ab cafe 保温杯"
    assert text.fold("羅漢果 龍井 鐵鍋") == "罗汉果 龙井 铁锅"
    assert text.fold("Ａｂ") == text.fold("aB")


def test_traditional_forms_name_one_simplified_form_each() -> None:
    assert len(SIMPLIFIED) > 800
    assert all(chr(old) != new for old, new in SIMPLIFIED.items() if chr(old) != "面")


def test_words_of_both_kinds_are_cut_apart() -> None:
    found = [(run.kind, run.text) for run in text.runs(text.fold("不锈钢Flask 620ml, AB-50/b C++"))]
    assert found == [
        ("han", "不锈钢"), ("word", "flask"), ("word", "620ml"), ("word", "ab-50/b"), ("word", "c++"),
    ]  # fmt: skip


def test_a_measure_is_found_with_and_without_its_unit_and_a_plural_by_its_singular() -> None:
    assert {"620ml", "620", "ml"} <= set(text.word_terms(text.Run("word", "620ml")))
    assert set(text.word_terms(text.Run("word", "bottles"))) & set(
        text.word_terms(text.Run("word", "bottle"))
    )


def test_u73_codes_are_compared_without_their_dashes() -> None:
    assert {text.code_key(one) for one in ("AB-50/b", "ab 50 B", "ＡＢ５０Ｂ", "ab.50-B")} == {"ab50b"}


def test_chinese_is_spelled_whole_by_words_and_by_initials() -> None:
    spelled = text.spell("保温杯")
    assert "baowenbei" in spelled.pinyin
    assert "bwb" in spelled.pinyin
    assert "luohanguo" in text.spell("香港罗汉果").pinyin


def test_what_sounds_alike_is_written_alike() -> None:
    for one, other in (("zhen", "zen"), ("shang", "san"), ("ning", "lin"), ("chi", "ci")):
        assert text.sound([one]) == text.sound([other])
    assert text.sound(["ma"]) != text.sound(["fa"])


def test_every_word_of_a_group_finds_the_others() -> None:
    built = synonyms.build([["杯子", "Cup", "mug"], ["mug", "beaker"]])
    assert set(built["杯子"]) == {"cup", "mug"}
    assert set(built["mug"]) == {"杯子", "cup", "beaker"}
    assert all(word not in others for word, others in synonyms.groups().items())


@given(st.text(alphabet=string.printable + "保温杯龙井ÄßİŞ㍿﷽\u0301\U0001f375", max_size=80))
def test_no_text_breaks_the_making_of_terms(given_text: str) -> None:
    folded = text.fold(given_text)
    for run in text.runs(folded):
        terms = text.word_terms(run)
        assert all(term and len(term) <= text.MAX_TERM and not any(map(str.isspace, term)) for term in terms)
        if run.kind == "han":
            text.spell(run.text)
            assert text.pairs(run.text)
