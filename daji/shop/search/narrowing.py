"""Filters as queries, and what hits can be narrowed by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import tantivy

from daji.shop.search import rules
from daji.shop.search.facts import STOCKS, Facet, FacetValue, Filters, Names
from daji.shop.search.schema import LOTS, SEPARATOR, is_finite, schema

MAX_VALUES = 40
MAX_TRAITS = 8
MOST_COMMON = 400
SAMPLED_FROM = 20_000
"""Hits from which on facets are counted in a sample, of half as many at least, and say so."""
STARS = (4, 3, 2)
TRAIT = "a."

_MUST = tantivy.Occur.Must
_QUANTILES = (20.0, 40.0, 60.0, 80.0)
_STEPS = tuple(zip(STARS, (None, *STARS), strict=False))
_TOP = 1 << 62
_ROUND_FROM = 100


class Labels(msgspec.Struct, kw_only=True):
    """What values of facets are called, as the products that are in the index say."""

    brands: dict[str, Names] = {}
    categories: dict[str, tuple[str, Names, str | None]] = {}
    traits: dict[str, Names] = {}
    values: dict[str, Names] = {}


def clauses(filters: Filters) -> dict[str, tantivy.Query]:
    """One query for each facet that is narrowed by, under the facet's code."""
    found: dict[str, tantivy.Query] = {}
    if filters.category_id is not None:
        found["category"] = _terms("category", [filters.category_id.hex])
    if filters.brands:
        found["brand"] = _terms("brand", filters.brands)
    for code, values in filters.attributes.items():
        found[TRAIT + code] = _terms("trait", [f"{code}{SEPARATOR}{value}" for value in values])
    if filters.price != (None, None):
        low, high = filters.price
        found["price"] = _between("price", low or 0, _TOP if high is None else high)
    if filters.rating is not None:
        found["rating"] = _between("tenths", 10 * filters.rating, _TOP)
    if filters.stock:
        found["stock"] = _terms("stock", filters.stock)
    return found


def narrow(
    query: tantivy.Query, parts: Mapping[str, tantivy.Query], *, without: str | None = None
) -> tantivy.Query:
    """`query` within the filters, which do not count for the score; `without` leaves one facet's out."""
    kept = [
        (_MUST, tantivy.Query.const_score_query(part, 0.0)) for code, part in parts.items() if code != without
    ]
    return tantivy.Query.boolean_query([(_MUST, query), *kept]) if kept else query


def _bounds(first: int | None, after: int | None) -> dict[str, int]:
    return ({} if first is None else {"from": first}) | ({} if after is None else {"to": after})


# Every end that `rules.price_steps` may choose: what lies between two of these is counted in the pass that finds out
# where ranges begin, and put together afterwards.
_GRID: tuple[int | None, ...] = (None, *rules.nice_prices(), None)
_ASKED: Mapping[str, Any] = {
    "category": {"terms": {"field": "category", "size": MOST_COMMON}},
    "brand": {"terms": {"field": "brand", "size": MOST_COMMON}},
    "trait": {"terms": {"field": "trait", "size": MOST_COMMON}},
    "stock": {"terms": {"field": "stock", "size": len(STOCKS)}},
    "rating": {"range": {"field": "tenths", "ranges": [_bounds(10 * a, b and 10 * b) for a, b in _STEPS]}},
    "price": {"percentiles": {"field": "price", "percents": list(_QUANTILES)}},
    "ends": {"stats": {"field": "price"}},
    "steps": {"range": {"field": "price", "ranges": [_bounds(*one) for one in pairwise(_GRID)]}},
}


