"""Give orders' goods to the warehouse to pick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daji.fulfil.warehouse import rules, store
from daji.fulfil.warehouse.facts import Release
from daji.kit.db import Tx


async def release(tx: Tx, *, orders: Sequence[Release], now: datetime) -> None:
    """Make the pick list of each order that has none, all in one statement. Raises Invalid."""
    await release_many(tx, orders=[(order, now) for order in orders])


async def release_many(tx: Tx, *, orders: Sequence[tuple[Release, datetime]]) -> None:
    """The same for orders that are each released at a time of their own."""
    for order, _ in orders:
        rules.check_lines(order.lines)
    if orders:
        await store.release(tx, orders=[order for order, _ in orders], at=[at for _, at in orders])
