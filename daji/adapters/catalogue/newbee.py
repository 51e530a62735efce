"""Seed data of newbee-mall: branded goods, one folder with `goods_info.jsonl.gz` and `goods_category.jsonl.gz`.

Prices are whole yuan, `goods_sell_status` 0 means on sale. A line is one good, which is a product of one SKU. Many
goods have category 0, which is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daji.adapters.catalogue import files
from daji.shop.catalog.ports import CatalogueRow

_CURRENCY = "CNY"
_ON_SALE = 0
_NO_CATEGORY = (("newbee-0", {"zh": "未分类", "en": "Uncategorised"}),)


class Newbee:
    """Reader of a newbee-mall folder."""

    name = "newbee"

    def __init__(self, folder: Path) -> None:
        self._goods = folder / "goods_info.jsonl.gz"
        self._categories = folder / "goods_category.jsonl.gz"

    def digest(self) -> str:
        return files.digest_of(self.name, (self._goods, self._categories))

    def rows(self) -> Iterator[files.Item]:
        categories = {row["category_id"]: row for row in files.objects(self._categories)}

        def read(thing: dict[str, Any]) -> CatalogueRow:
            code = f"newbee-{thing['goods_id']}"
            price = files.amount(thing["selling_price"], _CURRENCY)
            before = files.amount(thing["original_price"], _CURRENCY, "compare_at")
            path = files.tree_path(
                categories,
                thing["goods_category_id"],
                parent="parent_id",
                name="category_name",
                prefix="newbee-",
            )
            return CatalogueRow(
                product_code=code,
                sku_code=code,
                category_path=path or _NO_CATEGORY,
                titles={"zh": files.plain(thing["goods_name"])},
                subtitles={"zh": files.plain(thing["goods_intro"])},
                price=price,
                compare_at=before if before > price else None,
                currency=_CURRENCY,
                stock=thing["stock_num"],
                image_names=_images(thing),
                list_now=thing["goods_sell_status"] == _ON_SALE,
            )

        yield from files.guarded(files.objects(self._goods), read)


def _images(thing: dict[str, Any]) -> tuple[str, ...]:
    named = (thing["goods_cover_img"], *str(thing["goods_carousel"] or "").split(","))
    return tuple(dict.fromkeys(name for name in named if name))
