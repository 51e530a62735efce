"""Take bought lines out of a cart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.cart import store
from daji.trade.cart.facts import Owner


async def clear_lines(tx: Tx, *, owner: Owner, channel: str, sku_ids: Sequence[UUID], now: datetime) -> int:
    """Remove these SKUs from the owner's cart; the number of lines that went, 0 when there is no cart."""
    if not sku_ids:
        return 0
    row = await store.touch_known(tx, owner=owner, channel=channel, now=now)
    return 0 if row is None else await store.drop_lines(tx, cart_id=row["id"], sku_ids=sku_ids)
