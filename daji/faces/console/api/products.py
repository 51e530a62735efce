"""Products: read, make, change, list and delist; their SKUs and their history."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from litestar import Response, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody

from daji.faces.console.api.docs import answers
from daji.faces.console.api.inputs import BrandId, CategoryId, MediaId, SellerId
from daji.faces.console.asking import Acting, HouseGiven, Now, P, can
from daji.faces.console.audited import Deed, write
from daji.faces.console.wire import answer
from daji.kit import ids
from daji.kit.paging import Page
from daji.shop.catalog import api as catalog

TAG = ["Catalogue"]


class MediaIn(msgspec.Struct, frozen=True, kw_only=True):
    media_id: MediaId
    alt: dict[str, str] = {}
    kind: Literal["image", "model3d"] = "image"

    def fact(self) -> catalog.MediaRef:
        return catalog.MediaRef(media_id=ids.read("med", self.media_id), alt=self.alt, kind=self.kind)


class SkuIn(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU to add: one choice of every option; grams and millimetres."""

    code: str
    option_values: dict[str, str] = {}
    barcode: str | None = None
    weight_g: int = 0
    size_mm: tuple[int, int, int] | None = None
    media_id: MediaId | None = None

    def fact(self) -> catalog.NewSku:
        return catalog.NewSku(
            code=self.code,
            option_values=self.option_values,
            barcode=self.barcode,
            weight_g=self.weight_g,
            size_mm=self.size_mm,
            media_id=None if self.media_id is None else ids.read("med", self.media_id),
        )


class ProductIn(msgspec.Struct, frozen=True, kw_only=True):
    """A product to make, as a draft; the slug is made from the title when none is given."""

    code: str
    category_id: CategoryId
    texts: dict[str, catalog.Text]
    seller_id: SellerId | None = None
    brand_id: BrandId | None = None
    slug: str | None = None
    attributes: dict[str, Any] = {}
    options: tuple[catalog.Option, ...] = ()
    media: tuple[MediaIn, ...] = ()
    skus: tuple[SkuIn, ...] = ()

    def fact(self) -> catalog.NewProduct:
        return catalog.NewProduct(
            code=self.code,
            category_id=ids.read("cat", self.category_id),
            texts=self.texts,
            seller_id=None if self.seller_id is None else ids.read("sel", self.seller_id),
            brand_id=None if self.brand_id is None else ids.read("brd", self.brand_id),
            slug=self.slug,
            attributes=self.attributes,
            options=self.options,
            media=tuple(one.fact() for one in self.media),
            skus=tuple(one.fact() for one in self.skus),
        )


