"""Open a channel, or change its name and language."""

from __future__ import annotations

from datetime import datetime

from daji.kit.db import Tx
from daji.kit.money import exponent
from daji.shop.pricing import store
from daji.shop.pricing.facts import Channel, ChannelInUse


async def save_channel(tx: Tx, *, code: str, name: str, currency: str, lang: str, now: datetime) -> Channel:
    """Write the channel as given; the same call twice changes nothing.

    Raises
    ------
    UnknownCurrency
    ChannelInUse
        When the currency would change under price lists that exist.
    """
    exponent(currency)
    wanted = Channel(code=code, name=name, currency=currency, lang=lang)
    await store.save_channel(tx, wanted, now)
    if await store.channel(tx, code) != wanted:
        raise ChannelInUse(channel=code)
    return wanted
