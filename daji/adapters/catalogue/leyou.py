"""Seed data of leyou: mobile phones in several versions, one folder of JSON Lines files as `spu.jsonl.gz`.

Prices are fen. A line is one SKU. `generic_spec` of the product gives attributes by parameter number, `own_spec` of
the SKU its choice of options; names and units stand in `spec_param`. Sub-titles hold links, which are left out. A
price of 0 is no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daji.adapters.catalogue import files
from daji.shop.catalog.ports import BrandRef, CatalogueRow

_FILES = ("spu", "spu_detail", "sku", "stock", "brand", "category", "spec_param")
_CURRENCY = "CNY"
_MAX_IMAGES = 50
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?")
_WEIGHT = "5"
"""Parameter "机身重量（g）"."""


class Leyou:
    """Reader of a leyou folder."""

    name = "leyou"

    def __init__(self, folder: Path) -> None:
        self._paths = {name: folder / f"{name}.jsonl.gz" for name in _FILES}

    def digest(self) -> str:
        return files.digest_of(self.name, self._paths.values())

    def rows(self) -> Iterator[files.Item]:
        products = {row["id"]: row for row in self._read("spu")}
        details = {row["spu_id"]: row for row in self._read("spu_detail")}
        stock = {row["sku_id"]: row["stock"] for row in self._read("stock")}
        brands = {row["id"]: row for row in self._read("brand")}
        categories = {row["id"]: row for row in self._read("category")}
        parameters = {str(row["id"]): row for row in self._read("spec_param")}
        images: dict[int, dict[str, None]] = {}
        for row in self._read("sku"):
            named = dict.fromkeys(name for name in str(row["images"] or "").split(",") if name)
            images.setdefault(row["spu_id"], {}).update(named)

        def read(sku: dict[str, Any]) -> CatalogueRow:
            product = products[sku["spu_id"]]
            detail = details[sku["spu_id"]]
            brand = brands.get(product["brand_id"])
            generic = json.loads(detail["generic_spec"])
            own = json.loads(sku["own_spec"])
            return CatalogueRow(
                product_code=f"leyou-{product['id']}",
                sku_code=f"leyou-{sku['id']}",
                category_path=files.tree_path(
                    categories, product["cid3"], parent="parent_id", name="name", prefix="leyou-"
                ),
                brand=BrandRef(code=f"leyou-{brand['id']}", names={"zh": brand["name"]}) if brand else None,
                titles={"zh": files.plain(product["title"])},
                subtitles={"zh": files.plain(product["sub_title"])},
                descriptions={"zh": files.plain(detail["packing_list"])},
                attributes={
                    parameters[key]["name"]: value for key, value in generic.items() if key in parameters
                },
                option_values={parameters[key]["name"]: str(value) for key, value in own.items()},
                price=sku["price"] or None,
                currency=_CURRENCY,
                weight_g=_grams(generic.get(_WEIGHT)),
                stock=stock.get(sku["id"]),
                image_names=tuple(images[product["id"]])[:_MAX_IMAGES],
                list_now=bool(product["saleable"] and product["valid"] and sku["enable"]),
            )

        yield from files.guarded(self._read("sku"), read)

    def _read(self, name: str) -> Iterator[dict[str, Any]]:
        return files.objects(self._paths[name])


def _grams(value: object) -> int:
    """Whole grams of a weight told as a number or in words ("约164g(含电池)"); 0 when unknown."""
    number = _NUMBER.search(str(value))
    return round(float(number[0])) if number else 0