class ProductEdit(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of the product at `version`; a field left out stays, one given is replaced as a whole."""

    version: int
    category_id: CategoryId | msgspec.UnsetType = msgspec.UNSET
    brand_id: BrandId | msgspec.UnsetType | None = msgspec.UNSET
    slug: str | msgspec.UnsetType = msgspec.UNSET
    texts: dict[str, catalog.Text] | msgspec.UnsetType = msgspec.UNSET
    attributes: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    options: tuple[catalog.Option, ...] | msgspec.UnsetType = msgspec.UNSET
    media: tuple[MediaIn, ...] | msgspec.UnsetType = msgspec.UNSET

    def fact(self) -> catalog.ProductChanges:
        unset = msgspec.UNSET
        brand = self.brand_id
        return catalog.ProductChanges(
            category_id=unset
            if isinstance(self.category_id, msgspec.UnsetType)
            else ids.read("cat", self.category_id),
            brand_id=ids.read("brd", brand) if isinstance(brand, str) else brand,
            slug=self.slug,
            texts=self.texts,
            attributes=self.attributes,
            options=self.options,
            media=unset
            if isinstance(self.media, msgspec.UnsetType)
            else tuple(one.fact() for one in self.media),
        )


class StatusVerb(msgspec.Struct, frozen=True, kw_only=True):
    verb: Literal["submit", "approve", "reject", "list", "delist", "relist", "archive"]
    note: str = ""


@get(
    "/products",
    opt=can(P.CATALOG_READ),
    summary="List products",
    operation_id="console_list_products",
    responses=answers(Page[catalog.ProductCard], "Products that meet all that is given.", 422),
    tags=TAG,
)
async def list_products(
    house: HouseGiven,
    category: FromQuery[str | None] = None,
    brand: FromQuery[str | None] = None,
    seller: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    sort: FromQuery[str] = "newest",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """List products of any status; a category stands for its whole subtree."""
    async with house.db.read() as session:
        found = await catalog.list_products(
            session,
            category_id=None if category is None else ids.read("cat", category),
            brand_id=None if brand is None else ids.read("brd", brand),
            seller_id=None if seller is None else ids.read("sel", seller),
            status=status,
            text=text,
            sort=sort,
            cursor=cursor,
            limit=limit,
        )
    return answer(found)


@post(
    "/products",
    opt=can(P.CATALOG_WRITE),
    summary="Make a product",
    operation_id="console_create_product",
    responses=answers(catalog.Product, "The draft.", 404, 409, 422, status=201),
    tags=TAG,
)
async def create_product(
    data: JSONBody[ProductIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Make a draft, with SKUs or without; the attributes obey the schema of the category."""
    product = data.fact()
    made = await write(
        house,
        actor,
        Deed(action="catalog.create_product", kind="product"),
        lambda tx: catalog.create_product(tx, product=product, by=actor.by, now=now),
        now=now,
    )
    return answer(made, status=201)


@get(
    "/products/{product:str}",
    opt=can(P.CATALOG_READ),
    summary="One product",
    operation_id="console_get_product",
    responses=answers(catalog.Product, "The product with its SKUs, the retired ones last.", 404),
    tags=TAG,
)
async def get_product(product: FromPath[str], house: HouseGiven) -> Response[bytes]:
    """Show a product."""
    async with house.db.read() as session:
        return answer(await catalog.get_product(session, product_id=ids.read("prd", product)))


@patch(
    "/products/{product:str}",
    opt=can(P.CATALOG_WRITE),
    summary="Change a product",
    operation_id="console_update_product",
    responses=answers(catalog.Product, "As it is now.", 404, 409, 422),
    tags=TAG,
)
async def update_product(
    product: FromPath[str], data: JSONBody[ProductEdit], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Change a product; 409 `stale_version` when somebody changed it since."""
    which, changes = ids.read("prd", product), data.fact()
    after = await write(
        house,
        actor,
        Deed(action="catalog.update_product", kind="product", subject=product),
        lambda tx: catalog.update_product(
            tx, product_id=which, version=data.version, changes=changes, by=actor.by, now=now
        ),
        before=lambda tx: catalog.get_product(tx, product_id=which),
        now=now,
    )
    return answer(after)


@post(
    "/products/{product:str}/status",
    opt=can(P.CATALOG_WRITE),
    status_code=200,
    summary="Submit, approve, reject, list, delist, relist or archive",
    operation_id="console_change_product_status",
    responses=answers(catalog.Product, "In its new status.", 404, 409, 422),
    tags=TAG,
)
async def change_status(
    product: FromPath[str], data: JSONBody[StatusVerb], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Move a product along its states; what is not open in its status answers 409."""
    after = await write(
        house,
        actor,
        Deed(action=f"catalog.{data.verb}_product", kind="product", subject=product),
        lambda tx: catalog.change_status(
            tx, product_id=ids.read("prd", product), verb=data.verb, by=actor.by, now=now, note=data.note
        ),
        now=now,
    )
    return answer(after)


@post(
    "/products/{product:str}/skus",
    opt=can(P.CATALOG_WRITE),
    summary="Add a SKU",
    operation_id="console_add_sku",
    responses=answers(catalog.Sku, "The new SKU.", 404, 409, 422, status=201),
    tags=TAG,
)
async def add_sku(
    product: FromPath[str], data: JSONBody[SkuIn], actor: Acting, house: HouseGiven, now: Now
) -> Response[bytes]:
    """Add an active SKU."""
    which, sku = ids.read("prd", product), data.fact()
    made = await write(
        house,
        actor,
        Deed(action="catalog.add_sku", kind="sku"),
        lambda tx: catalog.add_sku(tx, product_id=which, sku=sku, by=actor.by, now=now),
        now=now,
    )
    return answer(made, status=201)


@post(
    "/skus/{sku:str}/retire",
    opt=can(P.CATALOG_WRITE),
    status_code=200,
    summary="Take a SKU out of sale for good",
    operation_id="console_retire_sku",
    responses=answers(catalog.Sku, "Retired.", 404),
    tags=TAG,
)
async def retire_sku(sku: FromPath[str], actor: Acting, house: HouseGiven, now: Now) -> Response[bytes]:
    """Retire a SKU; one that is retired stays so."""
    which = ids.read("sku", sku)
    done = await write(
        house,
        actor,
        Deed(action="catalog.retire_sku", kind="sku", subject=sku),
        lambda tx: catalog.retire_sku(tx, sku_id=which, by=actor.by, now=now),
        now=now,
    )
    return answer(done)


@get(
    "/products/{product:str}/history",
    opt=can(P.CATALOG_READ),
    summary="What was done to a product",
    operation_id="console_product_history",
    responses=answers(Page[catalog.HistoryEntry], "The last first.", 422),
    tags=TAG,
)
async def list_history(
    product: FromPath[str],
    house: HouseGiven,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Show who changed what, and when."""
    async with house.db.read() as session:
        found = await catalog.list_history(
            session, product_id=ids.read("prd", product), cursor=cursor, limit=limit
        )
    return answer(found)


ROUTES = [
    list_products,
    create_product,
    get_product,
    update_product,
    change_status,
    add_sku,
    retire_sku,
    list_history,
]