class _Counted:
    """What was counted, of all hits or of one in `times`; the figures that come out are those of all."""

    def __init__(self, found: Mapping[str, Any], times: int) -> None:
        self._found = found
        self._times = times

    def __getitem__(self, name: str) -> Any:
        return self._found[name]

    def value(
        self, value: str, count: int, *, names: Names | None = None, chosen: bool = False
    ) -> FacetValue:
        return FacetValue(value=value, names=names or {}, count=count, chosen=chosen, about=self._times > 1)

    def scaled(self, count: float) -> int:
        """A count of all hits; one that was reckoned from a sample has two figures that mean something."""
        whole = int(count) * self._times
        if self._times == 1 or whole < _ROUND_FROM:
            return whole
        unit = 10 ** (len(str(whole)) - 2)
        return int(round(whole / unit) * unit)

    def ranges(self, name: str) -> Iterator[tuple[Mapping[str, Any], int]]:
        for bucket in self._found[name]["buckets"]:
            yield bucket, self.scaled(bucket["doc_count"])

    def between(self, name: str, low: int | None, high: int | None) -> int:
        """How many are in the buckets from `low` to below `high`."""
        inner = (
            int(bucket["doc_count"])
            for bucket in self._found[name]["buckets"]
            if (low is None or (_start(bucket) or 0) >= low)
            and (high is None or (_end(bucket) or _TOP) <= high)
        )
        return self.scaled(sum(inner))

    def buckets(self, name: str) -> Iterator[tuple[str, int]]:
        for bucket, count in self.ranges(name):
            yield str(bucket["key"]), count


class Counter:
    """Counts the hits of one query, facet by facet, each without its own choice.

    `hits` is how many there are within all filters. A pass over them costs as much as the search did, so that there is
    one, and two more for each facet that something is chosen of.
    """

    def __init__(
        self,
        searcher: tantivy.Searcher,
        query: tantivy.Query,
        filters: Filters,
        labels: Labels,
        *,
        hits: int,
    ) -> None:
        self._searcher = searcher
        self._query = query
        self._filters = filters
        self._labels = labels
        self._parts = clauses(filters)
        self._open = self._count(None, _ASKED, hits)

    def facets(self) -> tuple[Facet, ...]:
        found = [
            self._category(),
            self._price(),
            self._brand(),
            *self._traits(),
            self._rating(),
            self._stock(),
        ]
        return tuple(facet for facet in found if facet is not None and _says_something(facet))

    def _count(self, without: str | None, asked: Mapping[str, Any], hits: int | None = None) -> _Counted:
        """Count the hits, or a sample of them where they are very many."""
        query = narrow(self._query, self._parts, without=without)
        if hits is None:
            counted: Any = self._searcher.search(query, limit=1, count=True)
            hits = int(counted.count)
        lot = _lot(hits)
        if lot:
            sample = tantivy.Query.const_score_query(_terms("lot", [str(lot)]), 0.0)
            query = tantivy.Query.boolean_query([(_MUST, sample), (_MUST, query)])
        return _Counted(self._searcher.aggregate(query, dict(asked)), 1 << lot)

    def _of(self, code: str, *names: str) -> _Counted:
        """What a facet is counted in: without its own choice, if it has one."""
        if code not in self._parts:
            return self._open
        return self._count(code, {name: _ASKED[name] for name in names})

    def _category(self) -> Facet | None:
        """The categories one step below the one chosen, or the roots."""
        here = None if self._filters.category_id is None else self._filters.category_id.hex
        values = []
        for key, count in self._open.buckets("category"):
            slug, names, parent = self._labels.categories.get(key, ("", {}, None))
            if slug and parent == here:
                values.append(self._open.value(slug, count, names=names))
        return Facet(code="category", kind="choice", values=tuple(values[:MAX_VALUES]))

    def _brand(self) -> Facet | None:
        chosen = self._filters.brands
        found = self._of("brand", "brand")
        counted = dict(found.buckets("brand"))
        return Facet(
            code="brand",
            kind="choice",
            values=tuple(
                found.value(slug, count, names=self._labels.brands.get(slug, {}), chosen=slug in chosen)
                for slug, count in _with_chosen(counted, chosen)
            ),
        )

    def _traits(self) -> Iterator[Facet]:
        counted = _by_code(self._open)
        total = sum(count for _, count in self._open.buckets("stock")) or 1
        # What most of the hits can be told apart by comes first; what a handful have is no help.
        useful = sorted(
            (code for code in counted if sum(counted[code].values()) * 8 >= total),
            key=lambda code: (-sum(counted[code].values()), code),
        )
        codes = dict.fromkeys((*self._filters.attributes, *useful[:MAX_TRAITS]))
        for code in codes:
            chosen = self._filters.attributes.get(code, ())
            found = self._of(TRAIT + code, "trait")
            values = _by_code(found).get(code, {}) if chosen else counted[code]
            yield Facet(
                code=TRAIT + code,
                kind="choice",
                names=self._labels.traits.get(code, {}),
                values=tuple(
                    found.value(
                        value,
                        count,
                        names=self._labels.values.get(f"{code}{SEPARATOR}{value}", {}),
                        chosen=value in chosen,
                    )
                    for value, count in _with_chosen(values, chosen)
                ),
            )

    def _rating(self) -> Facet | None:
        found = self._of("rating", "rating")
        counts = {_start(bucket): count for bucket, count in found.ranges("rating")}
        chosen = self._filters.rating
        values, so_far = [], 0
        for stars in STARS:
            so_far += counts.get(10 * stars, 0)
            values.append(found.value(str(stars), so_far, chosen=chosen == stars))
        return Facet(
            code="rating",
            kind="range",
            values=tuple(one for one in values if one.count or one.chosen),
        )

    def _stock(self) -> Facet | None:
        found = self._of("stock", "stock")
        counted = dict(found.buckets("stock"))
        return Facet(
            code="stock",
            kind="choice",
            values=tuple(
                found.value(word, counted.get(word, 0), chosen=word in self._filters.stock)
                for word in STOCKS
                if word in counted or word in self._filters.stock
            ),
        )

    def _price(self) -> Facet | None:
        found = self._of("price", "price", "ends", "steps")
        low, high = found["ends"]["min"], found["ends"]["max"]
        if not is_finite(low) or not is_finite(high) or low == high:
            return None
        steps = rules.price_steps([found["price"]["values"][str(one)] for one in _QUANTILES])
        inner = [step for step in steps if low < step <= high]
        edges: list[int | None] = [None, *inner, None]
        values = [
            self._range(
                found, first, None if after is None else after - 1, found.between("steps", first, after)
            )
            for first, after in pairwise(edges)
        ]
        chosen = self._filters.price
        if chosen != (None, None) and not any(one.chosen for one in values):
            values.insert(
                0, self._range(self._open, *chosen, self._open.scaled(self._open["ends"]["count"] or 0))
            )
        return Facet(
            code="price",
            kind="range",
            values=tuple(one for one in values if one.count or one.chosen),
        )

    def _range(self, found: _Counted, low: int | None, high: int | None, count: int) -> FacetValue:
        return msgspec.structs.replace(
            found.value(
                f"{'' if low is None else low}-{'' if high is None else high}",
                count,
                chosen=self._filters.price == (low, high),
            ),
            low=low,
            high=high,
        )


