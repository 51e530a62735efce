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
    PreviewStale,
    Price,
    PriceInThePast,
    PriceList,
    PriceRecord,
    SuspiciousPrices,
)
from daji.shop.pricing.queries import (
    find_list,
    get_channel,
    get_list,
    list_channels,
    list_lists,
    list_prices,
    offers,
    offers_each,
    prices_for,
    prices_in,
)
from daji.shop.pricing.rules import MAX_PERCENT, MAX_PRICES, MIN_PERCENT, doubts, repriced

__all__ = [
    "MAX_PERCENT",
    "MAX_PRICES",
    "MIN_PERCENT",
    "BadPrice",
    "Channel",
    "ChannelInUse",
    "ListBelongsElsewhere",
    "NewPrice",
    "PreviewStale",
    "Price",
    "PriceInThePast",
    "PriceList",
    "PriceRecord",
    "SuspiciousPrices",
    "doubts",
    "find_list",
    "get_channel",
    "get_list",
    "list_channels",
    "list_lists",
    "list_prices",
    "offers",
    "offers_each",
    "prices_for",
    "prices_in",
    "repriced",
    "save_channel",
    "save_list",
    "set_prices",
]
