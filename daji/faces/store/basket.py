"""Putting things into the cart, for the API and the pages alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import NamedTuple
from uuid import UUID

from daji.boot import House
from daji.kit.db import Database, Session, Tx
from daji.kit.problems import InProgress, NotFound, Problem
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart
from daji.views import store_cart

TRIES = 20
"""How often a line is tried in a cart that somebody else changes at the same time; each try loses to a success."""
_LINGER_SECONDS = 0.003
"""A cart is two statements: waiting long for company would cost more than it saves."""


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

    Carts that are filled in the same moment are written together (`kit.together`).

    Raises
    ------
    NotFound
        For a SKU that does not exist. One that is delisted or sold out for now may be wished for.
    NotSoldHere
        For a SKU without a price in the channel: a wish of no currency.
    InProgress
        When others change this cart all the time.
    cart.QuantityOutOfRange, cart.CartFull
    """
    work = partial(_put_each, house.db, channel)
    asked = _Asked(owner, tuple(changes), now)
    lost = 0
    while lost < TRIES:
        answer = await house.db.together((_put_each, channel), work, asked, linger=_LINGER_SECONDS)
        if isinstance(answer, store_cart.CartPage):
            return answer
        lost += answer is _Missed.CHANGED
    raise InProgress


class _Missed(Enum):
    """Why nothing was written: another change of this cart had the turn, or the cart was changed since it was read."""

    TURN = auto()
    CHANGED = auto()


class _Asked(NamedTuple):
    owner: cart.Owner
    changes: tuple[cart.LineChange, ...]
    now: datetime


async def _put_each(
    db: Database, channel: str, asked: Sequence[_Asked]
) -> list[store_cart.CartPage | Problem | _Missed]:
    """One turn of each cart: a statement changes it once, and nobody else waits for whoever comes second to it."""
    turn: dict[cart.Owner, int] = {}
    for place, one in enumerate(asked):
        turn.setdefault(one.owner, place)
    async with db.fresh() as session:
        found = iter(await _put_once(session, channel, [asked[place] for place in turn.values()]))
    return [
        next(found) or _Missed.CHANGED if turn[one.owner] == place else _Missed.TURN
        for place, one in enumerate(asked)
    ]


async def _put_once(
    session: Session, channel: str, asked: Sequence[_Asked]
) -> list[store_cart.CartPage | Problem | None]:
    """For each owner the page, what is in the way, or None when the cart was changed meanwhile. Two statements."""
    looks = await store_cart.look_at_carts(
        session,
        asked=[(one.owner, list({change.sku_id for change in one.changes}), one.now) for one in asked],
        channel=channel,
    )
    answers: list[store_cart.CartPage | Problem | None] = [
        _refusal(look, one.changes) for look, one in zip(looks, asked, strict=True)
    ]
    open_ = [place for place, answer in enumerate(answers) if answer is None]
    put = await cart.put_lines(
        session,
        channel=channel,
        currency=looks[0].currency,
        wishes=[
            cart.Wish(
                owner=asked[place].owner,
                version=looks[place].version,
                lines=looks[place].lines,
                changes=asked[place].changes,
                now=asked[place].now,
            )
            for place in open_
        ],
    )
    for place, done in zip(open_, put, strict=True):
        if done is None or isinstance(done, Problem):
            answers[place] = done
        else:
            version, lines = done
            answers[place] = looks[place].page(version=version, lines=lines)
    return answers


def _refusal(look: store_cart.CartLook, changes: Sequence[cart.LineChange]) -> Problem | None:
    for change in changes:
        goods = look.goods[change.sku_id]
        if not goods.known:
            return NotFound(kind="sku")
        if goods.slug is not None and goods.price is None:
            return NotSoldHere(currency=look.currency)
    return None


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
