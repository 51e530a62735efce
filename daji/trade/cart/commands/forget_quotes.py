"""Drop offers that nobody took."""

from __future__ import annotations

from datetime import datetime

from daji.kit.db import Tx
from daji.trade.cart import store


async def forget_quotes(tx: Tx, *, expired_before: datetime, limit: int = 1_000) -> int:
    """Delete up to `limit` quotes that expired by then, the oldest first; how many went."""
    return await store.forget_quotes(tx, expired_before=expired_before, limit=limit)
