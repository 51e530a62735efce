"""Take bought lines out of a cart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.cart import store


async def clear_lines(tx: Tx, *, cart_id: UUID, sku_ids: Sequence[UUID], now: datetime) -> int:
    """Remove these SKUs; the number of lines that went. A cart that is gone has none to lose."""
    if not sku_ids or not await store.touch_by_id(tx, cart_id=cart_id, now=now):
        return 0
    return await store.drop_lines(tx, cart_id=cart_id, sku_ids=sku_ids)
