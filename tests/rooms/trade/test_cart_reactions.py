"""A product that leaves the shop stays in carts, unmarked, so that the rest can be bought."""

from __future__ import annotations

from datetime import datetime

import pytest

from daji.boot import make_listeners
from daji.kit import ids, outbox
from daji.kit.db import Database
from daji.shop.catalog.events import ProductChanged
from daji.trade.cart import api as cart

OWNER = cart.Owner(guest_token="g")


@pytest.mark.parametrize(("status", "selected"), [("delisted", False), ("archived", False), ("listed", True)])
async def test_a_delisted_product_is_deselected_in_every_cart(
    db: Database, now: datetime, status: str, *, selected: bool
) -> None:
    gone, kept = ids.new_id(), ids.new_id()
    for sku_id in (gone, kept):
        async with db.transaction() as tx:
            await cart.change_line(
                tx, owner=OWNER, channel="web", currency="CNY", sku_id=sku_id, qty=1, mode="set", now=now
            )
    listeners = make_listeners()
    db.listeners = listeners
    async with db.transaction() as tx:
        event = ProductChanged(product_id=ids.new_id(), sku_ids=(gone,), status=status)
        tx.emit(event, subject=event.product_id, at=now)
    async with db.read() as session:
        jobs = await session.rows("SELECT payload FROM pgqueuer")
    for job in jobs:
        assert await outbox.deliver(db, listeners, job["payload"], now=now)
    async with db.read() as session:
        found = await cart.find_cart(session, owner=OWNER, channel="web")
    assert found is not None
    assert {line.sku_id: line.selected for line in found.lines} == {gone: selected, kept: True}
