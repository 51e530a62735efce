"""Fill the shelves: categories, brands, goods with pictures and prices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.base.media import api as media
from daji.boot import House
from daji.faces.cli.demoshop import shots
from daji.faces.cli.demoshop.abroad import shops
from daji.faces.cli.demoshop.goods import Goods, Names, choices, names_of, schema_of, sold_here
from daji.faces.cli.demoshop.places import BY, CURRENCY
from daji.kit.db import Session, Tx
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing

CHANNEL = "web"
MINI = "mini"
CHANNELS = {CHANNEL: "网店 · Web", MINI: "小程序 · Mini program"}
"""Where the demo shop sells in its own currency, with the names that staff read; `abroad` names the others."""
_AT_ONCE = 4
_PURPOSE = "demo"

Pictures = Mapping[str, UUID]
"""Kept pictures by the name of the shot, models by `<product>.glb`."""


async def hang(house: House, *, now: datetime, done: Callable[[], None]) -> Pictures:
    """Keep every picture and model, a few at a time; `done` is called after each picture."""
    goods = sold_here()
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> tuple[str, UUID]:
        async with turn:
            kept = await _keep(house, name, now)
            done()
            return name, kept.id

    async def model(product: Goods, content: bytes) -> tuple[str, UUID]:
        async with turn:
            kept = await media.keep_model(
                house.db, storage=house.storage, content=content, owner=BY, purpose=_PURPOSE, now=now
            )
            return f"{product.code}.glb", kept.id

    asked = [one(name) for name in pictures_wanted()]
    models = [model(product, found) for product in goods.products if (found := shots.model_of(product))]
    return dict(await asyncio.gather(*asked, *models))


def pictures_wanted() -> tuple[str, ...]:
    """Every shot that some product shows."""
    return tuple(dict.fromkeys(name for product in sold_here().products for name in shots.wanted(product)))


async def _keep(house: House, name: str, now: datetime) -> media.Media:
    ready = await asyncio.to_thread(shots.prepared, name)
    return await media.keep_prepared(
        house.db, storage=house.storage, prepared=ready, owner=BY, purpose=_PURPOSE, now=now
    )


async def put_up(tx: Tx, *, kept: Pictures, seller_id: UUID, now: datetime) -> None:
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
    categories = await _plant_tree(tx, now)
    for n, product in enumerate(_mixed(goods.products)):
        new = _product(product, brands, categories, seller_id, kept)
        await catalog.create_product(tx, product=new, by=BY, now=now + timedelta(minutes=n))


async def _plant_tree(tx: Tx, now: datetime) -> Mapping[str, UUID]:
    """Write the categories, roots first; ids by code."""
    goods = sold_here()
    planted: dict[str, UUID] = {}
    parents = {one.code: one.parent for one in goods.categories}
    schemas = {one.code: schema_of(one) for one in goods.categories}
    for n, one in enumerate((*goods.roots, *goods.categories)):
        parent = parents.get(one.code)
        category = await catalog.create_category(
            tx,
            code=one.code,
            names=names_of(one),
            parent_id=planted[parent] if parent else None,
            attribute_schema=schemas.get(one.code),
            position=n,
            by=BY,
            now=now,
        )
        planted[one.code] = category.id
    return planted


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
    for code, name in CHANNELS.items():
        await pricing.save_channel(tx, code=code, name=name, currency=CURRENCY, lang="zh", now=now)
    for shop in shops():
        await pricing.save_channel(
            tx, code=shop.channel, name=shop.name, currency=shop.currency, lang=shop.lang, now=now
        )
    asked = [pricing.NewPrice(sku_id=skus[one.code], amount=one.amount, compare_at=one.was) for one in offers]
    for (channel, currency), prices in priced(asked).items():
        found = await pricing.save_list(
            tx, code=price_list(channel), channel=channel, currency=currency, now=now
        )
        await pricing.set_prices(tx, list_id=found.id, prices=prices, valid_from=now, by=BY, now=now)


def priced(offers: Sequence[pricing.NewPrice]) -> Mapping[tuple[str, str], Sequence[pricing.NewPrice]]:
    """What is asked at home, by channel and currency: the same, or as it is there."""
    found: dict[tuple[str, str], Sequence[pricing.NewPrice]] = {(code, CURRENCY): offers for code in CHANNELS}
    for shop in shops():
        there = []
        for one in offers:
            amount, was = shop.prices(one.amount, one.compare_at)
            there.append(pricing.NewPrice(sku_id=one.sku_id, amount=amount, compare_at=was))
        found[shop.channel, shop.currency] = there
    return found


def price_list(channel: str) -> str:
    """Code of a channel's price list."""
    return "retail" if channel == CHANNEL else f"retail-{channel}"


def _mixed(products: Sequence[Goods]) -> list[Goods]:
    """Take turns among the categories, so that the newest goods are some of each."""
    turns: dict[str, int] = {}
    order: list[tuple[int, Goods]] = []
    for product in products:
        turn = turns[product.category] = turns.get(product.category, 0) + 1
        order.append((turn, product))
    return [product for _, product in sorted(order, key=lambda one: one[0], reverse=True)]


def _product(
    product: Goods,
    brands: Mapping[str, UUID],
    categories: Mapping[str, UUID],
    seller_id: UUID,
    kept: Pictures,
) -> catalog.NewProduct:
    by_colour = shots.shown(product)
    first = product.colours[0]
    sides = (by_colour[first], *shots.angles(product))
    model = kept.get(f"{product.code}.glb")
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
        # The page adds the pictures of the SKUs that are not among the product's.
        media=(
            *(catalog.MediaRef(media_id=kept[side], alt=_alt(product, first)) for side in sides),
            *([catalog.MediaRef(media_id=model, alt=_alt(product, first), kind="model3d")] if model else []),
        ),
        skus=tuple(
            catalog.NewSku(
                code=one.code,
                option_values=one.values,
                weight_g=one.weight_g,
                media_id=kept.get(by_colour.get(one.values.get("colour", ""), "")),
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
