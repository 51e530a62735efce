"""What there is to buy."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from daji.faces.http.kept import Keep
from daji.faces.store import markets
from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire_search import ListingPage, SuggestionsWire
from daji.faces.store.api.wire_shop import (
    CategoryList,
    CategoryWire,
    ProductWire,
    ReviewPage,
    ReviewWire,
)
from daji.faces.store.buyer import PUBLIC, Asked, HouseGiven, Lang, Now
from daji.faces.store.listing import read_filters
from daji.kit import ids
from daji.shop.catalog import api as catalog
from daji.shop.reviews import api as reviews
from daji.views import store_find, store_product

Cursor = Annotated[
    str | None, QueryParameter(description="`next_cursor` of the page before", max_length=2000)
]
Limit = Annotated[int | None, QueryParameter(description="Items on the page, 20 unless said", ge=1, le=100)]


_FACTS = {**PUBLIC, "kept": Keep()}
_FOUND = {**PUBLIC, "kept": Keep(ends_with="index")}


@get("/categories", opt=_FACTS, summary="The category tree", tags=["shop"], responses=refuses())
async def categories(house: HouseGiven) -> CategoryList:
    """Give all categories, parents before children."""
    async with house.db.read() as session:
        found = await catalog.list_categories(session)
    return CategoryList(items=tuple(CategoryWire.of(one) for one in found))


@get("/products", opt=_FOUND, summary="Products", tags=["shop"], responses=refuses(404, 422))
async def products(
    request: Asked,
    house: HouseGiven,
    now: Now,
    at_market: markets.Given,
    *,
    category: Annotated[
        str | None, QueryParameter(description="Id of a category; its subtree counts")
    ] = None,
    q: Annotated[
        str | None,
        QueryParameter(description="Words in any language, pinyin or its initials, or a SKU code"),
    ] = None,
    sort: FromQuery[Literal["rank", "newest", "price_up", "price_down", "sales", "rating", "title"]] = "rank",
    brand: Annotated[list[str] | None, QueryParameter(description="Slugs of brands, any of them")] = None,
    price: Annotated[
        str | None,
        QueryParameter(
            description="Range in minor units, both ends included: `5000-10000`, `5000-`, `-10000`"
        ),
    ] = None,
    rating: Annotated[int | None, QueryParameter(description="At least so many stars", ge=1, le=5)] = None,
    stock: Annotated[
        list[Literal["in_stock", "low", "sold_out"]] | None, QueryParameter(description="States of stock")
    ] = None,
    explain: Annotated[bool, QueryParameter(description="Say why each stands where it stands")] = False,
    cursor: Cursor = None,
    limit: Limit = None,
) -> ListingPage:
    """List what is for sale, with prices and stock of this moment.

    Attributes and options narrow the list as `a.<code>=<value>`, as the facets of the answer name them.
    """
    narrowed = {"brand": brand, "price": price, "rating": rating, "stock": stock}
    filters = msgspec.structs.replace(
        read_filters(request.query_params, given=narrowed),
        category_id=ids.read("cat", category) if category else None,
    )
    async with house.db.read() as session:
        listing = await store_find.list_found(
            session,
            markets.index_of(house, at_market.channel),
            text=q,
            channel=at_market.channel,
            at=now,
            filters=filters,
            sort=sort,
            cursor=cursor,
            limit=limit,
            explain=explain,
        )
    return ListingPage.of(listing, explain=explain)


@get("/suggest", opt=PUBLIC, summary="Suggestions while typing", tags=["shop"], responses=refuses())
async def suggest(
    house: HouseGiven,
    lang: Lang,
    at_market: markets.Given,
    q: Annotated[str, QueryParameter(description="What was typed so far", max_length=200)] = "",
    limit: Annotated[int, QueryParameter(description="Most products and queries", ge=1, le=20)] = 8,
) -> SuggestionsWire:
    """Offer queries, categories and products that begin like this; popular queries for nothing."""
    return SuggestionsWire.of(
        store_find.suggest(markets.index_of(house, at_market.channel), text=q, lang=lang, limit=limit)
    )


@get("/products/{product:str}", opt=_FACTS, summary="One product", tags=["shop"], responses=refuses(404))
async def product(
    house: HouseGiven, now: Now, at_market: markets.Given, product: FromPath[str]
) -> ProductWire:
    """Show a product by id or slug, with options, SKUs, prices, stock and stars."""
    product_id = ids.read("prd", product) if product.startswith("prd_") else None
    async with house.db.read() as session:
        return ProductWire.of(
            await store_product.get_product_page(
                session,
                channel=at_market.channel,
                at=now,
                product_id=product_id,
                slug=product if product_id is None else None,
            )
        )


@get(
    "/products/{product:str}/reviews",
    opt=PUBLIC,
    summary="Reviews of a product",
    tags=["shop"],
    responses=refuses(404, 422),
)
async def product_reviews(
    house: HouseGiven, product: FromPath[str], cursor: Cursor = None, limit: Limit = None
) -> ReviewPage:
    """List the shown reviews, the newest first."""
    async with house.db.read() as session:
        page = await reviews.list_for_product(
            session, product_id=ids.read("prd", product), cursor=cursor, limit=limit
        )
    return ReviewPage(items=tuple(ReviewWire.of(one) for one in page.items), next_cursor=page.next_cursor)


ROUTES = [categories, products, suggest, product, product_reviews]
