"""How much a product counts besides its words, and where ranges of prices begin."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from daji.shop.search.facts import Document

HALF_SOLD = 30
"""Units sold at which half of what sales can add is added."""
PRIOR_REVIEWS = 8
PRIOR_MEAN = 4.2
NEW_DAYS = 45.0

_SALES, _STARS, _NEW = 0.5, 0.35, 0.15
_WORST = 0.6
_STOCK = {"in_stock": 1.0, "low": 0.95, "sold_out": 0.35}
_NICE = (1, 2, 5)
_RANGES = 5
_DECADES = 13
"""Of the highest price that is kept, 2^40, and one more."""


def stars(document: Document) -> float:
    """Mean of the stars, drawn to the shop's mean while there are few (a Bayesian mean)."""
    return (document.review_sum + PRIOR_REVIEWS * PRIOR_MEAN) / (document.review_count + PRIOR_REVIEWS)


def factors(document: Document, *, now: datetime) -> dict[str, float]:
    """What the score of the words is multiplied by; together at least 0.21 and at most 2.3."""
    age = max(timedelta(), now - document.listed_at) / timedelta(days=1)
    return {
        "sales": 1 + _SALES * document.sold / (document.sold + HALF_SOLD),
        "stars": max(_WORST, 1 + _STARS * (stars(document) - PRIOR_MEAN)),
        "new": 1 + _NEW * math.exp(-age / NEW_DAYS),
        "stock": _STOCK[document.stock],
    }


def weight(found: dict[str, float]) -> float:
    return math.prod(found.values())


def nice_prices() -> tuple[int, ...]:
    """Every end that `price_steps` gives, rising."""
    return tuple(step * 10**decade for decade in range(_DECADES) for step in _NICE)


def price_steps(quantiles: list[float]) -> list[int]:
    """Round ends for ranges of prices near the given quantiles, in minor units, rising, without repeats.

    An end is 1, 2 or 5 times a power of ten, so that a range reads "50 to 100" and not "47.30 to 103.99".
    """
    found: list[int] = []
    for value in quantiles:
        if not math.isfinite(value) or value < 1:
            continue
        scale = 10 ** math.floor(math.log10(value))
        nice = min((step * scale for step in (*_NICE, 10)), key=lambda one: abs(math.log(one / value)))
        if not found or nice > found[-1]:
            found.append(int(nice))
    return found[: _RANGES - 1]
