"""Put a SKU into a cart, change how many, or take it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.kit.db import Session, Tx
from daji.kit.money import exponent
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Cart, CartLine, LineChange, Owner


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


async def put_lines(
    session: Session,
    *,
    owner: Owner,
    channel: str,
    currency: str,
    version: int,
    lines: Sequence[CartLine],
    changes: Sequence[LineChange],
    now: datetime,
) -> tuple[int, tuple[CartLine, ...]] | None:
    """Like `change_line` for several SKUs, in a cart just read at `version` with these lines (0 and none: not opened).

    One statement, which may stand alone; changes of one SKU follow one another. The version and the lines after it;
    None when somebody changed the cart since, so that it has to be read again. Raises the same.
    """
    exponent(currency)
    after = tuple(lines)
    for number, change in enumerate(changes):
        # Lines are shown in the order in which they came.
        at = now + timedelta(microseconds=number)
        after = rules.with_quantity(after, sku_id=change.sku_id, qty=change.qty, mode=change.mode, now=at)
    left = {line.sku_id: line for line in after}
    changed = [
        left.get(sku_id) or CartLine(sku_id=sku_id, qty=0, selected=False, added_at=now)
        for sku_id in {change.sku_id: None for change in changes}
    ]
    put = await store.put_into_seen(
        session, owner=owner, channel=channel, currency=currency, version=version, changed=changed, now=now
    )
    return None if put is None else (put, after)
