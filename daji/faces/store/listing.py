"""Filters of a list in its address: `?brand=yunzao&a.colour=celadon&price=5000-10000&rating=4&stock=in_stock`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from litestar.datastructures import MultiDict

from daji.kit.problems import FieldProblem, Invalid
from daji.shop.search import api as search
from daji.views.store_cards import Stock

ATTRIBUTE = "a."
_MAX_VALUE = 200
_PRICE = re.compile(r"(\d{0,12})-(\d{0,12})", re.ASCII)
_STARS = frozenset("12345")
_STOCK: tuple[str, ...] = get_args(Stock)


def read_filters(query: MultiDict[Any], *, given: Mapping[str, object] | None = None) -> search.Filters:
    """Read the filters of a query string, the category excepted; what is no filter is left alone.

    `given` are parameters that the route has read already; they stand instead of the query's own.

    Raises
    ------
    Invalid
        Naming the parameter.
    """
    pairs = [(name, value) for name, value in query.multi_items() if name not in (given or {})]
    for name, value in (given or {}).items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value]) if one is not None]
    brands: dict[str, None] = {}
    stock: dict[str, None] = {}
    attributes: dict[str, dict[str, None]] = {}
    price: tuple[int | None, int | None] = (None, None)
    rating: int | None = None
    for name, raw in pairs:
        value = str(raw).strip()
        if not value:
            continue
        if len(name) + len(value) > _MAX_VALUE or not value.isprintable():
            raise _wrong(name, "wrong_type")
        if name == "brand":
            brands[value] = None
        elif name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
            attributes.setdefault(name.removeprefix(ATTRIBUTE), {})[value] = None
        elif name == "price":
            price = _price(value)
        elif name == "rating":
            rating = _rating(value)
        elif name == "stock":
            if value not in _STOCK:
                raise _wrong(name, "unknown_value", allowed=_STOCK)
            stock[value] = None
    found = search.Filters(
        brands=tuple(brands),
        attributes={code: tuple(values) for code, values in attributes.items()},
        price=price,
        rating=rating,
        stock=tuple(stock),
    )
    found.check()
    return found


def write_filters(filters: search.Filters, *, toggle: tuple[str, str] | None = None) -> list[tuple[str, str]]:
    """The filters as pairs of a query string, with one value put in, or taken out where it was in.

    The category is part of the address itself, and a cursor of the list before would be no cursor of this one.
    """
    low, high = filters.price
    pairs = [("brand", value) for value in filters.brands]
    pairs += [
        (ATTRIBUTE + code, value) for code, values in sorted(filters.attributes.items()) for value in values
    ]
    if (low, high) != (None, None):
        pairs.append(("price", f"{'' if low is None else low}-{'' if high is None else high}"))
    if filters.rating is not None:
        pairs.append(("rating", str(filters.rating)))
    pairs += [("stock", value) for value in filters.stock]
    if toggle is None:
        return pairs
    if toggle in pairs:
        return [pair for pair in pairs if pair != toggle]
    # A range is one choice: the new one takes the old one's place.
    single = toggle[0] in {"price", "rating"}
    return [pair for pair in pairs if not (single and pair[0] == toggle[0])] + [toggle]


def _price(value: str) -> tuple[int | None, int | None]:
    match = _PRICE.fullmatch(value)
    if match is None:
        raise _wrong("price", "wrong_type")
    low, high = (int(end) if end else None for end in match.groups())
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high


def _rating(value: str) -> int:
    if value not in _STARS:
        raise _wrong("rating", "unknown_value", allowed=tuple(sorted(_STARS)))
    return int(value)


def _wrong(name: str, code: Literal["wrong_type", "unknown_value"], **params: Any) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer=name[:_MAX_VALUE], code=code, params=params),))
