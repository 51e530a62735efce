"""Keep the offer that was shown, so that exactly it can be bought."""

from __future__ import annotations

import msgspec

from daji.kit.db import Tx
from daji.trade.cart import store
from daji.trade.cart.facts import Quote, UnreadableText


async def save_quote(tx: Tx, *, quote: Quote) -> None:
    """Store the quote under its id, once.

    Raises
    ------
    UnreadableText
        A text in it holds U+0000, which an order could not keep.
    """
    body = msgspec.json.encode(quote).decode()
    if "\\u0000" in body.replace("\\\\", ""):
        raise UnreadableText
    await store.save_quote(tx, quote, body)
