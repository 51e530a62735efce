"""Seed data of litemall: household goods, one folder of JSON Lines files as `goods.jsonl.gz`.

Prices are yuan. A line is one row of `goods_product`, which is a SKU; its `specifications` name one value of each
specification in no fixed order, so they are looked up in `goods_specification`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daji.adapters.catalogue import files
from daji.shop.catalog.ports import BrandRef, CatalogueRow

_FILES = ("goods", "category", "brand", "goods_attribute", "goods_specification", "goods_product")
_CURRENCY = "CNY"
_ONLY = "标准"
_LONGEST_VALUE = 2_000


class Litemall:
    """Reader of a litemall folder."""

    name = "litemall"

    def __init__(self, folder: Path) -> None:
        self._paths = {name: folder / f"{name}.jsonl.gz" for name in _FILES}

    def digest(self) -> str:
        return files.digest_of(self.name, self._paths.values())

    def rows(self) -> Iterator[files.Item]:
        goods = {row["id"]: row for row in self._read("goods")}
        categories = {row["id"]: row for row in self._read("category")}
        brands = {row["id"]: row for row in self._read("brand")}
        attributes: dict[int, dict[str, str]] = {}
        for row in self._read("goods_attribute"):
            of_goods = attributes.setdefault(row["goods_id"], {})
            of_goods[files.plain(row["attribute"])] = files.plain(row["value"])[:_LONGEST_VALUE]
        names: dict[int, dict[str, str]] = {}
        for row in self._read("goods_specification"):
            names.setdefault(row["goods_id"], {})[row["value"]] = row["specification"]

        def read(sku: dict[str, Any]) -> CatalogueRow:
            thing = goods[sku["goods_id"]]
            brand = brands.get(thing["brand_id"])
            return CatalogueRow(
                product_code=f"litemall-{thing['goods_sn']}",
                sku_code=f"litemall-{thing['goods_sn']}-{sku['id']}",
                category_path=files.tree_path(
                    categories, thing["category_id"], parent="pid", name="name", prefix="litemall-"
                ),
                brand=BrandRef(code=f"litemall-{brand['id']}", names={"zh": brand["name"]})
                if brand
                else None,
                titles={"zh": files.plain(thing["name"])},
                subtitles={"zh": files.plain(thing["brief"])},
                attributes=attributes.get(thing["id"], {}),
                option_values=_choice(json.loads(sku["specifications"]), names.get(thing["id"], {})),
                price=files.amount(sku["price"], _CURRENCY),
                currency=_CURRENCY,
                stock=sku["number"],
                image_names=tuple(json.loads(thing["gallery"] or "[]")),
                list_now=bool(thing["is_on_sale"]) and not thing["deleted"],
            )

        alive = (row for row in self._read("goods_product") if not row["deleted"])
        yield from files.guarded(alive, read)

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        return files.objects(self._paths[name])


def _choice(values: list[str], names: dict[str, str]) -> dict[str, str]:
    """Name each value's option. A single "standard" is no choice at all."""
    if values == [_ONLY]:
        return {}
    return {names[value]: value for value in values}
