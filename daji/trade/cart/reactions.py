"""What the cart does when others tell something."""

from __future__ import annotations

from daji.kit.db import Tx
from daji.kit.outbox import Heard
from daji.shop.catalog.events import ProductChanged
from daji.trade.cart import store

_FOR_SALE = "listed"


async def deselect_gone(tx: Tx, event: ProductChanged, _heard: Heard) -> None:
    """A product that left the shop must not block the checkout of what lies beside it in a cart."""
    if event.status != _FOR_SALE and event.sku_ids:
        await store.deselect(tx, event.sku_ids)
