"""Tables of goods as people really send them (U-82)."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from daji.adapters.catalogue import Table
from daji.shop.catalog.ports import CatalogueRow, RowError

HEADER = "product_code,sku_code,category,category.zh,title.zh,title.en,price,stock,option.颜色,attribute.材质,list\n"
LINES = 5_000
LINE = "p1,s1,home > bed,居家>床品,四件套,Bedding,899.50,7,红,棉,是\n"


def read(path: Path, **more: str) -> tuple[list[CatalogueRow], list[RowError]]:
    rows, errors = [], []
    for line, item in Table(path, **more).rows():
        if isinstance(item, RowError):
            assert item.line == line
            errors.append(item)
        else:
            rows.append(item)
    return rows, errors


def written(tmp_path: Path, content: str | bytes, name: str = "goods.csv") -> Path:
    path = tmp_path / name
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return path


def test_a_line_becomes_a_row(tmp_path: Path) -> None:
    (row,), errors = read(written(tmp_path, HEADER + LINE))
    assert errors == []
    assert row == CatalogueRow(
        product_code="p1",
        sku_code="s1",
        category_path=(("home", {"zh": "居家"}), ("bed", {"zh": "床品"})),
        titles={"zh": "四件套", "en": "Bedding"},
        attributes={"材质": "棉"},
        option_values={"颜色": "红"},
        price=89950,
        currency="CNY",
        stock=7,
        list_now=True,
    )


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("bom.csv", b"\xef\xbb\xbf" + (HEADER + LINE).encode()),
        ("excel.csv", (HEADER + LINE).encode("gb18030")),
        ("semicolon.csv", (HEADER + LINE).replace(",", ";").encode()),
        ("tab.tsv", (HEADER + LINE).replace(",", "\t").encode()),
        ("crlf.csv", (HEADER + LINE).replace("\n", "\r\n").encode()),
        ("mac.csv", (HEADER + LINE).replace("\n", "\r").encode()),
        ("blank.csv", (HEADER + "\n  , \n" + LINE + "\n\n").encode()),
        ("packed.csv.gz", (HEADER + LINE).encode()),
        ("no-newline.csv", (HEADER + LINE).strip().encode()),
    ],
)
def test_u82_files_of_every_office_program_are_read(tmp_path: Path, name: str, raw: bytes) -> None:
    rows, errors = read(written(tmp_path, raw, name))
    assert errors == []
    assert [(row.sku_code, row.titles["zh"], row.option_values) for row in rows] == [
        ("s1", "四件套", {"颜色": "红"})
    ]


def test_json_lines_may_nest(tmp_path: Path) -> None:
    content = "\n".join(
        json.dumps(one, ensure_ascii=False)
        for one in (
            {
                "product_code": 7,
                "category": "a > b",
                "title": {"zh": "手机"},
                "price": 12.5,
                "weight_g": 3,
                "length_mm": 1,
                "width_mm": 2,
                "height_mm": 3,
                "images": "a.jpg| b.jpg",
                "attribute": {"ram": 8, "tags": ["x"], "none": None},
                "brand": {"en": "Mi"},
                "list": True,
            },
            {
                "product_code": "p",
                "brand": "mi",
                "brand.en": "Mi",
                "title": "x",
                "price": "3",
                "currency": "JPY",
            },
        )
    )
    rows, errors = read(written(tmp_path, content, "goods.jsonl"), lang="en", currency="EUR")
    assert errors == []
    first, second = rows
    assert first.product_code == first.sku_code == "7"
    assert first.category_path == (("a", {"zh": "a", "en": "a"}), ("b", {"zh": "b", "en": "b"}))
    assert (first.price, first.currency, first.size_mm, first.list_now) == (1250, "EUR", (1, 2, 3), True)
    assert first.attributes == {"ram": 8, "tags": ["x"]}
    assert first.image_names == ("a.jpg", "b.jpg")
    assert first.brand is None
    assert second.brand is not None
    assert (second.brand.code, second.brand.names) == ("mi", {"en": "Mi"})
    assert (second.titles, second.price, second.currency) == ({"en": "x"}, 3, "JPY")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("price", "12,50", "catalog.bad_amount"),
        ("price", "1.005", "catalog.bad_amount"),
        ("price", "1e3", "catalog.bad_amount"),
        ("price", "NaN", "catalog.bad_amount"),
        ("currency", "XXX", "catalog.unknown_currency"),
        ("stock", "3.5", "catalog.not_whole"),
        ("stock", "-1", "catalog.not_whole"),
        ("stock", "٣", "catalog.not_whole"),
        ("weight_g", "1" * 13, "catalog.not_whole"),
        ("list", "maybe", "catalog.not_yes_or_no"),
        ("length_mm", "5", "catalog.sizes_incomplete"),
        ("category.en", "one", "catalog.does_not_fit_category"),
        ("product_code", "  ", "required"),
    ],
)
def test_u82_a_bad_field_is_told_with_line_and_name(
    tmp_path: Path, column: str, value: str, code: str
) -> None:
    base = {"product_code": "p", "category": "a>b", "title": "x", "price": "1"}
    bad = {**base, column: value}
    columns = list(dict.fromkeys([*base, column]))
    lines = [columns, *([one.get(name, "") for name in columns] for one in (base, bad, base))]
    content = "\n".join(",".join(f'"{value}"' for value in line) for line in lines)
    rows, errors = read(written(tmp_path, content))
    assert len(rows) == 2
    field = "price" if column == "currency" else column
    assert [(error.line, error.field, error.code) for error in errors] == [(3, field, code)]


def test_u82_broken_lines_do_not_stop_the_rest(tmp_path: Path) -> None:
    broken = (
        HEADER
        + LINE
        + "a,b,c,d,e,f,1,2,g,h,1,surplus\n"
        + '"unfinished "quote",x\n'
        + LINE.replace("s1", "s2")
    )
    rows, errors = read(written(tmp_path, broken))
    assert [row.sku_code for row in rows] == ["s1", "s2"]
    assert [(error.line, error.code) for error in errors] == [
        (3, "catalog.too_many_columns"),
        (4, "catalog.malformed"),
    ]
    lines = '{"product_code": "a"}\n{"product_code": \n[1]\n"x"\n{"product_code": "b", "nonsense": 1}\n{"product_code": "c"}'
    rows, errors = read(written(tmp_path, lines, "x.jsonl"))
    assert [row.product_code for row in rows] == ["a", "c"]
    assert [(error.line, error.code) for error in errors] == [
        (2, "catalog.malformed"),
        (3, "catalog.malformed"),
        (4, "catalog.malformed"),
        (5, "catalog.unknown_column"),
    ]


def test_a_header_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    rows, errors = read(written(tmp_path, "name,price\nx,1\n"))
    assert rows == []
    assert ("product_code", "catalog.missing_column") in {(error.field, error.code) for error in errors}
    rows, errors = read(written(tmp_path, "product_code,colour,price,price\nx,red,1,2\n"))
    assert [row.product_code for row in rows] == ["x"]
    assert {(error.field, error.code) for error in errors} == {
        ("colour", "catalog.unknown_column"),
        ("price", "catalog.duplicate_column"),
    }
    assert read(written(tmp_path, "")) == ([], [])


@pytest.mark.parametrize("raw", [b"\x80\xff\xfe" * 100, b"\xff"])
def test_what_is_no_text_is_told(tmp_path: Path, raw: bytes) -> None:
    rows, errors = read(written(tmp_path, raw))
    assert rows == []
    assert [error.code for error in errors] == ["catalog.not_text"]


def test_a_packed_file_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress((HEADER + LINE * 5000).encode())[:-40])
    rows, errors = read(path)
    assert rows == []
    assert [error.code for error in errors] == ["catalog.not_text"]


def test_a_line_without_end_is_refused_and_not_kept(tmp_path: Path) -> None:
    content = HEADER + '"' + "x" * 3_000_000 + "\n" + LINE
    _, errors = read(written(tmp_path, content))
    assert {error.code for error in errors} == {"catalog.malformed"}


def test_the_digest_tells_contents_and_ways_of_reading_apart(tmp_path: Path) -> None:
    one, other = written(tmp_path, HEADER + LINE, "a.csv"), written(tmp_path, HEADER + LINE + LINE, "b.csv")
    same = written(tmp_path, HEADER + LINE, "c.csv")
    assert Table(one).digest() == Table(one).digest() == Table(same).digest()
    assert len({Table(one).digest(), Table(other).digest(), Table(one, currency="EUR").digest()}) == 3


def test_u82_memory_stays_flat_over_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "big.csv.gz"

    def lines() -> Iterator[str]:
        yield HEADER
        for n in range(LINES):
            yield LINE.replace("p1", f"p{n}").replace("s1", f"s{n}")

    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(lines())
    count = 0
    tracemalloc.start()
    for _, item in Table(path).rows():
        assert isinstance(item, CatalogueRow)
        count += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == LINES
    assert peak < 6_000_000
