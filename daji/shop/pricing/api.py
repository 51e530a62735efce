"""The door of pricing."""

from __future__ import annotations

from daji.shop.pricing.commands.save_channel import save_channel
from daji.shop.pricing.commands.save_list import save_list
from daji.shop.pricing.commands.set_prices import set_prices
from daji.shop.pricing.facts import (
    BadPrice,
    Channel,
    ChannelInUse,
    ListBelongsElsewhere,
    NewPrice,
    Price,
    PriceInThePast,
    PriceList,
    PriceRecord,
)
from daji.shop.pricing.queries import (
    find_list,
    get_channel,
    get_list,
    list_channels,
    list_lists,
    list_prices,
    prices_for,
)
from daji.shop.pricing.rules import MAX_PRICES

__all__ = [
    "MAX_PRICES",
    "BadPrice",
    "Channel",
    "ChannelInUse",
    "ListBelongsElsewhere",
    "NewPrice",
    "Price",
    "PriceInThePast",
    "PriceList",
    "PriceRecord",
    "find_list",
    "get_channel",
    "get_list",
    "list_channels",
    "list_lists",
    "list_prices",
    "prices_for",
    "save_channel",
    "save_list",
    "set_prices",
]
