"""What every change of a product leaves behind: a history row and an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from daji.kit import ids
from daji.kit.db import Tx
from daji.shop.catalog.events import ProductChanged
from daji.shop.catalog.facts import HistoryEntry, Product

TRACKED = (
    "status",
    "slug",
    "category_id",
    "brand_id",
    "texts",
    "attributes",
    "options",
    "media",
    "image_names",
    "skus",
)
"""Fields whose change is kept as [before, after]."""


def entry(
    product: Product, *, verb: str, by: str, at: datetime, diff: dict[str, Any], note: str = ""
) -> HistoryEntry:
    return HistoryEntry(id=ids.new_id(), product_id=product.id, verb=verb, by=by, at=at, note=note, diff=diff)


def tell(tx: Tx, product: Product, now: datetime) -> None:
    tx.emit(
        ProductChanged(
            product_id=product.id, sku_ids=tuple(sku.id for sku in product.skus), status=product.status
        ),
        subject=product.id,
        at=now,
    )
