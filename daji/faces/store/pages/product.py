"""A product: its pictures, its choices, the way to the reader's door, what buyers say."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from daji.faces.store import keeping, region, seo
from daji.faces.store.markets import HOME
from daji.faces.store.pages.browse import crumbs
from daji.faces.store.pages.forms import PAGE
from daji.faces.store.pages.scene import Here, Reader, Scene
from daji.kit import ids
from daji.kit.problems import NotFound
from daji.views import store_browse
from daji.views.store_browse import Delivery, ProductScreen
from daji.views.store_product import ProductPage, SkuOffer, get_product_page

SCORES = (5, 4, 3, 2, 1)
# The viewer's parts bring style elements of their own into their shadow trees, and read models as blobs.
VIEWER_POLICY = (
    "default-src 'self'; script-src 'self' 'strict-dynamic' 'nonce-{nonce}' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


@get("/p/{slug:str}", opt=keeping.page(PAGE, ends_with="any"), include_in_schema=False)
async def product(scene: Here, slug: FromPath[str]) -> Response[str]:
    """Show a product.

    `?sku=` chooses one of its SKUs, `?to=` the province to send to, `?stars=` and `?pictured=` narrow its reviews,
    which `?reviews=` turns a page of.
    """
    given = scene.request.query_params
    stars = given.get("stars")
    score = int(stars) if stars in {str(one) for one in SCORES} else None
    async with scene.house.db.read() as session:
        found = await store_browse.get_product_screen(
            session,
            slug=slug,
            channel=scene.channel,
            at=scene.now,
            reviews_cursor=given.get("reviews"),
            score=score,
            pictured=bool(given.get("pictured")),
        )
    chosen = choose(found.product, given.get("sku"))
    place = region.choose(scene.request) if scene.market.country == HOME else ""
    return await scene.show(
        "product.html",
        screen=found,
        product=found.product,
        chosen=chosen,
        choices=choices(found.product, chosen),
        way=found.delivery(chosen, country=scene.market.country, region=place, at=scene.now)
        if chosen
        else None,
        place=place,
        places=region.names(),
        island=island(scene, found, place),
        score=score,
        scores=SCORES,
        pictured=bool(given.get("pictured")),
        turned=bool(given.get("reviews")),
        seo=_seo(scene, found, chosen),
    )


@get("/p/{slug:str}/3d", opt=PAGE, include_in_schema=False)
async def model(scene: Here, slug: FromPath[str]) -> Response[str]:
    """Turn the product around, or put it into the room where the device can."""
    async with scene.house.db.read() as session:
        found = await get_product_page(session, slug=slug, channel=scene.channel, at=scene.now)
    if found.model_id is None:
        raise NotFound(kind="product")
    answer = await scene.show("model.html", product=found)
    answer.headers["Content-Security-Policy"] = VIEWER_POLICY.format(nonce=scene.nonce)
    return answer


def _seo(scene: Scene, found: ProductScreen, chosen: SkuOffer | None) -> seo.Seo:
    r, goods = scene.reader, found.product
    text = goods.texts.get(scene.lang) or next(iter(goods.texts.values()))
    page = scene.seo(kind="product", picture=seo.picture_of(scene.origin, next(iter(goods.gallery), None)))
    about = seo.product(
        goods,
        address=page.canonical,
        origin=scene.origin,
        text={"name": text.title, "description": text.description or text.subtitle},
        brand=r.text(goods.brand),
        reviews=found.reviews.items,
        chosen=chosen,
    )
    trail = [(r.text(step.names), f"/c/{step.slug}") for step in goods.trail]
    return msgspec.structs.replace(
        page, data=(about, crumbs(scene, [*trail, (text.title, f"/p/{goods.slug}")]))
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


def choices(
    product: ProductPage, chosen: SkuOffer | None
) -> dict[tuple[str, str], tuple[SkuOffer, bool] | None]:
    """For each option value the SKU that choosing it leads to, and whether that can be bought.

    It is the one that keeps most of what is chosen already; None when no SKU has the value.
    """
    kept = chosen.option_values if chosen else {}
    found: dict[tuple[str, str], tuple[SkuOffer, bool] | None] = {}
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
            found[option.code, value.code] = None if best is None else (best, best.buyable)
    return found


def island(scene: Scene, found: ProductScreen, place: str) -> list[dict[str, Any]]:
    """What a script needs to switch between SKUs without asking: every word of it is said already."""
    r = scene.reader
    return [
        {
            "id": ids.show("sku", sku.id),
            "options": sku.option_values,
            "price": list(r.price(sku.amount, sku.currency))
            if sku.amount is not None and sku.currency
            else None,
            "was": r.money(sku.compare_at, sku.currency) if sku.compare_at and sku.currency else None,
            "off": r.off(sku.amount, sku.compare_at) if sku.compare_at and sku.amount is not None else None,
            "stock": sku.stock,
            "says": r.t("stock.left", n=sku.left) if sku.left else r.t(f"stock.{sku.stock}"),
            "way": say_way(r, found.delivery(sku, country=scene.market.country, region=place, at=scene.now)),
            "buyable": sku.buyable,
            "picture": _slide(found.product, sku.media_id),
        }
        for sku in found.product.skus
    ]


def say_way(r: Reader, way: Delivery | None) -> str:
    """What the way costs and when the goods are there, in one line."""
    if way is None:
        return r.t("front.way_none")
    if way.fee is None or way.by is None:
        return r.t("product.freight_by_address")
    fee = r.t("front.way_free") if way.fee == 0 else r.t("front.way_fee", fee=r.money(way.fee, way.currency))
    return r.t("front.way_by", day=r.day(way.by), fee=fee)


def _slide(product: ProductPage, media_id: UUID | None) -> int | None:
    gallery = product.gallery
    return gallery.index(media_id) if media_id in gallery else None


ROUTES = [product, model]
