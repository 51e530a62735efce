"""Tables whose columns bear their makers' names: a first look that guesses what each is, and a reader by that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from daji.adapters.catalogue.columns import unknown_column
from daji.adapters.catalogue.table import Table, flat_of, opened, read_records
from daji.shop.catalog.ports import Look, UnreadableFile, UploadColumn

_SAMPLES = 3
_SAMPLE_CHARS = 80
_LOOK_AT = 200
_JSON = (".jsonl", ".ndjson")
_NOISE = re.compile(r"[\s_\-./()（）【】\[\]:：*#]+")

# What shops call the fields in the tables they keep, folded as `_fold` does.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "product_code": (
        "productcode", "productid", "spu", "spucode", "spuid", "itemno", "itemnumber", "styleno", "handle",
        "商品编码", "商品编号", "商品代码", "商品id", "产品编码", "产品编号", "款号", "货号", "spu编码",
    ),
    "sku_code": (
        "skucode", "sku", "skuid", "variantsku", "articleno", "规格编码", "sku编码", "sku编号", "商家编码", "规格货号",
    ),
    "seller_code": ("sellercode", "seller", "vendor", "商家", "店铺", "卖家", "供应商"),
    "category": ("category", "categorycode", "categorypath", "类目", "分类", "商品分类", "类目编码", "品类"),
    "brand": ("brand", "brandcode", "品牌", "品牌编码", "商品品牌"),
    "title.zh": ("商品名称", "商品标题", "标题", "名称", "品名", "中文名称", "中文标题", "产品名称"),
    "title.en": ("title", "name", "productname", "producttitle", "englishname", "英文名称", "英文标题"),
    "subtitle.zh": ("副标题", "卖点", "商品卖点", "中文副标题"),
    "subtitle.en": ("subtitle", "tagline", "英文副标题"),
    "description.zh": ("描述", "商品描述", "详情", "商品详情", "商品介绍", "中文描述"),
    "description.en": ("description", "bodyhtml", "details", "英文描述"),
    "price": ("price", "saleprice", "unitprice", "variantprice", "价格", "售价", "销售价", "单价", "现价"),
    "compare_at": ("compareat", "compareatprice", "listprice", "msrp", "rrp", "原价", "划线价", "市场价", "吊牌价"),
    "currency": ("currency", "币种", "货币"),
    "weight_g": ("weightg", "weight", "grams", "variantgrams", "重量", "重量g", "重量克", "毛重"),
    "length_mm": ("lengthmm", "length", "长", "长度", "长mm"),
    "width_mm": ("widthmm", "width", "宽", "宽度", "宽mm"),
    "height_mm": ("heightmm", "height", "高", "高度", "高mm"),
    "stock": ("stock", "quantity", "qty", "inventory", "库存", "数量", "库存数量"),
    "barcode": ("barcode", "ean", "upc", "gtin", "条码", "条形码", "国际条码"),
    "images": ("images", "image", "imagesrc", "pictures", "图片", "主图", "商品图片"),
    "list": ("list", "published", "onsale", "上架", "是否上架"),
}  # fmt: skip
_TARGETS = {name: target for target, names in _CALLED.items() for name in names}
_CHOICES = frozenset(
    {
        "颜色",
        "尺码",
        "尺寸",
        "规格",
        "容量",
        "口味",
        "型号",
        "款式",
        "color",
        "colour",
        "size",
        "flavour",
        "flavor",
    }
)
"""Columns by which the SKUs of a product usually differ."""


class MappedTables:
    """The house's reader of uploaded tables."""

    def look(self, path: Path) -> Look:
        """Find the columns, a few values of each, and count the rows.

        Raises
        ------
        UnreadableFile
            No text, no header, or two columns of one name.
        """
        with opened(path) as text:
            if text is None:
                raise UnreadableFile("catalog.not_text")
            names, samples, rows = _objects(text) if path.suffix in _JSON else _records(text)
        if not names:
            raise UnreadableFile("catalog.upload_empty")
        if len(set(names)) != len(names):
            raise UnreadableFile("catalog.duplicate_column")
        return Look(
            columns=tuple(
                UploadColumn(name=name, samples=tuple(samples.get(name, ())), target=target)
                for name, target in zip(names, guess(names), strict=True)
            ),
            rows=rows,
        )

    def open(
        self, path: Path, *, mapping: Mapping[str, str], lang: str, currency: str, name: str, digest: str
    ) -> Table:
        """Read the table with its columns renamed."""
        return Table(path, lang=lang, currency=currency, rename=mapping, name=name, digest=digest)


def guess(names: list[str]) -> list[str]:
    """Say for each column which field it is, "" when nothing fits; no field is given twice."""
    given: set[str] = set()
    found: list[str] = []
    for name in names:
        target = _target(name)
        if target in given:
            target = ""
        if target:
            given.add(target)
        found.append(target)
    return found


def _target(name: str) -> str:
    if not unknown_column(name):
        return name
    folded = _fold(name)
    if folded in _CHOICES:
        return f"option.{name}"
    return _TARGETS.get(folded, "")


def _fold(name: str) -> str:
    return _NOISE.sub("", name).casefold()


def _records(text: IO[str]) -> tuple[list[str], dict[str, list[str]], int]:
    names: list[str] = []
    samples: dict[str, list[str]] = {}
    rows = 0
    for _, record in read_records(text):
        if isinstance(record, str):
            rows += 1
        elif not names:
            names = [name.strip() for name in record]
        elif any(value.strip() for value in record):
            rows += 1
            if rows <= _LOOK_AT:
                _sample(samples, zip(names, record, strict=False))
    return [name for name in names if name], samples, rows


def _objects(text: IO[str]) -> tuple[list[str], dict[str, list[str]], int]:
    names: dict[str, None] = {}
    samples: dict[str, list[str]] = {}
    rows = 0
    for line in text:
        if not line.strip():
            continue
        rows += 1
        if rows > _LOOK_AT:
            continue
        try:
            found = json.loads(line, parse_float=str, parse_constant=str)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            flat = flat_of(found)
            names |= dict.fromkeys(flat)
            _sample(samples, ((name, _shown(value)) for name, value in flat.items()))
    return list(names), samples, rows


def _sample(samples: dict[str, list[str]], values: Iterator[tuple[str, str]] | zip[tuple[str, str]]) -> None:
    for name, value in values:
        seen = samples.setdefault(name, [])
        shown = value.strip()[:_SAMPLE_CHARS]
        if shown and len(seen) < _SAMPLES and shown not in seen:
            seen.append(shown)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
