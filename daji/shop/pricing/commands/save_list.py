"""Open a price list in a channel, or change its priority."""

from __future__ import annotations

from datetime import datetime

from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.pricing import store
from daji.shop.pricing.facts import ListBelongsElsewhere, PriceList


async def save_list(
    tx: Tx, *, code: str, channel: str, currency: str, priority: int = 0, now: datetime
) -> PriceList:
    """Write the list as given; the same call twice changes nothing.

    Raises
    ------
    NotFound
        When there is no such channel.
    ListBelongsElsewhere
        When the list is another channel's, or the currency is not its channel's.
    """
    if await store.channel(tx, channel) is None:
        raise NotFound(kind="channel", code=channel)
    saved = await store.save_list(
        tx, code=code, channel=channel, currency=currency, priority=priority, now=now
    )
    if saved is None or (saved.channel, saved.currency) != (channel, currency):
        raise ListBelongsElsewhere(list=code, channel=channel, currency=currency)
    return saved
