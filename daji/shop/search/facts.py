"""What goes into the index and what comes out. Names by language are `{"zh": …, "en": …}`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.problems import FieldProblem, Invalid

Names = dict[str, str]
How = Literal["all", "exact", "close", "partial"]
Stock = Literal["in_stock", "low", "sold_out"]
Sort = Literal["rank", "newest", "price_up", "price_down", "sales", "rating", "title"]

STOCKS: tuple[Stock, ...] = ("in_stock", "low", "sold_out")
SORTS: tuple[Sort, ...] = ("rank", "newest", "price_up", "price_down", "sales", "rating", "title")
MAX_TEXT = 200
MAX_OFFSET = 10_000
_MAX_CHOICES = 50


class CategoryRef(msgspec.Struct, frozen=True, kw_only=True):
    """A category on a product's way from the root."""

    id: UUID
    slug: str
    names: Names


class BrandRef(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    names: Names


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """A property that products are narrowed by: an attribute, or a choice of an option such as a colour."""

    code: str
    names: Names
    value: str
    value_names: Names = {}


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A listed product as the index knows it.

    `categories` run from the root to the product's own. `price` is the lowest of its SKUs now, in minor units of the
    channel's currency. `sold` counts units of the last 90 days; `review_sum` adds up the stars.
    """

    product_id: UUID
    slug: str
    titles: Names
    subtitles: Names
    codes: tuple[str, ...]
    brand: BrandRef | None
    categories: tuple[CategoryRef, ...]
    traits: tuple[Trait, ...]
    price: int | None
    stock: Stock
    sold: int
    review_count: int
    review_sum: int
    listed_at: datetime


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What to narrow by: values of one facet are alternatives, facets add up.

    `price` is in minor units with both ends included, None for an open end; `rating` is the least mean of stars.
    """

    category_id: UUID | None = None
    brands: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = {}
    price: tuple[int | None, int | None] = (None, None)
    rating: int | None = None
    stock: tuple[str, ...] = ()

    @property
    def chosen(self) -> int:
        """How many values are chosen, the category left out."""
        return (
            len(self.brands)
            + sum(len(values) for values in self.attributes.values())
            + (self.price != (None, None))
            + (self.rating is not None)
            + len(self.stock)
        )

    def check(self) -> None:
        """Refuse what nobody chooses by hand.

        Raises
        ------
        Invalid
            For more values than a page offers.
        """
        if self.chosen > _MAX_CHOICES:
            raise Invalid(
                fields=(
                    FieldProblem(
                        pointer="filters", code="catalog.too_many", params={"maximum": _MAX_CHOICES}
                    ),
                )
            )


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    """`count` is how many hits there are when this one is chosen besides the other facets' choices.

    `about` says that there are so many that they were reckoned from a sample. `low` and `high` are the ends of a price
    range, both included.
    """

    value: str
    names: Names = {}
    count: int
    chosen: bool
    about: bool = False
    low: int | None = None
    high: int | None = None


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """What the hits can be narrowed by; `code` is also the name of the query parameter."""

    code: str
    kind: Literal["choice", "range"]
    names: Names = {}
    values: tuple[FacetValue, ...]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a hit stands where it stands: `score` = `text` × the product of the factors.

    `text` is the BM25 score of the words (1 without words); `factors` are what sales, stars, age and stock make of it.
    """

    score: float
    text: float
    factors: dict[str, float]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the hits. `how` says what had to be forgiven: `close` a typo, `partial` some of the words."""

    product_ids: tuple[UUID, ...]
    total: int
    how: How
    facets: tuple[Facet, ...] = ()
    reasons: dict[UUID, Reason] = {}


class CategoryHit(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    names: Names


class ProductHit(msgspec.Struct, frozen=True, kw_only=True):
    product_id: UUID
    slug: str
    names: Names


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who began to type might mean."""

    queries: tuple[str, ...] = ()
    categories: tuple[CategoryHit, ...] = ()
    products: tuple[ProductHit, ...] = ()


class NotReady(Exception):
    """The index of this process is still being built."""
