"""The door of search."""

from __future__ import annotations

from daji.shop.search.facts import (
    MAX_OFFSET,
    MAX_TEXT,
    SORTS,
    BrandRef,
    CategoryHit,
    CategoryRef,
    Document,
    Facet,
    FacetValue,
    Filters,
    Found,
    How,
    NotReady,
    ProductHit,
    Reason,
    Sort,
    Stock,
    Suggestions,
    Trait,
)
from daji.shop.search.index import Index, open_index
from daji.shop.search.text import warm_up

__all__ = [
    "MAX_OFFSET",
    "MAX_TEXT",
    "SORTS",
    "BrandRef",
    "CategoryHit",
    "CategoryRef",
    "Document",
    "Facet",
    "FacetValue",
    "Filters",
    "Found",
    "How",
    "Index",
    "NotReady",
    "ProductHit",
    "Reason",
    "Sort",
    "Stock",
    "Suggestions",
    "Trait",
    "open_index",
    "warm_up",
]
