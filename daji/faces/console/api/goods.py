"""Goods as people work on them: the table, the editor's one save, deeds on many, prices of many, and what was done."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import BrandId, CategoryId, MediaId, PriceListId, ProductId, SkuId
from daji.faces.console.api.products import MediaIn
from daji.faces.console.asking import Acting, Actor, HouseGiven, Lang, Now, Once, P, can
from daji.faces.console.audited import Deed, write_once
from daji.faces.console.wire import answer
from daji.flows import bulk_goods, reprice_goods, save_product
from daji.kit import ids
from daji.kit.paging import Page
from daji.kit.problems import Forbidden
from daji.shop.catalog import api as catalog
from daji.views import console_goods, console_product

TAG = ["Catalogue"]
Note = Annotated[str, msgspec.Meta(max_length=2000)]
Percent = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,4})?$", examples=["-10"])]
When = Annotated[datetime, msgspec.Meta(tz=True)]
Products = Annotated[tuple[ProductId, ...], msgspec.Meta(min_length=1, max_length=bulk_goods.MAX_PRODUCTS)]


class PriceWishIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a SKU costs in a list from now on, in minor units of the list's currency."""

    list_id: PriceListId
    amount: int
    compare_at: int | None = None

    def fact(self) -> save_product.PriceWish:
        return save_product.PriceWish(
            list_id=ids.read("prl", self.list_id), amount=self.amount, compare_at=self.compare_at
        )


