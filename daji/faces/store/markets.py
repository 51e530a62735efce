"""Markets: which prefix of an address sells what, in which language and for which currency.

A market is a language and a sales channel, and a channel has one currency. `/zh` and `/en` sell through the channel `web`.
Each further channel of the storefront is called `web-<currency>`, such as `web-usd`, and has the prefixes
`/{lang}-{currency}`. They are read once, when the shop opens; a prefix that nobody opened is no page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from daji.boot import House
from daji.faces.http import state
from daji.kit.money import exponent
from daji.kit.problems import Problem
from daji.shop.pricing import api as pricing
from daji.shop.search import api as search

MAIN = "web"
HOME = "CN"
LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}
_FURTHER = f"{MAIN}-"
_STATE = "markets"


class UnknownMarket(Problem):
    """No market of this name; parameters `market`, and `known` as a text."""

    code = "store.unknown_market"
    status = 400


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the storefront: `code` is its prefix without the stroke.

    `currency` is None only for a main channel that is not open yet.
    """

    lang: str
    channel: str
    currency: str | None

    @property
    def main(self) -> bool:
        return self.channel == MAIN

    @property
    def code(self) -> str:
        return self.lang if self.main else f"{self.lang}-{self.channel.removeprefix(_FURTHER)}"

    @property
    def base(self) -> str:
        return f"/{self.code}"

    @property
    def hreflang(self) -> str | None:
        """For whom a crawler should offer it (BCP 47: language and ISO 3166-1 region); None for nobody in particular.

        A national currency begins with its country's code (ISO 4217). One of several countries, such as EUR or XOF, names
        no region, and its pages say the same as those of the main market: that one stands for them.
        """
        if self.main:
            return HTML_LANG[self.lang]
        return None if self.region is None else f"{self.lang}-{self.region}"

    @property
    def region(self) -> str | None:
        """The country whose currency it is (ISO 3166-1)."""
        region = (self.currency or "")[:2]
        return None if region in {"", "EU"} or region.startswith("X") else region

    @property
    def country(self) -> str:
        """Where its readers want things sent until they say otherwise; the shop's own country when nothing tells."""
        return HOME if self.main or self.region is None else self.region


class Markets(msgspec.Struct, frozen=True, kw_only=True):
    """All markets that are open, the main ones first."""

    items: tuple[Market, ...]

    @property
    def default(self) -> Market:
        return self.items[0]

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.channel for one in self.items))

    @property
    def indexed(self) -> tuple[Market, ...]:
        """Those that a crawler is told of."""
        return tuple(one for one in self.items if one.hreflang is not None)

    def find(self, code: str) -> Market | None:
        return next((one for one in self.items if one.code == code), None)

    def of_path(self, path: str) -> Market | None:
        """The market whose page an address is."""
        return self.find(path[1:].partition("/")[0])

    def get(self, lang: str, channel: str) -> Market:
        """The market of a channel that has one; the main one of this language otherwise."""
        known = lang if lang in LANGUAGES else self.default.lang
        found = (one for one in self.items if one.lang == known)
        mine = {one.channel: one for one in found}
        return mine.get(channel, mine[MAIN])

    def elsewhere(self, market: Market, channel: str) -> Market | None:
        """Where what is sold in this channel belongs, the main market when it has none; None when that is here."""
        there = self.get(market.lang, channel)
        return None if there.channel == market.channel else there

    def in_language(self, market: Market, lang: str) -> Market:
        return self.get(lang, market.channel)

    def beside(self, market: Market) -> tuple[Market, ...]:
        """The same language in each currency, itself among them; nothing when there is one currency only."""
        same = tuple(one for one in self.items if one.lang == market.lang)
        return same if len(same) > 1 else ()


def make(channels: Iterable[pricing.Channel] = ()) -> Markets:
    """Markets of these channels; without any, the main channel in each language.

    A channel is a market's only when its code names its own currency, and when the shop does not have that one already.
    """
    known = {one.code: one.currency for one in channels}
    main = known.get(MAIN)
    further = [
        (code, currency)
        for code, currency in sorted(known.items())
        if code == f"{_FURTHER}{currency.lower()}" and main is not None and currency != main
    ]
    for _, currency in further:
        exponent(currency)
    return Markets(
        items=tuple(
            Market(lang=lang, channel=code, currency=currency)
            for code, currency in ((MAIN, main), *further)
            for lang in LANGUAGES
        )
    )


async def load(house: House) -> Markets:
    """Markets of the channels that pricing has now."""
    async with house.db.read() as session:
        return make(await pricing.list_channels(session))


def index_of(house: House, channel: str) -> search.Index:
    """What finds goods by the prices of a channel; one that nobody fills yet is not ready."""
    return house.search if channel == MAIN else house.searches.setdefault(channel, search.open_index())


def keep(markets: Markets) -> dict[str, Markets]:
    """For the application's state, where `of` finds them."""
    return {_STATE: markets}


_BARE = make()


def of(request: state.AnyConnection) -> Markets:
    found: Markets = request.app.state.get(_STATE, _BARE)
    return found


Given = NamedDependency[Market]
Named = Annotated[
    str | None,
    QueryParameter(
        description="Where to buy, which says in which currency: `en`, or with a currency of its own `en-usd`;"
        " the main one when it is left out",
        max_length=40,
    ),
]


def give(request: state.AnyRequest, lang: NamedDependency[str], market: Named = None) -> Market:
    """The market that a request to the API names by `?market=`; the main one in the reader's language without it.

    Raises
    ------
    UnknownMarket
    """
    known = of(request)
    if market is None:
        return known.get(lang, MAIN)
    found = known.find(market)
    if found is None:
        raise UnknownMarket(market=market, known=", ".join(one.code for one in known.items))
    return found
