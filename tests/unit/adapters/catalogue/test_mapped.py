"""Tables under their makers' names: what a first look finds and guesses, and how they are read by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from daji.adapters.catalogue import MappedTables
from daji.adapters.catalogue.mapped import guess
from daji.shop.catalog.ports import CatalogueRow, UnreadableFile

TABLES = MappedTables()


def file(folder: Path, content: str | bytes, name: str = "goods.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("商品编码", "product_code"), ("SKU Code", "sku_code"), ("售价", "price"), ("重量（克）", "weight_g"),
        ("Compare-at price", "compare_at"), ("颜色", "option.颜色"), ("Size", "option.Size"), ("title.zh", "title.zh"),
        ("attribute.材质", "attribute.材质"), ("库存", "stock"), ("备注", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_a_column_seems_to_be(name: str, target: str) -> None:
    assert guess([name]) == [target]


def test_no_field_is_given_twice() -> None:
    assert guess(["商品编码", "货号", "SPU"]) == ["product_code", "", ""]


def test_a_look_finds_columns_samples_and_rows(tmp_path: Path) -> None:
    text = "商品编码;名称;名称2\nP1;茶;a\n\nP2;茶;b\nP3;壶;c\n"
    looked = TABLES.look(file(tmp_path, text.encode("gb18030")))
    assert [(one.name, one.samples, one.target) for one in looked.columns] == [
        ("商品编码", ("P1", "P2", "P3"), "product_code"),
        ("名称", ("茶", "壶"), "title.zh"),
        ("名称2", ("a", "b", "c"), ""),
    ]
    assert looked.rows == 3


def test_a_look_at_json_lines(tmp_path: Path) -> None:
    text = '{"product_code": "a", "title": {"zh": "茶"}, "n": 1.5}\nnot json\n{"extra": [1]}\n'
    looked = TABLES.look(file(tmp_path, text, "goods.jsonl"))
    assert [one.name for one in looked.columns] == ["product_code", "title.zh", "n", "extra"]
    assert looked.rows == 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00", "catalog.not_text"),
        (b",,\n", "catalog.upload_empty"),
        (b"a,b,a\n", "catalog.duplicate_column"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        TABLES.look(file(tmp_path, content))
    assert refused.value.code == code


def test_a_table_is_read_by_its_mapping(tmp_path: Path) -> None:
    path = file(tmp_path, "货号,品名,花色,私密\nP1,'=茶,红,secret\n")
    mapping = {"货号": "product_code", "品名": "title.zh", "花色": "option.颜色", "私密": ""}
    source = TABLES.open(path, mapping=mapping, lang="zh", currency="CNY", name="春季", digest="d")
    assert (source.name, source.digest()) == ("春季", "d")
    ((line, row),) = source.rows()
    assert isinstance(row, CatalogueRow)
    assert (line, row.product_code, row.titles, row.option_values) == (2, "P1", {"zh": "=茶"}, {"颜色": "红"})
    assert "secret" not in str(row)