def _lot(hits: int) -> int:
    """The lot to count in: its number says how often the hits are halved."""
    lot = 0
    while hits >= SAMPLED_FROM and lot < LOTS:
        hits, lot = hits // 2, lot + 1
    return lot


def _says_something(facet: Facet) -> bool:
    """A facet with one value that everything has narrows nothing."""
    return len(facet.values) > 1 or any(value.chosen for value in facet.values)


def _with_chosen(counted: Mapping[str, int], chosen: Sequence[str]) -> list[tuple[str, int]]:
    """The commonest values, numbers in their order, and what is chosen though nothing has it."""
    common = list(counted.items())[:MAX_VALUES]
    if common and all(_number(value) is not None for value, _ in common):
        common.sort(key=lambda one: _number(one[0]) or 0.0)
    known = {value for value, _ in common}
    return common + [(value, counted.get(value, 0)) for value in chosen if value not in known]


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _by_code(found: _Counted) -> dict[str, dict[str, int]]:
    by_code: dict[str, dict[str, int]] = {}
    for key, count in found.buckets("trait"):
        code, _, value = key.partition(SEPARATOR)
        by_code.setdefault(code, {})[value] = count
    return by_code


def _start(bucket: Mapping[str, Any]) -> int | None:
    return int(bucket["from"]) if "from" in bucket else None


def _end(bucket: Mapping[str, Any]) -> int | None:
    return int(bucket["to"]) if "to" in bucket else None


def _terms(field: str, values: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.term_set_query(schema(), field, list(values))


def _between(field: str, low: int, high: int) -> tantivy.Query:
    return tantivy.Query.range_query(schema(), field, tantivy.FieldType.Unsigned, low, high)
