"""Facts and refusals of pricing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.problems import Problem


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A place of sale: one currency, one default language. `name` is for staff."""

    code: str
    name: str
    currency: str
    lang: str


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """Prices of one channel; of two lists that price a SKU the one of higher `priority` counts."""

    id: UUID
    code: str
    channel: str
    currency: str
    priority: int


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What one SKU costs in one list from `valid_from` until before `valid_to` (None: until further notice).

    `amount` is in minor units of the list's currency; `compare_at` is the higher price it is shown against.
    """

    id: UUID
    list_id: UUID
    sku_id: UUID
    amount: int
    compare_at: int | None
    valid_from: datetime
    valid_to: datetime | None


class NewPrice(msgspec.Struct, frozen=True, kw_only=True):
    sku_id: UUID
    amount: int
    compare_at: int | None = None


class PriceRecord(Price, frozen=True, kw_only=True):
    """A price with who made it; `withdrawn_at` tells a price that was replaced before it took effect."""

    list_code: str
    currency: str
    made_by: str
    made_at: datetime
    withdrawn_at: datetime | None


class ChannelInUse(Problem):
    """The currency of a channel that has price lists stays as it is; parameter `channel`."""

    code = "pricing.channel_in_use"
    status = 409


class ListBelongsElsewhere(Problem):
    """A list keeps its channel and the channel's currency; parameters `list`, `channel`, `currency`."""

    code = "pricing.list_belongs_elsewhere"
    status = 409


class BadPrice(Problem):
    """An amount or a period is impossible, or a SKU is priced twice in one call; `fields` say which."""

    code = "pricing.bad_price"
    status = 422


class PriceInThePast(Problem):
    """Prices that were in force are history and stay; parameter `sku_ids` (as text)."""

    code = "pricing.price_in_the_past"
    status = 409


class SuspiciousPrices(Problem):
    """New prices are far from the old ones and nobody said that they are meant; parameter `count`."""

    code = "pricing.suspicious_prices"
    status = 409


class PreviewStale(Problem):
    """Prices changed between a preview and its confirmation."""

    code = "pricing.preview_stale"
    status = 409
