"""Create a product with its SKUs, as a draft."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, NotFound
from daji.shop.catalog import attributes, naming, record, rules
from daji.shop.catalog.facts import NewProduct, NewSku, Product, Sku
from daji.shop.catalog.problems import BadProduct, CodeTaken, SlugTaken
from daji.shop.catalog.store import products, tree, writes


async def create_product(tx: Tx, *, product: NewProduct, by: str, now: datetime) -> Product:
    """Create a draft.

    Raises
    ------
    BadProduct
        Texts, attributes (by the category's schema), options or SKUs are impossible; `fields` say where.
    CodeTaken
        The product code or a SKU code exists.
    SlugTaken
        The slug asked for exists.
    NotFound
        No such category or brand.
    """
    problems = (
        rules.check_code(product.code, "/code")
        + rules.check_texts(product.texts)
        + rules.check_options(product.options)
        + rules.check_media(product.media)
        + rules.check_skus(product.skus, product.options)
    )
    if product.slug is not None:
        problems += rules.check_slug(product.slug, "/slug")
    if not rules.storable(product):
        problems.append(FieldProblem(pointer="", code="catalog.not_storable"))
    if problems:
        raise BadProduct(fields=problems)
    await tree.lock_names(tx)
    await check_places(tx, category_id=product.category_id, brand_id=product.brand_id)
    if problems := attributes.check(await tree.schemas(tx, product.category_id), product.attributes):
        raise BadProduct(fields=problems)
    slug = await _names(tx, product)
    made = _build(product, slug=slug, now=now)
    await write_draft(tx, made, by=by, now=now)
    return made


async def write_draft(tx: Tx, made: Product, *, by: str, now: datetime) -> None:
    """Write a product that is new, with the first entry of its history."""
    await writes.insert_products(tx, [made])
    if made.skus:
        await writes.insert_skus(tx, made.skus, now)
    await writes.insert_history(tx, [record.entry(made, verb="create", by=by, at=now, diff={})])
    record.tell(tx, made, now)


async def check_places(tx: Tx, *, category_id: UUID, brand_id: UUID | None) -> None:
    """Raise NotFound unless the category, and the brand when there is one, exist."""
    if await tree.category(tx, category_id) is None:
        raise NotFound(kind="category")
    if brand_id is not None and await tree.brand(tx, brand_id) is None:
        raise NotFound(kind="brand")


async def _names(tx: Tx, product: NewProduct) -> str:
    """Make sure that the codes are free, and choose the slug."""
    if await products.code_exists(tx, product.code):
        raise CodeTaken(kind="product", value=product.code)
    if taken_codes := await products.sku_owners(tx, [sku.code for sku in product.skus]):
        raise CodeTaken(kind="sku", value=min(taken_codes))
    wanted = product.slug or naming.slug({lang: text.title for lang, text in product.texts.items()})
    taken = (await tree.taken_slugs(tx, products=[wanted])).product
    if product.slug in taken:
        raise SlugTaken(slug=wanted)
    return naming.free_slug(wanted, taken)


def _build(product: NewProduct, *, slug: str, now: datetime) -> Product:
    product_id = ids.new_id()
    return Product(
        id=product_id,
        seller_id=product.seller_id,
        code=product.code,
        slug=slug,
        category_id=product.category_id,
        brand_id=product.brand_id,
        status="draft",
        texts=product.texts,
        attributes=product.attributes,
        options=product.options,
        media=product.media,
        skus=tuple(build_sku(product_id, sku) for sku in product.skus),
        version=1,
        created_at=now,
        listed_at=None,
        image_names=product.image_names,
    )


def build_sku(product_id: UUID, sku: NewSku) -> Sku:
    return Sku(
        id=ids.new_id(),
        product_id=product_id,
        code=sku.code,
        barcode=sku.barcode,
        option_values=sku.option_values,
        weight_g=sku.weight_g,
        size_mm=sku.size_mm,
        status="active",
        media_id=sku.media_id,
    )
