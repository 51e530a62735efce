"""Lists, facets and suggestions, on the wire."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from daji.faces.store.api.wire_shop import CardWire, Slug
from daji.kit import ids
from daji.shop.search import api as search
from daji.views.store_find import Listing


class FacetValueWire(msgspec.Struct, frozen=True, kw_only=True):
    """One choice of a facet; `low` and `high` are the ends of a price range in minor units.

    `about` says that there are so many hits that they were reckoned from a sample.
    """

    value: Annotated[str, msgspec.Meta(examples=["celadon"])]
    names: Annotated[dict[str, str], msgspec.Meta(examples=[{"zh": "青瓷", "en": "Celadon"}])]
    count: Annotated[int, msgspec.Meta(examples=[12])]
    chosen: bool
    about: bool = False
    low: int | None = None
    high: int | None = None


class FacetWire(msgspec.Struct, frozen=True, kw_only=True):
    """What the list can be narrowed by; `code` is the name of the query parameter."""

    code: Annotated[str, msgspec.Meta(examples=["a.colour"])]
    kind: Literal["choice", "range"]
    names: Annotated[dict[str, str], msgspec.Meta(examples=[{"zh": "颜色", "en": "Colour"}])]
    values: tuple[FacetValueWire, ...]

    @classmethod
    def of(cls, facet: search.Facet) -> FacetWire:
        return cls(
            code=facet.code,
            kind=facet.kind,
            names=facet.names,
            values=tuple(
                FacetValueWire(
                    value=one.value,
                    names=one.names,
                    count=one.count,
                    chosen=one.chosen,
                    about=one.about,
                    low=one.low,
                    high=one.high,
                )
                for one in facet.values
            ),
        )


class ReasonWire(msgspec.Struct, frozen=True, kw_only=True):
    """Why a product stands where it stands: `score` = `text` × the product of the factors."""

    product: str
    score: Annotated[float, msgspec.Meta(examples=[8.412])]
    text: Annotated[float, msgspec.Meta(examples=[7.1])]
    factors: Annotated[
        dict[str, float], msgspec.Meta(examples=[{"sales": 1.31, "stars": 1.02, "stock": 1.0}])
    ]


class ListingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of products. `how`: `close` forgave typing errors, `partial` found only some of the words."""

    items: tuple[CardWire, ...]
    next_cursor: str | None
    total: Annotated[int, msgspec.Meta(examples=[36])] | None = None
    how: Literal["all", "exact", "close", "partial"] = "all"
    facets: tuple[FacetWire, ...] = ()
    reasons: tuple[ReasonWire, ...] = ()

    @classmethod
    def of(cls, listing: Listing, *, explain: bool) -> ListingPage:
        return cls(
            items=tuple(CardWire.of(card) for card in listing.cards),
            next_cursor=listing.next_cursor,
            total=listing.total,
            how=listing.how,
            facets=tuple(FacetWire.of(facet) for facet in listing.facets),
            reasons=tuple(
                ReasonWire(
                    product=ids.show("prd", product_id),
                    score=reason.score,
                    text=reason.text,
                    factors=reason.factors,
                )
                for product_id, reason in listing.reasons.items()
            )
            if explain
            else (),
        )


class CategoryHitWire(msgspec.Struct, frozen=True, kw_only=True):
    slug: Slug
    names: dict[str, str]


class ProductHitWire(msgspec.Struct, frozen=True, kw_only=True):
    id: Annotated[str, msgspec.Meta(examples=["prd_01jd0v9k2m8e6t4r7w3y5z1a2b"])]
    slug: Slug
    names: dict[str, str]


class SuggestionsWire(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who began to type might mean."""

    queries: Annotated[tuple[str, ...], msgspec.Meta(examples=[["保温杯"]])]
    categories: tuple[CategoryHitWire, ...]
    products: tuple[ProductHitWire, ...]

    @classmethod
    def of(cls, found: search.Suggestions) -> SuggestionsWire:
        return cls(
            queries=found.queries,
            categories=tuple(CategoryHitWire(slug=one.slug, names=one.names) for one in found.categories),
            products=tuple(
                ProductHitWire(id=ids.show("prd", one.product_id), slug=one.slug, names=one.names)
                for one in found.products
            ),
        )
