"""Put a SKU into a cart, change how many, or take it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Session, Tx
from daji.kit.money import exponent
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Cart, CartLine, Owner


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


async def put_line(
    session: Session,
    *,
    owner: Owner,
    channel: str,
    currency: str,
    version: int,
    lines: Sequence[CartLine],
    sku_id: UUID,
    qty: int,
    mode: rules.Mode,
    now: datetime,
) -> tuple[int, tuple[CartLine, ...]] | None:
    """Like `change_line` on a cart that was just read at `version` with these lines (0 and none: not opened yet).

    One statement, which may stand alone. The version and the lines after it; None when somebody changed the cart
    since, so that it has to be read again. Raises the same.
    """
    exponent(currency)
    after = rules.with_quantity(lines, sku_id=sku_id, qty=qty, mode=mode, now=now)
    changed = next((line for line in after if line.sku_id == sku_id), None)
    written = changed or CartLine(sku_id=sku_id, qty=0, selected=False, added_at=now)
    number = await store.put_line(
        session, owner=owner, channel=channel, currency=currency, version=version, line=written, now=now
    )
    return None if number is None else (number, after)
