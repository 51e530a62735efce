from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.kit import ids, money, paging, states
from daji.kit.i18n import (
    Catalogue,
    Difference,
    format_date,
    format_datetime,
    format_money,
    format_number,
    negotiate,
)
from daji.kit.problems import Problem

MESSAGES = Path(__file__).parents[3] / "daji" / "faces" / "messages"
SPACE, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for lang in ("zh", "en"):
        (folder / lang).mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "zh/a.toml": '[greet]\nhello = "你好，{name}！"\n[greet.deep.er]\nx = "{{花括号}}"',
            "zh/b.toml": 'bye = "再见"',
            "en/a.toml": 'bye = "Bye"\n[greet]\nhello = "Hello {name}!"\ndeep.er.x = "{{brace}}"',
        },
    )


def test_tables_of_all_files_become_dotted_keys(small: Path) -> None:
    texts = Catalogue(small, strict=True)
    assert texts.text("zh", "greet.hello", name="小明") == "你好，小明！"
    assert texts.text("en", "greet.hello", name="Ming") == "Hello Ming!"
    assert texts.text("zh", "greet.deep.er.x") == "{花括号}"
    assert set(texts.keys("zh")) == set(texts.keys("en")) == {"greet.hello", "greet.deep.er.x", "bye"}
    assert texts.compare() == ()


def test_values_are_neither_parsed_nor_looked_into(small: Path) -> None:
    texts = Catalogue(small, strict=True)
    for hostile in ("{name}", "{name.__class__}", "{0}", "{", "%s", "<b>"):
        assert texts.text("en", "greet.hello", name=hostile) == f"Hello {hostile}!"


def test_parameters_may_bear_any_name(small: Path) -> None:
    assert Catalogue(small).text("en", "greet.hello", name="x", key="k", lang="l", self="s") == "Hello x!"


@pytest.mark.parametrize(
    "message",
    [
        "{name.__class__}",
        "{name[0]}",
        "{name!r}",
        "{name:>99999999}",
        "{}",
        "{0}",
        "{ name}",
        "{Name}",
        "{",
        "}",
    ],
)
def test_a_placeholder_is_a_plain_name_or_the_catalogue_does_not_load(tmp_path: Path, message: str) -> None:
    write(tmp_path, {"zh/a.toml": f"k = '{message}'"})
    with pytest.raises(ValueError, match=r"a\.toml"):
        Catalogue(tmp_path)


def test_strict_raises_where_lenient_shows_what_it_has(small: Path) -> None:
    strict, lenient = Catalogue(small, strict=True), Catalogue(small)
    with pytest.raises(LookupError, match="nope"):
        strict.text("zh", "nope.title")
    with pytest.raises(LookupError, match="fr"):
        strict.text("fr", "bye")
    with pytest.raises(LookupError, match="name"):
        strict.text("zh", "greet.hello")
    assert lenient.text("zh", "nope.title") == "nope.title"
    assert lenient.text("fr", "bye") == "bye"
    assert lenient.text("en", "greet.hello") == "Hello {name}!"


def test_a_key_is_defined_once_and_is_text(tmp_path: Path) -> None:
    write(tmp_path, {"zh/a.toml": 'k = "1"', "zh/b.toml": 'k = "2"'})
    with pytest.raises(ValueError, match=r"b\.toml.*'k'"):
        Catalogue(tmp_path)
    for text, complaint in (
        ("n = 5", "'n' is no text"),
        ("k = ", "Invalid value"),
        ('"k.m" = "1"\nk.m = "2"', r"'k\.m'"),
    ):
        (tmp_path / "zh/b.toml").write_text(text)
        with pytest.raises(ValueError, match=rf"b\.toml.*{complaint}"):
            Catalogue(tmp_path)
    (tmp_path / "zh/b.toml").unlink()
    with pytest.raises(FileNotFoundError):
        Catalogue(tmp_path, languages=("zh", "fr"))


def test_compare_names_what_is_missing_and_what_differs(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "zh/a.toml": 'same = "{a}和{b}"\ngap = "{a}"\nonly_zh = "x"',
            "en/a.toml": 'same = "{b} and {a}"\ngap = "{b}"\nonly_en = "x"',
        },
    )
    assert Catalogue(tmp_path).compare() == (
        Difference(key="gap", missing_in=None, left=("a",), right=("b",)),
        Difference(key="only_en", missing_in="zh"),
        Difference(key="only_zh", missing_in="en"),
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_problem_of_the_kit_can_be_read_in_both_languages(lang: str) -> None:
    texts = Catalogue(MESSAGES, strict=True)
    modules = {module.__name__ for module in (ids, money, paging, states)} | {Problem.__module__}
    codes = [code for code, kind in Problem.catalogue().items() if kind.__module__ in modules]
    assert len(codes) >= 17
    gaps = {"retry_after": 3, "currency": "CNY", "left": "CNY", "right": "USD", "text": "x", "decimals": 2}
    for code in codes:
        for part in ("title", "detail"):
            assert texts.text(lang, f"problems.{code}.{part}", **gaps)


def test_an_id_of_another_kind_reads_like_a_foreign_one() -> None:
    texts = Catalogue(MESSAGES, strict=True)
    for lang in ("zh", "en"):
        for part in ("title", "detail"):
            assert texts.text(lang, f"problems.id_unknown.{part}") == texts.text(
                lang, f"problems.not_found.{part}"
            )


def test_both_languages_have_the_same_problem_messages() -> None:
    differences = Catalogue(MESSAGES).compare()
    assert [d for d in differences if d.key.startswith(("problems.", "fields."))] == []


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-Hans-CN", "zh"),
        ("zh-TW,en;q=0.5", "zh"),
        ("en-GB,en;q=0.9,zh-CN;q=0.8", "en"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh"),
        ("zh;q=0.8, en;q=0.8", "zh"),
        ("en;q=0.8, zh;q=0.8", "en"),
        ("en;q=0.7, zh;q=0.75", "zh"),
        ("*", "zh"),
        ("zh;q=0, *", "en"),
        ("zh;q=0, en;q=0", "zh"),
        ("en;q=0", "zh"),
        ("en;q=0.1, en-GB;q=0.9, zh;q=0.5", "en"),
        (" en ; q=1.000 ,zh;q=0.999", "en"),
        ("en;q=2, zh;q=0.1", "zh"),
        ("en;q=abc", "zh"),
        (";;;,,,q=1", "zh"),
        ("en\x00", "zh"),
        ("a" * 100_000, "zh"),
        ("en," * 100_000, "en"),
    ],
)
def test_the_readers_language_is_found(header: str | None, lang: str) -> None:
    assert negotiate(header) == lang


