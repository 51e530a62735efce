"""Filters as queries, and what hits can be narrowed by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import tantivy

from daji.shop.search import rules
from daji.shop.search.facts import Facet, FacetValue, Filters, Names
from daji.shop.search.schema import SEPARATOR, is_finite, schema

MAX_VALUES = 40
MAX_TRAITS = 8
MOST_COMMON = 400
STARS = (4, 3, 2)
STOCK = ("in_stock", "low", "sold_out")
TRAIT = "a."

_MUST = tantivy.Occur.Must
_QUANTILES = (20.0, 40.0, 60.0, 80.0)
_STEPS = tuple(zip(STARS, (None, *STARS), strict=False))
_TOP = 1 << 62


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


class Counter:
    """Counts the hits of one query, facet by facet, each without its own choice."""

    def __init__(
        self, searcher: tantivy.Searcher, query: tantivy.Query, filters: Filters, labels: Labels
    ) -> None:
        self._searcher = searcher
        self._query = query
        self._filters = filters
        self._labels = labels
        self._parts = clauses(filters)
        self._open = self._count(None)

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

    def _count(self, without: str | None) -> Mapping[str, Any]:
        asked = {
            "category": {"terms": {"field": "category", "size": MOST_COMMON}},
            "brand": {"terms": {"field": "brand", "size": MOST_COMMON}},
            "trait": {"terms": {"field": "trait", "size": MOST_COMMON}},
            "stock": {"terms": {"field": "stock", "size": len(STOCK)}},
            "rating": {
                "range": {"field": "tenths", "ranges": [_bounds(10 * a, b and 10 * b) for a, b in _STEPS]}
            },
            "price": {"percentiles": {"field": "price", "percents": list(_QUANTILES)}},
            "ends": {"stats": {"field": "price"}},
        }
        return self._searcher.aggregate(narrow(self._query, self._parts, without=without), asked)

    def _of(self, code: str) -> Mapping[str, Any]:
        return self._count(code) if code in self._parts else self._open

    def _category(self) -> Facet | None:
        """The categories one step below the one chosen, or the roots."""
        here = None if self._filters.category_id is None else self._filters.category_id.hex
        values = []
        for key, count in _buckets(self._open["category"]):
            slug, names, parent = self._labels.categories.get(key, ("", {}, None))
            if slug and parent == here:
                values.append(FacetValue(value=slug, names=names, count=count, chosen=False))
        return Facet(code="category", kind="choice", values=tuple(values[:MAX_VALUES]))

    def _brand(self) -> Facet | None:
        chosen = self._filters.brands
        counted = dict(_buckets(self._of("brand")["brand"]))
        return Facet(
            code="brand",
            kind="choice",
            values=tuple(
                FacetValue(
                    value=slug, names=self._labels.brands.get(slug, {}), count=count, chosen=slug in chosen
                )
                for slug, count in _with_chosen(counted, chosen)
            ),
        )

    def _traits(self) -> Iterator[Facet]:
        counted = _by_code(self._open["trait"])
        total = sum(count for _, count in _buckets(self._open["stock"])) or 1
        # What most of the hits can be told apart by comes first; what a handful have is no help.
        useful = sorted(
            (code for code in counted if sum(counted[code].values()) * 8 >= total),
            key=lambda code: (-sum(counted[code].values()), code),
        )
        codes = dict.fromkeys((*self._filters.attributes, *useful[:MAX_TRAITS]))
        for code in codes:
            chosen = self._filters.attributes.get(code, ())
            values = _by_code(self._of(TRAIT + code)["trait"]).get(code, {}) if chosen else counted[code]
            yield Facet(
                code=TRAIT + code,
                kind="choice",
                names=self._labels.traits.get(code, {}),
                values=tuple(
                    FacetValue(
                        value=value,
                        names=self._labels.values.get(f"{code}{SEPARATOR}{value}", {}),
                        count=count,
                        chosen=value in chosen,
                    )
                    for value, count in _with_chosen(values, chosen)
                ),
            )

    def _rating(self) -> Facet | None:
        counts = {_start(bucket): bucket["doc_count"] for bucket in self._of("rating")["rating"]["buckets"]}
        chosen = self._filters.rating
        values, so_far = [], 0
        for stars in STARS:
            so_far += counts.get(10 * stars, 0)
            values.append(FacetValue(value=str(stars), count=so_far, chosen=chosen == stars))
        return Facet(
            code="rating", kind="range", values=tuple(one for one in values if one.count or one.chosen)
        )

    def _stock(self) -> Facet | None:
        counted = dict(_buckets(self._of("stock")["stock"]))
        return Facet(
            code="stock",
            kind="choice",
            values=tuple(
                FacetValue(value=word, count=counted.get(word, 0), chosen=word in self._filters.stock)
                for word in STOCK
                if word in counted or word in self._filters.stock
            ),
        )

    def _price(self) -> Facet | None:
        found = self._of("price")
        low, high = found["ends"]["min"], found["ends"]["max"]
        if not is_finite(low) or not is_finite(high) or low == high:
            return None
        steps = rules.price_steps([found["price"]["values"][str(one)] for one in _QUANTILES])
        inner = [step for step in steps if low < step <= high]
        edges: list[int | None] = [None, *inner, None]
        ranges = list(pairwise(edges))
        query = narrow(self._query, self._parts, without="price")
        counted = self._searcher.aggregate(
            query,
            {"price": {"range": {"field": "price", "ranges": [_bounds(*one) for one in ranges]}}},
        )["price"]["buckets"]
        counts = {(_start(one), _end(one)): one["doc_count"] for one in counted}
        values = [
            _price_value(
                first, None if after is None else after - 1, counts.get((first, after), 0), self._filters
            )
            for first, after in ranges
        ]
        chosen = self._filters.price
        if chosen != (None, None) and not any(one.chosen for one in values):
            values.insert(0, _price_value(*chosen, self._open["ends"]["count"] or 0, self._filters))
        return Facet(
            code="price", kind="range", values=tuple(one for one in values if one.count or one.chosen)
        )


def _price_value(low: int | None, high: int | None, count: int, filters: Filters) -> FacetValue:
    return FacetValue(
        value=f"{'' if low is None else low}-{'' if high is None else high}",
        count=int(count),
        chosen=filters.price == (low, high),
        low=low,
        high=high,
    )


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


def _by_code(found: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    by_code: dict[str, dict[str, int]] = {}
    for key, count in _buckets(found):
        code, _, value = key.partition(SEPARATOR)
        by_code.setdefault(code, {})[value] = count
    return by_code


def _buckets(found: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for bucket in found["buckets"]:
        yield str(bucket["key"]), int(bucket["doc_count"])


def _start(bucket: Mapping[str, Any]) -> int | None:
    return int(bucket["from"]) if "from" in bucket else None


def _end(bucket: Mapping[str, Any]) -> int | None:
    return int(bucket["to"]) if "to" in bucket else None


def _bounds(first: int | None, after: int | None) -> dict[str, int]:
    return ({} if first is None else {"from": first}) | ({} if after is None else {"to": after})


def _terms(field: str, values: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.term_set_query(schema(), field, list(values))


def _between(field: str, low: int, high: int) -> tantivy.Query:
    return tantivy.Query.range_query(schema(), field, tantivy.FieldType.Unsigned, low, high)
