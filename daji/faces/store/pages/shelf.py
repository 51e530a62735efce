"""A list of goods as its page shows it: what it can be narrowed by, what it is narrowed by, and every address for that."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from daji.faces.store.listing import ATTRIBUTE, write_filters
from daji.faces.store.pages.scene import Reader, Scene
from daji.shop.search.api import Facet, FacetValue
from daji.views.store_find import Listing

SORTS = ("rank", "sales", "rating", "newest", "price_up", "price_down")
FIRST = ("price", "brand", "rating", "stock")
SHOWN_AT_FIRST = 6


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A value to narrow by: its words, its hits, and the address with it chosen, or given up where it is."""

    words: str
    count: int
    chosen: bool
    about: bool
    href: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A facet; `first` are the values that are seen at once, the commonest and the chosen ones."""

    code: str
    words: str
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]


class Shelf:
    """A listing in the reader's words."""

    def __init__(self, scene: Scene, listing: Listing, *, text: str = "") -> None:
        self.listing = listing
        self.cards = listing.cards
        self.total = listing.total
        self.how = listing.how
        self.sort = listing.sort
        self._text = text
        self._r = scene.reader
        self._currency = next((card.currency for card in listing.cards if card.currency), None)
        self.kinds = next((facet.values for facet in listing.facets if facet.code == "category"), ())
        telling = [one for one in listing.facets if one.code != "category" and _tells_apart(one)]
        self.groups = tuple(self._group(facet) for facet in sorted(telling, key=_rank))
        self.chosen = tuple(
            choice for group in self.groups for choice in (*group.first, *group.more) if choice.chosen
        )

    @property
    def reset(self) -> str:
        """The address without any filter."""
        return self._query([])

    @property
    def next(self) -> str | None:
        """The address of the page after this one."""
        if self.listing.next_cursor is None:
            return None
        return self._query([*write_filters(self.listing.filters), ("cursor", self.listing.next_cursor)])

    @property
    def sorts(self) -> tuple[tuple[str, str], ...]:
        """Orders with their addresses."""
        kept = write_filters(self.listing.filters)
        return tuple((one, self._query(kept, sort=one)) for one in SORTS)

    def _query(self, pairs: list[tuple[str, str]], *, sort: str | None = None) -> str:
        order = sort or self.sort
        given = [("q", self._text)] if self._text else []
        given += pairs
        if order != SORTS[0]:
            given.append(("sort", order))
        # Without words an empty address of the search would be its front page, not the list.
        if not given:
            given.append(("sort", order))
        return f"?{urlencode(given)}"

    def _group(self, facet: Facet) -> Group:
        choices = [self._choice(facet, value) for value in facet.values]
        # What is chosen must be seen to be given up.
        first = [one for n, one in enumerate(choices) if n < SHOWN_AT_FIRST or one.chosen]
        more = [one for n, one in enumerate(choices) if n >= SHOWN_AT_FIRST and not one.chosen]
        words = self._r.text(facet.names) or self._r.or_plain(
            f"store.facet.{facet.code}", facet.code.removeprefix(ATTRIBUTE)
        )
        return Group(code=facet.code, words=words, first=tuple(first), more=tuple(more))

    def _choice(self, facet: Facet, value: FacetValue) -> Choice:
        pairs = write_filters(self.listing.filters, toggle=(facet.code, value.value))
        return Choice(
            words=say_value(self._r, facet.code, value, self._currency),
            count=value.count,
            chosen=value.chosen,
            about=value.about,
            href=self._query(pairs),
        )


def _rank(facet: Facet) -> int:
    """What everybody asks about comes first, then attributes in the order of their use."""
    return FIRST.index(facet.code) if facet.code in FIRST else len(FIRST)


def _tells_apart(facet: Facet) -> bool:
    """Whether choosing helps: a facet of single things only, such as exact heights, is a list under another name."""
    return any(value.count > 1 or value.chosen for value in facet.values)


def say_value(r: Reader, code: str, value: FacetValue, currency: str | None) -> str:
    """What a value of a facet is called."""
    if code == "stock":
        return r.t(f"stock.{value.value}")
    if code == "rating":
        return r.t("facet.stars_up", n=value.value)
    if code == "price" and currency:
        low = None if value.low is None else r.money(value.low, currency)
        high = None if value.high is None else r.money(value.high, currency)
        if low and high:
            return r.t("facet.between", low=low, high=high)
        return r.t("facet.from", low=low) if low else r.t("facet.upto", high=high or "")
    if value.value in {"yes", "no"} and not value.names:
        return r.t(f"facet.{value.value}")
    return r.text(value.names) or value.value
