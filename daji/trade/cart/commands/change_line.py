"""Put a SKU into a cart, change how many, or take it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.kit.db import Session, Tx
from daji.kit.money import exponent
from daji.kit.problems import Problem
from daji.trade.cart import rules, store
from daji.trade.cart.facts import Cart, CartLine, Owner, Wish


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
    session: Session, *, channel: str, currency: str, wishes: Sequence[Wish]
) -> list[tuple[int, tuple[CartLine, ...]] | Problem | None]:
    """Like `change_line`, for several SKUs in each of several carts, of different owners, that were just read.

    One statement, which may stand alone; changes of one SKU follow one another. For each the version and the lines after
    it, what it is refused with, or None when somebody changed the cart since, so that it has to be read again.

    Raises
    ------
    UnknownCurrency
        `currency` is not in ISO 4217.
    """
    exponent(currency)
    after: list[tuple[CartLine, ...] | Problem] = [_with_changes(wish) for wish in wishes]
    seen = [
        (wish.owner, wish.version, _changed(wish, lines), wish.now)
        for wish, lines in zip(wishes, after, strict=True)
        if not isinstance(lines, Problem)
    ]
    put = iter(
        await store.put_into_seen(session, channel=channel, currency=currency, seen=seen) if seen else ()
    )
    answers: list[tuple[int, tuple[CartLine, ...]] | Problem | None] = []
    for lines in after:
        if isinstance(lines, Problem):
            answers.append(lines)
        else:
            version = next(put)
            answers.append(None if version is None else (version, lines))
    return answers


def _with_changes(wish: Wish) -> tuple[CartLine, ...] | Problem:
    after = wish.lines
    try:
        for number, change in enumerate(wish.changes):
            # Lines are shown in the order in which they came.
            at = wish.now + timedelta(microseconds=number)
            after = rules.with_quantity(after, sku_id=change.sku_id, qty=change.qty, mode=change.mode, now=at)
    except Problem as refusal:
        return refusal
    return after


def _changed(wish: Wish, after: Sequence[CartLine]) -> list[CartLine]:
    left = {line.sku_id: line for line in after}
    return [
        left.get(sku_id) or CartLine(sku_id=sku_id, qty=0, selected=False, added_at=wish.now)
        for sku_id in {change.sku_id: None for change in wish.changes}
    ]