class SkuRowIn(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the variant matrix; without `id` a new SKU. Prices that are not named stay."""

    code: str
    id: SkuId | None = None
    option_values: dict[str, str] = {}
    barcode: str | None = None
    weight_g: int = 0
    size_mm: tuple[int, int, int] | None = None
    media_id: MediaId | None = None
    prices: tuple[PriceWishIn, ...] = ()

    def fact(self) -> catalog.SkuContent:
        return catalog.SkuContent(
            id=None if self.id is None else ids.read("sku", self.id),
            code=self.code,
            option_values=self.option_values,
            barcode=self.barcode or None,
            weight_g=self.weight_g,
            size_mm=self.size_mm,
            media_id=None if self.media_id is None else ids.read("med", self.media_id),
        )


class GoodsIn(msgspec.Struct, frozen=True, kw_only=True):
    """A whole product as the editor shows it; active SKUs that are not named are retired."""

    code: str
    category_id: CategoryId
    texts: dict[str, catalog.Text]
    brand_id: BrandId | None = None
    slug: str | None = None
    attributes: dict[str, Any] = {}
    options: tuple[catalog.Option, ...] = ()
    media: tuple[MediaIn, ...] = ()
    skus: tuple[SkuRowIn, ...] = ()

    def wish(self, product_id: UUID | None = None, version: int = 0) -> save_product.SaveProduct:
        return save_product.SaveProduct(
            product_id=product_id,
            version=version,
            prices=tuple(tuple(price.fact() for price in sku.prices) for sku in self.skus),
            content=catalog.ProductContent(
                code=self.code,
                category_id=ids.read("cat", self.category_id),
                texts=self.texts,
                brand_id=None if self.brand_id is None else ids.read("brd", self.brand_id),
                slug=self.slug or None,
                attributes=self.attributes,
                options=self.options,
                media=tuple(one.fact() for one in self.media),
                skus=tuple(sku.fact() for sku in self.skus),
            ),
        )


class GoodsEdit(GoodsIn, frozen=True, kw_only=True):
    """The product at `version`, whole."""

    version: int


class BulkIn(msgspec.Struct, frozen=True, kw_only=True):
    """`publish` puts up for sale, `retire` takes off sale; `move` needs a category, `brand` takes one or none."""

    products: Products
    verb: bulk_goods.Verb
    category_id: CategoryId | None = None
    brand_id: BrandId | None = None
    note: Note = ""


class RepriceIn(msgspec.Struct, frozen=True, kw_only=True):
    """New prices in `to_list`, made of those in `from_list`: first `percent`, then `amount`, then a multiple of `step`."""

    products: Products
    from_list: PriceListId
    to_list: PriceListId
    percent: Percent = "0"
    amount: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)] = 0
    step: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 1
    valid_from: When | None = None
    valid_to: When | None = None

    def wish(self) -> reprice_goods.Reprice:
        return reprice_goods.Reprice(
            product_ids=tuple(ids.read("prd", one) for one in self.products),
            from_list=ids.read("prl", self.from_list),
            to_list=ids.read("prl", self.to_list),
            percent=Decimal(self.percent),
            amount=self.amount,
            step=self.step,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class RepriceSure(RepriceIn, frozen=True, kw_only=True):
    """What a preview showed (`digest`); `confirmed` says that doubtful prices are meant."""

    digest: str
    confirmed: bool = False


@get(
    "/goods",
    opt=can(P.CATALOG_READ),
    summary="Products with prices and stock",
    operation_id="console_list_goods",
    responses=answers(Page[console_goods.GoodsRow], "Products that meet all that is given.", 404, 422),
    tags=TAG,
)
async def list_goods(
    house: HouseGiven,
    now: Now,
    category: FromQuery[str | None] = None,
    brand: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
    low: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter has no other way in
    sort: FromQuery[str] = "newest",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List products of any status; a category stands for its whole subtree, `low` for little left to sell."""
    async with house.db.read() as session:
        found = await console_goods.list_goods(
            session,
            at=now,
            channel=channel,
            category_id=None if category is None else ids.read("cat", category),
            brand_id=None if brand is None else ids.read("brd", brand),
            status=status,
            text=text,
            low=low,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@get(
    "/products/{product:str}/screen",
    opt=can(P.CATALOG_READ),
    summary="Everything an editor needs of a product",
    operation_id="console_product_screen",
    responses=answers(console_product.ProductScreen, "With categories, lists, prices now and stock.", 404),
    tags=TAG,
)
async def product_screen(product: FromPath[str], house: HouseGiven, now: Now) -> Response[bytes]:
    """Show a product with what surrounds it."""
    async with house.db.read() as session:
        return answer(
            await console_product.get_product_screen(session, product_id=ids.read("prd", product), at=now)
        )


@get(
    "/products/{product:str}/revisions",
    opt=can(P.CATALOG_READ),
    summary="What was changed of a product, value by value",
    operation_id="console_product_revisions",
    responses=answers(Page[console_goods.Revision], "The last first.", 404, 422),
    tags=TAG,
)
async def list_revisions(
    product: FromPath[str],
    house: HouseGiven,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Show who changed what, from what to what."""
    async with house.db.read() as session:
        found = await console_goods.list_revisions(
            session, product_id=ids.read("prd", product), cursor=cursor, limit=limit
        )
    return answer(found)


def _may_price(actor: Actor, data: GoodsIn) -> None:
    """Setting prices takes a permission of its own, by whatever route. Raises Forbidden."""
    if any(sku.prices for sku in data.skus) and not actor.may(P.PRICING_WRITE):
        raise Forbidden


@post(
    "/goods",
    opt=can(P.CATALOG_WRITE, once=True),
    summary="Make a product with its whole variant matrix",
    operation_id="console_make_goods",
    responses=answers(catalog.Product, "The draft.", 400, 404, 409, 422, status=201),
    tags=TAG,
)
async def make_goods(
    data: JSONBody[GoodsIn], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Make a draft with SKUs and prices, all or nothing; `fields` point at whatever is wrong."""
    _may_price(actor, data)
    wish = data.wish()
    deed = Deed(action="catalog.create_product", kind="product", given=data)
    made = await write_once(
        house,
        actor,
        once,
        deed,
        lambda tx: save_product.save_product(tx, wish, by=actor.by, now=now),
        gives=catalog.Product,
        now=now,
    )
    return answer(made, status=201)


@put(
    "/goods/{product:str}",
    opt=can(P.CATALOG_WRITE, once=True),
    summary="Save a product with its whole variant matrix",
    operation_id="console_save_goods",
    responses=answers(catalog.Product, "As it is now.", 400, 404, 409, 422),
    tags=TAG,
)
async def save_goods(
    product: FromPath[str],
    data: JSONBody[GoodsEdit],
    actor: Acting,
    once: Once,
    house: HouseGiven,
    now: Now,
) -> Response[bytes]:
    """Write words, pictures, SKUs and prices at once; 409 `stale_version` when somebody was faster."""
    _may_price(actor, data)
    wish = data.wish(ids.read("prd", product), data.version)
    deed = Deed(action="catalog.save_product", kind="product", subject=product, given=data)
    saved = await write_once(
        house,
        actor,
        once,
        deed,
        lambda tx: save_product.save_product(tx, wish, by=actor.by, now=now),
        gives=catalog.Product,
        now=now,
    )
    return answer(saved)


@post(
    "/goods/bulk",
    opt=can(P.CATALOG_WRITE, once=True),
    status_code=200,
    summary="Do one thing to many products",
    operation_id="console_bulk_goods",
    responses=answers(
        bulk_goods.BulkDone, "A row for each product, with the reason where it was refused.", 400, 404, 422
    ),
    tags=TAG,
)
async def bulk(
    data: JSONBody[BulkIn], actor: Acting, once: Once, house: HouseGiven, now: Now, lang: Lang
) -> Response[bytes]:
    """Publish, retire, archive, move or brand; what is refused leaves the others done."""
    wish = bulk_goods.BulkGoods(
        product_ids=tuple(ids.read("prd", one) for one in data.products),
        verb=data.verb,
        category_id=None if data.category_id is None else ids.read("cat", data.category_id),
        brand_id=None if data.brand_id is None else ids.read("brd", data.brand_id),
        note=data.note,
    )
    done = await write_once(
        house,
        actor,
        once,
        Deed(action=f"catalog.bulk_{data.verb}", kind="product", given=data),
        lambda tx: bulk_goods.bulk_goods(tx, wish, by=actor.by, now=now),
        gives=bulk_goods.BulkDone,
        now=now,
    )
    told = tuple(
        msgspec.structs.replace(
            row, reason=house.catalogue.text(lang, f"problems.{row.code}.title", **row.params)
        )
        if row.code
        else row
        for row in done.rows
    )
    return answer(msgspec.structs.replace(done, rows=told))


@post(
    "/goods/prices/preview",
    opt=can(P.PRICING_WRITE),
    status_code=200,
    summary="Show what new prices would be",
    operation_id="console_preview_prices",
    responses=answers(reprice_goods.RepricePreview, "Every SKU, with doubts where a price jumps.", 404, 422),
    tags=TAG,
)
async def preview_prices(data: JSONBody[RepriceIn], house: HouseGiven, now: Now) -> Response[bytes]:
    """Work out the prices of many products and write nothing."""
    wish = data.wish()
    async with house.db.read() as session:
        return answer(await reprice_goods.preview(session, wish, now=now))


@post(
    "/goods/prices",
    opt=can(P.PRICING_WRITE, once=True),
    status_code=200,
    summary="Set the prices that a preview showed",
    operation_id="console_reprice_goods",
    responses=answers(reprice_goods.Repriced, "How many SKUs cost something else.", 400, 404, 409, 422),
    tags=TAG,
)
async def set_prices(
    data: JSONBody[RepriceSure], actor: Acting, once: Once, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Set them all or none; doubtful ones only when they are confirmed."""
    wish = data.wish()
    deed = Deed(action="pricing.reprice", kind="price_list", subject=data.to_list, given=data)
    done = await write_once(
        house,
        actor,
        once,
        deed,
        lambda tx: reprice_goods.reprice(
            tx, wish, digest=data.digest, confirmed=data.confirmed, by=actor.by, now=now
        ),
        gives=reprice_goods.Repriced,
        now=now,
    )
    return answer(done)


ROUTES = [
    list_goods,
    product_screen,
    list_revisions,
    make_goods,
    save_goods,
    bulk,
    preview_prices,
    set_prices,
]
