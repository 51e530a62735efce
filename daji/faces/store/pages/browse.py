"""Looking around: home, categories, search, a product."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from daji.faces.http import state
from daji.faces.store.api.wire_shop import average
from daji.faces.store.buyer import CHANNEL, Asked, find_owner
from daji.faces.store.pages.forms import PAGE
from daji.faces.store.pages.scene import LANGUAGES, PRIVATE, Here
from daji.kit import ids
from daji.kit.problems import NotFound, Problem
from daji.views import store_browse, store_cards
from daji.views.store_product import ProductPage, SkuOffer


@get("/", opt=PAGE, include_in_schema=False)
async def root(request: Asked) -> Response[None]:
    """Send a reader to the shop in their language."""
    lang = state.lang(request)
    chosen = lang if lang in LANGUAGES else LANGUAGES[0]
    return Response(
        None,
        status_code=302,
        headers={**PRIVATE, "Location": f"/{chosen}/", "Vary": "Accept-Language, Cookie"},
    )


@get("/", opt=PAGE, include_in_schema=False)
async def home(scene: Here) -> Response[str]:
    """Show the categories and the newest products."""
    async with scene.house.db.read() as session:
        newest = await store_cards.list_cards(session, channel=CHANNEL, at=scene.now, limit=12)
    return await scene.show("home.html", cards=newest.items, average=average)


@get("/c/{slug:str}", opt=PAGE, include_in_schema=False)
async def category(scene: Here, slug: FromPath[str]) -> Response[str]:
    """Show a category with what lies below it."""
    given = scene.request.query_params
    sort = _sort(given.get("sort"))
    async with scene.house.db.read() as session:
        found = await store_browse.get_category_page(
            session,
            slug=slug,
            owner=find_owner(scene.principal),
            channel=CHANNEL,
            at=scene.now,
            sort=sort,
            cursor=given.get("cursor"),
        )
    return await scene.show(
        "category.html", shell=found.shell, page=found, sort=sort, sorts=store_cards.SORTS, average=average
    )


@get("/search", opt=PAGE, include_in_schema=False)
async def search(scene: Here) -> Response[str]:
    """Find products by words."""
    given = scene.request.query_params
    text, sort = given.get("q", "").strip(), _sort(given.get("sort"))
    context: dict[str, Any] = {"q": text, "sort": sort, "sorts": store_cards.SORTS, "average": average}
    if not text:
        return await scene.show("search.html", page=None, **context)
    try:
        async with scene.house.db.read() as session:
            page = await store_cards.list_cards(
                session,
                channel=CHANNEL,
                at=scene.now,
                text=text,
                sort=sort,
                cursor=given.get("cursor"),
                limit=24,
            )
    except Problem as problem:
        return await scene.show("search.html", problem=problem, page=None, **context)
    return await scene.show("search.html", page=page, **context)


@get("/p/{slug:str}", opt=PAGE, include_in_schema=False)
async def product(scene: Here, slug: FromPath[str]) -> Response[str]:
    """Show a product; `?sku=` chooses one of its SKUs, `?reviews=` turns the reviews' page."""
    given = scene.request.query_params
    async with scene.house.db.read() as session:
        found = await store_browse.get_product_screen(
            session, slug=slug, channel=CHANNEL, at=scene.now, reviews_cursor=given.get("reviews")
        )
    chosen = choose(found.product, given.get("sku"))
    return await scene.show(
        "product.html",
        screen=found,
        product=found.product,
        chosen=chosen,
        choices=choices(found.product, chosen),
        average=average,
        turned=bool(given.get("reviews")),
    )


def choose(product: ProductPage, wanted: str | None) -> SkuOffer | None:
    """The SKU asked for, else the first that can be bought, else the first; NotFound for one of another product."""
    if wanted:
        sku_id = ids.read("sku", wanted)
        for sku in product.skus:
            if sku.id == sku_id:
                return sku
        raise NotFound(kind="sku")
    return next((sku for sku in product.skus if sku.buyable), product.skus[0] if product.skus else None)


def choices(product: ProductPage, chosen: SkuOffer | None) -> dict[tuple[str, str], tuple[UUID, bool] | None]:
    """For each option value the SKU that choosing it leads to, and whether that can be bought.

    It is the one that keeps most of what is chosen already; None when no SKU has the value.
    """
    kept = chosen.option_values if chosen else {}
    found: dict[tuple[str, str], tuple[UUID, bool] | None] = {}
    for option in product.options:
        for value in option.values:
            fitting = [sku for sku in product.skus if sku.option_values.get(option.code) == value.code]
            best = max(
                fitting,
                key=lambda sku: (
                    sum(sku.option_values.get(code) == choice for code, choice in kept.items()),
                    sku.buyable,
                ),
                default=None,
            )
            found[option.code, value.code] = None if best is None else (best.id, best.buyable)
    return found


def _sort(asked: str | None) -> str:
    return asked if asked in store_cards.SORTS else store_cards.SORTS[0]


ROUTES = [home, category, search, product]
