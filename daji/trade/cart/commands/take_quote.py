"""A buyer agrees to an offer."""

from __future__ import annotations

from collections.abc import Sequence
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
    return (await take_quotes(tx, taken=[(quote_id, owner, now)]))[0]


async def take_quotes(tx: Tx, *, taken: Sequence[tuple[UUID, Owner, datetime]]) -> tuple[Quote, ...]:
    """The same for (quote, owner, when)s, in one statement. Raises QuoteNotFound."""
    found = await store.take_quotes(tx, taken)
    if any(quote_id not in found for quote_id, _, _ in taken):
        raise QuoteNotFound
    return tuple(found[quote_id] for quote_id, _, _ in taken)
