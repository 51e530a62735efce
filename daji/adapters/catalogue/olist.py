"""Goods of the Olist marketplace: `products.csv.gz`, `order_items.csv.gz` and the translation of category names.

The source knows no offers, so what was sold tells them: each (product, seller) pair of `order_items` is a product of
its own, code `<product_id>-<seller_id>`, at the price of its last sale, in BRL. A product that was never sold has its
id as code, no seller, no price, and is not listed. Titles are made of the category's name and the id, since the data
set has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from daji.adapters.catalogue import files
from daji.adapters.catalogue.olist_names import CHINESE, MISSING_ENGLISH
from daji.shop.catalog.ports import CatalogueRow, RowError

_CURRENCY = "BRL"
_SHORT_ID = 6
_NO_CATEGORY = "outros"


class _Offer(msgspec.Struct, frozen=True):
    price: str
    sold_by: str


class Olist:
    """Reader of an Olist folder; a line is a line of `products.csv.gz`, which may hold several offers."""

    name = "olist"

    def __init__(self, folder: Path) -> None:
        self._products = folder / "products.csv.gz"
        self._items = folder / "order_items.csv.gz"
        self._names = folder / "product_category_name_translation.csv.gz"

    def digest(self) -> str:
        return files.digest_of(self.name, (self._products, self._items, self._names))

    def rows(self) -> Iterator[files.Item]:
        offers = self._offers()
        english = dict(MISSING_ENGLISH)
        for _, record in files.records(self._names):
            english[record["product_category_name"]] = record["product_category_name_english"].replace(
                "_", " "
            )
        for line, record in files.records(self._products):
            product_id = record["product_id"]
            sold = offers.get(product_id)
            for seller_code, offer in sorted(sold.items()) if sold else [(None, None)]:
                try:
                    yield line, _row(record, english, seller_code, offer)
                except files.Refused as refused:
                    yield line, refused.at(line)
                except ValueError as error:
                    yield (
                        line,
                        RowError(
                            line=line, field="", code="catalog.malformed", params={"reason": str(error)[:200]}
                        ),
                    )

    def _offers(self) -> dict[str, dict[str, _Offer]]:
        """Price of the last sale by product and seller; `shipping_limit_date` sorts as text."""
        offers: dict[str, dict[str, _Offer]] = {}
        for _, item in files.records(self._items):
            of_product = offers.setdefault(item["product_id"], {})
            known = of_product.get(item["seller_id"])
            if known is None or known.sold_by <= item["shipping_limit_date"]:
                of_product[item["seller_id"]] = _Offer(item["price"], item["shipping_limit_date"])
        return offers


def _row(
    record: dict[str, str], english: dict[str, str], seller_code: str | None, offer: _Offer | None
) -> CatalogueRow:
    product_id = record["product_id"]
    category = record["product_category_name"] or _NO_CATEGORY
    name_en = english.get(category, category.replace("_", " "))
    names = {"zh": CHINESE.get(category, name_en), "en": name_en}
    code = f"{product_id}-{seller_code}" if seller_code else product_id
    return CatalogueRow(
        seller_code=seller_code,
        product_code=code,
        sku_code=code,
        category_path=((f"olist-{category}", names),),
        titles={
            "zh": f"{names['zh']} {product_id[:_SHORT_ID]}",
            "en": f"{name_en.capitalize()} {product_id[:_SHORT_ID]}",
        },
        price=files.amount(offer.price, _CURRENCY) if offer else None,
        currency=_CURRENCY if offer else None,
        weight_g=int(record["product_weight_g"] or 0),
        size_mm=_size(record),
        list_now=offer is not None,
    )


def _size(record: dict[str, str]) -> tuple[int, int, int] | None:
    """Length, width and height in millimetres; None unless all three are known."""
    length, width, height = (
        int(record[f"product_{side}_cm"] or 0) * 10 for side in ("length", "width", "height")
    )
    return (length, width, height) if length and width and height else None
