"""Readers of other shops' seed data: small files made here, and the real ones where they are."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from daji.adapters.catalogue import Leyou, Litemall, Newbee, Olist
from daji.shop.catalog.batch_rules import check_row
from daji.shop.catalog.ports import CatalogueRow, CatalogueSource, RowError

SHARED = Path(__file__).parents[4].parent / "shared" / "data"


def real(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not beside this checkout")
    return folder


def taken(source: CatalogueSource) -> list[CatalogueRow]:
    rows = [item for _, item in source.rows()]
    assert [item for item in rows if isinstance(item, RowError)] == []
    found = [item for item in rows if isinstance(item, CatalogueRow)]
    assert [problem for row in found for problem in check_row(row)] == []
    assert len({row.sku_code for row in found}) == len(found)
    return found


def by_sku(rows: list[CatalogueRow], code: str) -> CatalogueRow:
    return next(row for row in rows if row.sku_code == code)


def one_voice(rows: list[CatalogueRow]) -> bool:
    """Rows of one product say the same of it, so that where a batch ends does not matter."""
    said: dict[str, Any] = {}
    for row in rows:
        mine = (row.titles, row.subtitles, row.attributes, row.image_names, row.category_path, row.brand)
        if said.setdefault(row.product_code, mine) != mine:
            return False
    return True


def jsonl(folder: Path, name: str, *rows: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def table(folder: Path, name: str, text: str) -> None:
    with gzip.open(folder / f"{name}.csv.gz", "wt", encoding="utf-8") as file:
        file.write(text)


def test_litemall_for_real() -> None:
    source = Litemall(real("cn_catalog/litemall"))
    rows = taken(source)
    assert [row for _, row in source.rows()] == rows
    assert source.digest() == Litemall(real("cn_catalog/litemall")).digest()
    assert (len(rows), len({row.product_code for row in rows})) == (244, 239)
    assert one_voice(rows)
    mattress = [row for row in rows if row.product_code == "litemall-1181000"]
    assert len(mattress) == 6
    assert {tuple(sorted(row.option_values)) for row in mattress} == {("规格", "颜色")}
    assert [name for _, names in mattress[0].category_path for name in names.values()] == ["居家", "被枕"]
    assert mattress[0].price == 99900
    assert Counter(row.list_now for row in rows) == {True: 243, False: 1}
    assert {row.price for row in rows if row.product_code == "litemall-1055022"} == {490}


def test_newbee_for_real() -> None:
    rows = taken(Newbee(real("cn_catalog/newbee_mall")))
    assert len(rows) == 575
    iphone = by_sku(rows, "newbee-10303")
    assert (iphone.price, iphone.compare_at, iphone.stock, iphone.list_now) == (349900, 369900, 1000, True)
    assert len(iphone.category_path) == 3
    assert sum(row.category_path[0][0] == "newbee-0" for row in rows) == 256


def test_leyou_for_real() -> None:
    rows = taken(Leyou(real("cn_catalog/leyou")))
    assert (len(rows), len({row.product_code for row in rows})) == (670, 182)
    assert one_voice(rows)
    phone = by_sku(rows, "leyou-2600242")
    assert (phone.price, phone.weight_g, phone.stock) == (84900, 143, 9999)
    assert phone.option_values == {"机身颜色": "白色", "内存": "3GB", "机身存储": "16GB"}
    assert phone.attributes["操作系统"] == "Android"
    assert phone.subtitles["zh"] == "骁龙芯片！3GB运行内存！索尼1300万摄像头！"
    assert not any("<" in text or "http" in text for row in rows for text in row.subtitles.values())
    assert by_sku(rows, "leyou-6577477").price is None
    assert {row.category_path[-1][1]["zh"] for row in rows} == {"手机"}


def test_olist_for_real() -> None:
    rows = taken(Olist(real("olist_orders")))
    sold = [row for row in rows if row.seller_code]
    assert (len(rows), len(sold)) == (33_043, 5_687)
    assert all(
        row.product_code == row.sku_code and row.sku_code.endswith(f"-{row.seller_code}") for row in sold
    )
    assert all(row.price and row.currency == "BRL" and row.list_now for row in sold)
    assert not any(row.price or row.list_now or row.currency for row in rows if not row.seller_code)
    assert len({row.category_path[0][0] for row in rows}) == 74
    assert all(set(row.titles) == {"zh", "en"} and "_" not in row.titles["en"] for row in rows)
    assert all(any("一" <= char <= "鿿" for char in row.titles["zh"]) for row in rows)


def test_olist_takes_the_last_price_of_each_seller(tmp_path: Path) -> None:
    table(
        tmp_path,
        "products",
        "product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,"
        "product_weight_g,product_length_cm,product_height_cm,product_width_cm\n"
        "p1,perfumaria,1,1,1,225,16,10,14\np2,,,,,,,,\np3,perfumaria,1,1,1,x,1,1,1\n",
    )
    table(
        tmp_path,
        "order_items",
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "o1,1,p1,s1,2017-05-01 00:00:00,10,1\no2,1,p1,s1,2017-06-01 00:00,12.5,1\n"
        "o3,1,p1,s1,2017-04-01 00:00:00,9,1\no4,1,p1,s2,2017-04-01 00:00:00,7.999,1\n",
    )
    table(
        tmp_path,
        "product_category_name_translation",
        "product_category_name,product_category_name_english\nperfumaria,perfumery\n",
    )
    items = list(Olist(tmp_path).rows())
    assert [line for line, _ in items] == [2, 2, 3, 4]
    first, second, third, fourth = (item for _, item in items)
    assert isinstance(first, CatalogueRow)
    assert (first.sku_code, first.price, first.size_mm, first.weight_g) == (
        "p1-s1",
        1250,
        (160, 140, 100),
        225,
    )
    assert isinstance(second, RowError)
    assert (second.line, second.field, second.code) == (2, "price", "catalog.bad_amount")
    assert isinstance(third, CatalogueRow)
    assert (third.sku_code, third.seller_code, third.price, third.size_mm) == ("p2", None, None, None)
    assert isinstance(fourth, RowError)
    assert fourth.code == "catalog.malformed"


def test_a_seed_row_that_points_nowhere_is_told(tmp_path: Path) -> None:
    for name in ("goods", "category", "brand", "goods_attribute", "goods_specification"):
        jsonl(tmp_path, name)
    sku = {"id": 1, "goods_id": 9, "specifications": "[]", "price": 1.0, "number": 1, "deleted": 0}
    jsonl(tmp_path, "goods_product", sku)
    ((line, item),) = Litemall(tmp_path).rows()
    assert isinstance(item, RowError)
    assert (line, item.code) == (1, "catalog.malformed")


def test_a_circle_of_categories_ends(tmp_path: Path) -> None:
    category = {"category_level": 1, "category_name": "圈", "is_deleted": 0}
    jsonl(
        tmp_path,
        "goods_category",
        {"category_id": 1, "parent_id": 2, **category},
        {"category_id": 2, "parent_id": 1, **category},
    )
    good = {
        "goods_id": 5,
        "goods_name": "<b>好</b>",
        "goods_intro": None,
        "goods_category_id": 1,
        "goods_cover_img": "a.jpg",
        "goods_carousel": "a.jpg,b.jpg",
        "original_price": 5,
        "selling_price": 5,
        "stock_num": 1,
        "goods_sell_status": 1,
    }
    jsonl(tmp_path, "goods_info", good)
    ((_, item),) = Newbee(tmp_path).rows()
    assert isinstance(item, CatalogueRow)
    assert [code for code, _ in item.category_path] == ["newbee-2", "newbee-1"]
    assert (item.titles, item.image_names, item.list_now) == ({"zh": "好"}, ("a.jpg", "b.jpg"), False)