def test_the_default_can_be_another() -> None:
    assert negotiate("fr", default="en") == "en"
    assert negotiate("*", default="en") == "en"
    assert negotiate("de;q=0.2, zh;q=0.1", supported=("en", "de", "zh"), default="en") == "de"


@given(st.text(max_size=80))
def test_any_header_gives_a_supported_language(header: str) -> None:
    assert negotiate(header) in {"zh", "en"}


@pytest.mark.parametrize(
    ("lang", "amount", "currency", "text"),
    [
        ("zh", 123_456, "CNY", "¥1,234.56"),
        ("en", 123_456, "CNY", "CN¥1,234.56"),
        ("zh", 1_200, "JPY", "JP¥1,200"),
        ("en", -1_200, "JPY", "-¥1,200"),
        ("zh", 1_234, "KWD", f"KWD{SPACE}1.234"),
        ("en", 1_234, "IQD", f"IQD{SPACE}1.234"),
        ("en", 1_234, "HUF", f"HUF{SPACE}12.34"),
        ("en", 5, "CLF", f"CLF{SPACE}0.0005"),
        ("zh", -5, "USD", "-US$0.05"),
        ("en", 9_223_372_036_854_775_807, "USD", "$92,233,720,368,547,758.07"),
    ],
)
def test_u63_money_is_shown_with_the_digits_it_is_charged_in(
    lang: str, amount: int, currency: str, text: str
) -> None:
    assert format_money(lang, amount, currency) == text


@given(
    st.integers(-money.LIMIT, money.LIMIT),
    st.sampled_from(["CNY", "JPY", "KWD", "CLF"]),
    st.sampled_from(["zh", "en"]),
)
def test_u63_what_is_shown_is_what_is_stored(amount: int, currency: str, lang: str) -> None:
    shown = format_money(lang, amount, currency)
    assert "".join(c for c in shown if c in "-.0123456789") == money.Money(amount, currency).text()


def test_money_that_cannot_be_is_not_shown() -> None:
    with pytest.raises(money.UnknownCurrency):
        format_money("zh", 1, "RMB")
    with pytest.raises(TypeError):
        format_money("zh", 1.5, "CNY")  # type: ignore[arg-type]


def test_times_are_shown_on_the_readers_clock() -> None:
    late = datetime(2026, 11, 10, 16, 30, tzinfo=UTC)
    assert format_datetime("zh", late) == "2026年11月11日 00:30:00"
    assert format_datetime("en", late, zone="America/New_York") == f"Nov 10, 2026, 11:30:00{NARROW}AM"
    assert format_date("zh", late) == "2026年11月11日"
    assert format_date("en", late, zone="UTC") == "Nov 10, 2026"
    assert format_date("en", date(2026, 2, 28)) == "Feb 28, 2026"
    for formatter in (format_datetime, format_date):
        with pytest.raises(ValueError, match="without a zone"):
            formatter("zh", late.replace(tzinfo=None))


def test_numbers_are_grouped() -> None:
    assert format_number("zh", 1_234_567) == "1,234,567"
    assert format_number("en", Decimal("-1234.5")) == "-1,234.5"


def test_a_number_chooses_its_form(tmp_path: Path) -> None:
    """CLDR: English tells one from the others, Chinese does not; both are one message."""
    for lang, text in (
        ("zh", 'reviews = "{n} 条评价"\n[reason]\nother = "其他"\nsize = "尺码"'),
        (
            "en",
            'reviews = { one = "{n} review", other = "{n} reviews" }\n[reason]\nother = "Other"\nsize = "Size"',
        ),
    ):
        (tmp_path / lang).mkdir()
        (tmp_path / lang / "x.toml").write_text(text, encoding="utf-8")
    catalogue = Catalogue(tmp_path, strict=True)
    assert [catalogue.text("en", "reviews", n=n) for n in (0, 1, 2)] == ["0 reviews", "1 review", "2 reviews"]
    assert catalogue.text("zh", "reviews", n=1) == "1 条评价"
    assert catalogue.text("en", "reason.other") == "Other"
    assert catalogue.compare() == ()
