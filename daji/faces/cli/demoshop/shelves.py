"""Fill the shelves: categories, brands, goods with pictures and prices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.base.media import api as media
from daji.boot import House
from daji.faces.cli.demoshop import pictures
from daji.faces.cli.demoshop.goods import (
    Goods,
    Names,
    choices,
    drawn_in,
    names_of,
    schema_of,
    sold_here,
)
from daji.faces.cli.demoshop.places import BY, CURRENCY
from daji.kit.db import Session, Tx
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

CHANNEL = "web"
_PAINTERS = 2

Pictures = Mapping[tuple[str, str], UUID]
"""Picture of a product in a colour."""


async def paint(house: House, *, now: datetime, done: Callable[[], None]) -> Pictures:
    """Draw and keep every picture, a few at a time; `done` is called after each."""
    goods = sold_here()
    turn = asyncio.Semaphore(_PAINTERS)

    async def one(product: Goods, colour: str) -> tuple[tuple[str, str], UUID]:
        async with turn:
            content = await asyncio.to_thread(
                pictures.draw, product.shape, goods.colours[colour].hex, product.category
            )
            kept = await media.store(
                house.db,
                storage=house.storage,
                content=content,
                declared_type="image/jpeg",
                owner=BY,
                purpose="demo",
                now=now,
            )
            done()
            return (product.code, colour), kept.id

    asked = [one(product, colour) for product in goods.products for colour in drawn_in(product)]
    return dict(await asyncio.gather(*asked))


async def put_up(tx: Tx, *, shown: Pictures, seller_id: UUID, now: datetime) -> None:
    """Write brands, categories and goods, still as drafts.

    Raises
    ------
    catalog.CodeTaken
        When some of them are there already.
    """
    goods = sold_here()
    brands = {
        one.code: (await catalog.create_brand(tx, code=one.code, names=names_of(one), by=BY, now=now)).id
        for one in goods.brands
    }
    categories = {
        one.code: (
            await catalog.create_category(
                tx,
                code=one.code,
                names=names_of(one),
                attribute_schema=schema_of(one),
                position=n,
                by=BY,
                now=now,
            )
        ).id
        for n, one in enumerate(goods.categories)
    }
    for n, product in enumerate(_mixed(goods.products)):
        new = _product(product, brands, categories, seller_id, shown)
        await catalog.create_product(tx, product=new, by=BY, now=now + timedelta(minutes=n))


async def sku_ids(session: Session) -> Mapping[str, UUID]:
    """The demo goods' SKUs by code; those that are not there yet are absent."""
    codes = [one.code for product in sold_here().products for one in choices(product)]
    return await catalog.sku_ids_by_code(session, codes=codes)


async def open_doors(tx: Tx, *, skus: Mapping[str, UUID], now: datetime) -> None:
    """List the goods and price them: from now on the shop sells."""
    offers = [one for product in sold_here().products for one in choices(product)]
    owners = await catalog.skus_for_sale(tx, sku_ids=list(skus.values()))
    for product_id in dict.fromkeys(sku.product_id for sku in owners):
        await catalog.change_status(tx, product_id=product_id, verb="list", by=BY, now=now)
    await pricing.save_channel(tx, code=CHANNEL, name="Web", currency=CURRENCY, lang="zh", now=now)
    prices = await pricing.save_list(tx, code="retail", channel=CHANNEL, currency=CURRENCY, now=now)
    await pricing.set_prices(
        tx,
        list_id=prices.id,
        prices=[
            pricing.NewPrice(sku_id=skus[one.code], amount=one.amount, compare_at=one.was) for one in offers
        ],
        valid_from=now,
        by=BY,
        now=now,
    )


def _mixed(products: Sequence[Goods]) -> list[Goods]:
    """Take turns among the categories, so that the newest goods are some of each."""
    turns: dict[str, int] = {}
    order: list[tuple[int, Goods]] = []
    for product in products:
        turn = turns[product.category] = turns.get(product.category, 0) + 1
        order.append((turn, product))
    return [product for _, product in sorted(order, key=lambda one: one[0])]


def _product(
    product: Goods,
    brands: Mapping[str, UUID],
    categories: Mapping[str, UUID],
    seller_id: UUID,
    shown: Pictures,
) -> catalog.NewProduct:
    return catalog.NewProduct(
        code=product.code,
        category_id=categories[product.category],
        brand_id=brands[product.brand] if product.brand else None,
        seller_id=seller_id if product.seller else None,
        texts={
            lang: catalog.Text(title=text.title, subtitle=text.subtitle, description=text.description)
            for lang, text in (("zh", product.zh), ("en", product.en))
        },
        attributes=product.attributes,
        options=_options(product),
        # The page puts the chosen SKU's own picture first, if it is not among the product's.
        media=(
            catalog.MediaRef(
                media_id=shown[product.code, product.colours[0]], alt=_alt(product, product.colours[0])
            ),
        ),
        skus=tuple(
            catalog.NewSku(
                code=one.code,
                option_values=one.values,
                weight_g=one.weight_g,
                media_id=shown.get((product.code, one.values.get("colour", ""))),
            )
            for one in choices(product)
        ),
    )


def _options(product: Goods) -> tuple[catalog.Option, ...]:
    found: list[catalog.Option] = []
    if not product.plain:
        known = sold_here().colours
        values = [
            catalog.OptionValue(code=code, names={"zh": known[code].zh, "en": known[code].en})
            for code in product.colours
        ]
        found.append(
            catalog.Option(code="colour", names={"zh": "颜色", "en": "Colour"}, values=tuple(values))
        )
    if product.sizes:
        values = [
            catalog.OptionValue(code=one.code, names={"zh": one.zh, "en": one.en}) for one in product.sizes
        ]
        found.append(catalog.Option(code="size", names={"zh": "规格", "en": "Size"}, values=tuple(values)))
    return tuple(found)


def _alt(product: Goods, colour: str) -> Names:
    words = sold_here().colours[colour]
    return {"zh": f"{product.zh.title}，{words.zh}", "en": f"{product.en.title}, {words.en.lower()}"}
