"""Reading pasted addresses: a table of hard ones, and what holds for any."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.care.customers.pasted.facts import MAX_TEXT, Pasted
from daji.care.customers.pasted.reading import read
from daji.kit import divisions

CASES = tomllib.loads(Path(__file__).with_name("pasted_cases.toml").read_text(encoding="utf-8"))["case"]
PARTS = ("name", "phone", "country", "region", "city", "district", "line", "postcode")
LEAST_RIGHT = 0.97
"""Share of the table's parts that must be read right; all of them are today."""


def parts(pasted: Pasted) -> dict[str, str]:
    return {part: getattr(pasted, part) for part in PARTS}


def wanted(case: dict[str, str]) -> dict[str, str]:
    return dict(zip(PARTS, case["parts"].split("|"), strict=True))


def test_the_table_is_read() -> None:
    """Every part of every case counts; a case that is not read whole is named."""
    right, wrong = 0, []
    for case in CASES:
        found, want = parts(read(case["text"])), wanted(case)
        right += sum(found[part] == want[part] for part in PARTS)
        if found != want or list(read(case["text"]).missing) != case.get("missing", []):
            wrong.append(case["text"])
    assert len(CASES) >= 60
    assert right / (len(CASES) * len(PARTS)) >= LEAST_RIGHT, wrong
    assert len(wrong) <= len(CASES) * (1 - LEAST_RIGHT), wrong


DISTRICTS = [code for code in divisions.every() if len(code) == 6 and len(divisions.parent_code(code)) == 4]
NAMES = ["张三", "李小明", "欧阳娜娜", "王芳", "赵敏", "诸葛亮", "周子涵", "吴彦祖"]
LINES = [
    "文三路 100 号 2 幢 301",
    "建设大道88号",
    "人民路 5 号 3 单元 1201 室",
    "科技园一期 B 座 7 层",
    "和平村 12 组",
]
phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(
    code=st.sampled_from(DISTRICTS),
    name=st.sampled_from(NAMES),
    line=st.sampled_from(LINES),
    phone=phones,
    order=st.permutations(("name", "phone", "place")),
    between=st.sampled_from([" ", "，", ",", "\n", "；"]),
    inner=st.sampled_from(["", " ", "-", "/"]),
)
def test_every_district_is_read_in_any_order(
    code: str, name: str, line: str, phone: str, order: list[str], between: str, inner: str
) -> None:
    way = divisions.way_to(code)
    assert way.city
    assert way.district
    place = inner.join((way.province.name, way.city.name, way.district.name)) + line
    found = read(between.join({"name": name, "phone": phone, "place": place}[one] for one in order))
    assert parts(found) == {
        "name": name, "phone": phone, "country": way.country, "region": way.province.name, "city": way.city.name,
        "district": way.district.name, "line": line, "postcode": "",
    }  # fmt: skip
    assert found.missing == ()


@given(st.text(max_size=300))
def test_any_text_is_read_or_left(text: str) -> None:
    """Nothing breaks, nothing is longer than a form takes, and every part that is there has its sureness."""
    found = read(text)
    assert len(found.name) <= 80
    assert len(found.line) <= 200
    assert set(found.sure) <= set(PARTS)
    assert all(0 < sure <= 1 and getattr(found, part) for part, sure in found.sure.items())
    assert not any(char in part for part in parts(found).values() for char in "\0\x01\x02\x03")


@given(st.sampled_from(CASES), st.sampled_from(["\n", "   ", "\u3000", "🎁", "\u200b"]))
def test_decoration_changes_nothing(case: dict[str, str], noise: str) -> None:
    assert parts(read(f"{noise}{case['text']}{noise}")) == parts(read(case["text"]))


def test_a_long_text_is_cut() -> None:
    assert len(read("路" * (MAX_TEXT * 50)).line) <= 200


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("张三 13800138000 浙江省杭州市西湖区文三路 1 号", ()),
        ("义乌稠城街道 1 号 钱多多 13800001111", ("region", "city", "district")),
    ],
)
def test_what_is_not_sure_is_told(text: str, doubtful: tuple[str, ...]) -> None:
    assert set(doubtful) <= set(read(text).doubtful)


def test_a_district_of_several_cities_offers_them() -> None:
    assert [way.city.name for way in read("朝阳区人民路 1 号").choices if way.city] == ["北京市", "长春市"]
