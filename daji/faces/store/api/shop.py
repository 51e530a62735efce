"""What there is to buy."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from daji.faces.store.api.docs import refuses
from daji.faces.store.api.wire_shop import (
    CardPage,
    CardWire,
    CategoryList,
    CategoryWire,
    ProductWire,
    ReviewPage,
    ReviewWire,
)
from daji.faces.store.buyer import CHANNEL, PUBLIC, HouseGiven, Now
from daji.kit import ids
from daji.shop.catalog import api as catalog
from daji.shop.reviews import api as reviews
from daji.views import store_cards, store_product

Cursor = Annotated[
    str | None, QueryParameter(description="`next_cursor` of the page before", max_length=2000)
]
Limit = Annotated[int | None, QueryParameter(description="Items on the page, 20 unless said", ge=1, le=100)]


@get("/categories", opt=PUBLIC, summary="The category tree", tags=["shop"], responses=refuses())
async def categories(house: HouseGiven) -> CategoryList:
    """Give all categories, parents before children."""
    async with house.db.read() as session:
        found = await catalog.list_categories(session)
    return CategoryList(items=tuple(CategoryWire.of(one) for one in found))


@get("/products", opt=PUBLIC, summary="Products", tags=["shop"], responses=refuses(404, 422))
async def products(
    house: HouseGiven,
    now: Now,
    category: Annotated[
        str | None, QueryParameter(description="Id of a category; its subtree counts")
    ] = None,
    q: Annotated[str | None, QueryParameter(description="Text in titles, or a whole SKU code")] = None,
    sort: FromQuery[Literal["newest", "price_up", "price_down", "title"]] = "newest",
    cursor: Cursor = None,
    limit: Limit = None,
) -> CardPage:
    """List what is for sale, with prices and stock of this moment."""
    category_id = ids.read("cat", category) if category else None
    async with house.db.read() as session:
        page = await store_cards.list_cards(
            session,
            channel=CHANNEL,
            at=now,
            category_id=category_id,
            text=q,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    return CardPage(items=tuple(CardWire.of(card) for card in page.items), next_cursor=page.next_cursor)


@get("/products/{product:str}", opt=PUBLIC, summary="One product", tags=["shop"], responses=refuses(404))
async def product(house: HouseGiven, now: Now, product: FromPath[str]) -> ProductWire:
    """Show a product by id or slug, with options, SKUs, prices, stock and stars."""
    product_id = ids.read("prd", product) if product.startswith("prd_") else None
    async with house.db.read() as session:
        return ProductWire.of(
            await store_product.get_product_page(
                session,
                channel=CHANNEL,
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


ROUTES = [categories, products, product, product_reviews]
