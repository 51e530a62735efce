"""A product with its SKUs, pictures and what they cost is saved in one go, or not at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.media import api as media
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing


class PriceWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a SKU shall cost in a list from now on, in minor units of the list's currency."""

    list_id: UUID
    amount: int
    compare_at: int | None = None


class SaveProduct(msgspec.Struct, frozen=True, kw_only=True):
    """`product_id` None makes a draft. `prices` stand beside `content.skus`, one tuple each."""

    content: catalog.ProductContent
    prices: tuple[tuple[PriceWish, ...], ...] = ()
    product_id: UUID | None = None
    version: int = 0


async def save_product(tx: Tx, wish: SaveProduct, *, by: str, now: datetime) -> catalog.Product:
    """Write the product and the prices in one transaction.

    Raises
    ------
    catalog.BadProduct
        Anything that is impossible or taken; `fields` point into `content`, prices as `/skus/0/prices/0/amount`.
    Stale
        Somebody changed the product since.
    pricing.PriceInThePast, catalog.ProductArchived, NotFound
    """
    await _check_pictures(tx, wish.content)
    saved = await catalog.save_product(
        tx, product_id=wish.product_id, version=wish.version, content=wish.content, by=by, now=now
    )
    sku_ids = {sku.code: sku.id for sku in saved.skus}
    lists: dict[UUID, list[tuple[str, pricing.NewPrice]]] = {}
    for index, (sku, prices) in enumerate(zip(wish.content.skus, wish.prices, strict=False)):
        for place, price in enumerate(prices):
            new = pricing.NewPrice(sku_id=sku_ids[sku.code], amount=price.amount, compare_at=price.compare_at)
            lists.setdefault(price.list_id, []).append((f"/skus/{index}/prices/{place}", new))
    for list_id in sorted(lists):
        await _set_prices(tx, list_id, lists[list_id], by=by, now=now)
    return saved


async def _set_prices(
    tx: Tx, list_id: UUID, prices: list[tuple[str, pricing.NewPrice]], *, by: str, now: datetime
) -> None:
    try:
        await pricing.set_prices(
            tx, list_id=list_id, prices=[price for _, price in prices], valid_from=now, by=by, now=now
        )
    except pricing.BadPrice as bad:
        raise catalog.BadProduct(fields=[_repointed(problem, prices) for problem in bad.fields]) from None


def _repointed(problem: FieldProblem, prices: list[tuple[str, pricing.NewPrice]]) -> FieldProblem:
    """Point from `/prices/3/amount` of the list to where the price stands in the product."""
    _, _, number, *rest = problem.pointer.split("/")
    return msgspec.structs.replace(problem, pointer="/".join((prices[int(number)][0], *rest)))


async def _check_pictures(tx: Tx, content: catalog.ProductContent) -> None:
    named = [(f"/media/{index}/media_id", one.media_id, one.kind) for index, one in enumerate(content.media)]
    named += [
        (f"/skus/{index}/media_id", sku.media_id, "image")
        for index, sku in enumerate(content.skus)
        if sku.media_id is not None
    ]
    if not named:
        return
    known = await media.find_media(tx, media_ids=[media_id for _, media_id, _ in named])
    strange = [
        FieldProblem(pointer=pointer, code="catalog.unknown_media")
        for pointer, media_id, kind in named
        if media_id not in known or known[media_id].kind != kind
    ]
    if strange:
        raise catalog.BadProduct(fields=strange)
