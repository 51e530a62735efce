"""Putting things into the cart, for the API and the pages alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.boot import House
from daji.kit.db import Tx
from daji.kit.problems import InProgress, NotFound, Problem
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart
from daji.views import store_cart

TRIES = 20
"""How often a line is tried in a cart that somebody else changes at the same time; each try loses to a success."""


class NotSoldHere(Problem):
    """The SKU has no price in this market; parameter `currency`."""

    code = "store.not_sold_here"
    status = 409


async def put(
    house: House,
    *,
    owner: cart.Owner,
    channel: str,
    changes: Sequence[cart.LineChange],
    now: datetime,
) -> store_cart.CartPage:
    """Set or add quantities, all of them or none, and show the cart as it is then.

    Raises
    ------
    NotFound
        For a SKU that does not exist. One that is delisted or sold out for now may be wished for.
    NotSoldHere
        For a SKU without a price in the channel: a wish of no currency.
    cart.QuantityOutOfRange, cart.CartFull
    """
    for _ in range(TRIES):
        async with house.db.fresh() as session:
            seen = await store_cart.look_at_cart(
                session,
                owner=owner,
                channel=channel,
                sku_ids=list({change.sku_id for change in changes}),
                at=now,
            )
            for change in changes:
                goods = seen.goods[change.sku_id]
                if not goods.known:
                    raise NotFound(kind="sku")
                if goods.slug is not None and goods.price is None:
                    raise NotSoldHere(currency=seen.currency)
            after = await cart.put_lines(
                session,
                owner=owner,
                channel=channel,
                currency=seen.currency,
                version=seen.version,
                lines=seen.lines,
                changes=changes,
                now=now,
            )
        if after is not None:
            version, lines = after
            return seen.page(version=version, lines=lines)
    raise InProgress


async def remove(
    house: House, *, owner: cart.Owner, channel: str, sku_ids: Sequence[UUID], now: datetime
) -> store_cart.CartPage:
    """Take SKUs out and show what is left; one that is not in is fine."""

    async def work(tx: Tx) -> store_cart.CartPage:
        await cart.clear_lines(tx, owner=owner, channel=channel, sku_ids=sku_ids, now=now)
        return await store_cart.get_cart_page(tx, owner=owner, channel=channel, at=now)

    return await house.db.run(work)


async def select(
    house: House,
    *,
    owner: cart.Owner,
    channel: str,
    sku_ids: Sequence[UUID] | None,
    selected: bool,
    now: datetime,
) -> store_cart.CartPage:
    """Mark lines for the checkout, all with None, and show the cart.

    Raises
    ------
    cart.CartNotFound
    """

    async def work(tx: Tx) -> store_cart.CartPage:
        await cart.select_lines(tx, owner=owner, channel=channel, sku_ids=sku_ids, selected=selected, now=now)
        return await store_cart.get_cart_page(tx, owner=owner, channel=channel, at=now)

    return await house.db.run(work)


async def put_again(
    house: House, *, owner: cart.Owner, channel: str, lines: Sequence[tuple[UUID, int]], now: datetime
) -> int:
    """Add (SKU, quantity) of an old purchase as far as they are for sale and fit; how many lines went in."""

    async def work(tx: Tx) -> int:
        found = await catalog.skus_for_sale(tx, sku_ids=[sku_id for sku_id, _ in lines])
        sellable = {sku.id for sku in found if sku.sellable}
        opened, priced = await pricing.offers(tx, sku_ids=list(sellable), channel=channel, at=now)
        added = 0
        for sku_id, qty in lines:
            if sku_id not in priced:
                continue
            try:
                await cart.change_line(
                    tx,
                    owner=owner,
                    channel=channel,
                    currency=opened.currency,
                    sku_id=sku_id,
                    qty=qty,
                    mode="add",
                    now=now,
                )
                added += 1
            except (cart.CartFull, cart.QuantityOutOfRange):
                # What was in the cart before stays as it is.
                continue
        return added

    return await house.db.run(work)
