"""Put a SKU into a cart, change how many, or take it out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.money import exponent
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Cart, Owner


async def change_line(
    tx: Tx,
    *,
    owner: Owner,
    channel: str,
    currency: str,
    sku_id: UUID,
    qty: int,
    mode: rules.Mode,
    now: datetime,
) -> Cart:
    """Set the quantity of a SKU (0 removes it) or add to it; the first use opens the cart. Three statements.

    Whether the SKU exists and is for sale is asked when a quote is made: a cart keeps wishes.

    Raises
    ------
    QuantityOutOfRange
        `set` outside 0..999, `add` below 1, or more than 999 would result.
    CartFull
        A new line beyond `rules.MAX_LINES`.
    UnknownCurrency
        `currency` is not in ISO 4217.
    """
    exponent(currency)
    rules.changed_quantity(0, qty, mode)
    row = await store.touch(tx, owner=owner, channel=channel, currency=currency, now=now)
    cart_id: UUID = row["id"]
    before = (await store.lines(tx, [cart_id])).get(cart_id, ())
    after = rules.with_quantity(before, sku_id=sku_id, qty=qty, mode=mode, now=now)
    changed = next((line for line in after if line.sku_id == sku_id), None)
    if changed is not None:
        await store.put_lines(tx, cart_id=cart_id, changed=(changed,))
    elif len(after) < len(before):
        await store.drop_lines(tx, cart_id=cart_id, sku_ids=(sku_id,))
    return store.cart(row, after)
