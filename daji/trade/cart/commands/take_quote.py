"""A buyer agrees to an offer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.cart import store
from daji.trade.cart.facts import Owner, Quote, QuoteNotFound


async def take_quote(tx: Tx, *, quote_id: UUID, owner: Owner, now: datetime) -> Quote:
    """The offer as it was shown, expired or not; lines that it took from the cart leave the cart. One statement.

    Raises
    ------
    QuoteNotFound
        For another's too.
    """
    found = await store.take_quote(tx, quote_id=quote_id, owner=owner, now=now)
    if found is None:
        raise QuoteNotFound
    return found
