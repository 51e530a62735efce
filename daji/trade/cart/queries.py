"""Questions to the cart room."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.kit.db import Session
from daji.trade.cart import store
from daji.trade.cart.facts import Cart, Owner, Quote, QuoteNotFound


async def find_cart(session: Session, *, owner: Owner, channel: str) -> Cart | None:
    """The owner's cart in this channel with its lines, oldest first. One statement."""
    return await store.find(session, owner=owner, channel=channel)


async def find_carts(session: Session, *, owners: Sequence[Owner], channel: str) -> dict[Owner, Cart]:
    """The carts of those owners who have one in this channel. One statement."""
    return await store.find_each(session, owners=owners, channel=channel)


async def get_quote(session: Session, *, quote_id: UUID, owner: Owner) -> Quote:
    """The offer as it was shown, expired or not; raises QuoteNotFound, for another's too."""
    found = await store.quote(session, quote_id=quote_id, owner=owner)
    if found is None:
        raise QuoteNotFound
    return found
