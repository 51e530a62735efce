"""A product as staff see it: words, SKUs with price and stock, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory import api as inventory
from daji.kit.db import Session
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.views.console_order import Moment, with_names

SQL_PRICES_NOW = """
SELECT p.sku_id, p.list_id, p.amount, p.compare_at
  FROM pricing.price p
 WHERE p.sku_id = ANY($1::uuid[]) AND p.withdrawn_at IS NULL AND p.valid_from <= $2
   AND (p.valid_to IS NULL OR p.valid_to > $2)
"""
_HISTORY = 30


class PriceNow(msgspec.Struct, frozen=True, kw_only=True):
    """What a SKU costs in one list now, in minor units of the list's currency."""

    sku_id: UUID
    list_id: UUID
    amount: int
    compare_at: int | None


class ProductScreen(msgspec.Struct, frozen=True, kw_only=True):
    product: catalog.Product
    categories: tuple[catalog.Category, ...]
    lists: tuple[pricing.PriceList, ...]
    prices: tuple[PriceNow, ...]
    stock: tuple[inventory.Availability, ...]
    history: tuple[Moment, ...]

    def price(self, sku_id: UUID, list_id: UUID) -> PriceNow | None:
        return next((one for one in self.prices if (one.sku_id, one.list_id) == (sku_id, list_id)), None)

    def available(self, sku_id: UUID) -> int:
        """Pieces that may still be promised, at all open places."""
        return sum(one.available for one in self.stock if one.sku_id == sku_id)

    def on_hand(self, sku_id: UUID) -> int:
        return sum(one.on_hand for one in self.stock if one.sku_id == sku_id)


async def get_product_screen(session: Session, *, product_id: UUID, at: datetime) -> ProductScreen:
    """Raise NotFound for an id that names no product."""
    product = await catalog.get_product(session, product_id=product_id)
    sku_ids = [sku.id for sku in product.skus]
    history = await catalog.list_history(session, product_id=product_id, limit=_HISTORY)
    steps = [
        Moment(
            source="order",
            code=entry.verb,
            at=entry.at,
            by=entry.by,
            public=False,
            note=entry.note or ", ".join(sorted(entry.diff)),
        )
        for entry in history.items
    ]
    return ProductScreen(
        product=product,
        categories=await catalog.list_categories(session),
        lists=await pricing.list_lists(session),
        prices=tuple(PriceNow(**dict(row)) for row in await session.rows(SQL_PRICES_NOW, sku_ids, at)),
        stock=await inventory.availability(session, sku_ids=sku_ids),
        history=await with_names(session, steps),
    )
