"""Give orders' goods to the warehouse to pick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.facts import Release
from daji.kit.db import Tx


async def release(tx: Tx, *, orders: Sequence[Release], now: datetime) -> None:
    """Make the pick list of each order that has none, all in one statement. Raises Invalid."""
    for order in orders:
        rules.check_lines(order.lines)
    if orders:
        await store.release(tx, orders=orders, now=now)
