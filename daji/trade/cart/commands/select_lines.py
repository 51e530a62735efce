"""Mark lines for the checkout, or leave them waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.cart import store
from daji.trade.cart.facts import Cart, CartNotFound, Owner


async def select_lines(
    tx: Tx,
    *,
    owner: Owner,
    channel: str,
    sku_ids: Sequence[UUID] | None,
    selected: bool,
    now: datetime,
) -> Cart:
    """Set the mark of these lines, of all with None; SKUs that are not in the cart are passed over.

    Raises
    ------
    CartNotFound
        The owner has no cart in this channel.
    """
    row = await store.touch_known(tx, owner=owner, channel=channel, now=now)
    if row is None:
        raise CartNotFound
    await store.select_lines(tx, cart_id=row["id"], sku_ids=sku_ids, selected=selected)
    return store.cart(row, (await store.lines(tx, [row["id"]])).get(row["id"], ()))
