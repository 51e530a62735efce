"""Prices of many products move by a percentage or an amount, after somebody has seen what each will be."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from daji.flows.bulk_goods import check_products
from daji.kit.db import Session, Tx
from daji.kit.problems import FieldProblem, Invalid
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing


class Reprice(msgspec.Struct, frozen=True, kw_only=True):
    """Every active SKU of the products gets a price in `to_list`, made of the one in `from_list`.

    `percent` is added first (-10 takes a tenth off), then `amount` in minor units; the result is rounded to a multiple
    of `step` minor units, half up. With two lists this also puts goods into a list that they are not in.
    """

    product_ids: tuple[UUID, ...]
    from_list: UUID
    to_list: UUID
    percent: Decimal = Decimal(0)
    amount: int = 0
    step: int = 1
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class RepriceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU: what it costs in the list now (None: nothing), what it would; `doubts` are words of the mis-price guard."""

    sku_id: UUID
    sku_code: str
    product_id: UUID
    titles: dict[str, str]
    option_texts: dict[str, str]
    before: int | None
    after: int
    compare_at: int | None
    doubts: tuple[str, ...]


class RepricePreview(msgspec.Struct, frozen=True, kw_only=True):
    """Every line, by product and code; `digest` names exactly these prices. `unpriced` SKUs have no price to start from."""

    currency: str
    lines: tuple[RepriceLine, ...]
    unpriced: int
    doubtful: int
    digest: str


class Repriced(msgspec.Struct, frozen=True, kw_only=True):
    """`changed` is the number of SKUs whose price changed."""

    changed: int


async def preview(session: Session, wish: Reprice, *, now: datetime) -> RepricePreview:
    """Work out every new price and write nothing.

    Raises
    ------
    Invalid
        No or too many products, an impossible percentage or step, lists of two currencies.
    NotFound
        No such list.
    """
    check_products(wish.product_ids)
    source = await pricing.get_list(session, list_id=wish.from_list)
    target = await pricing.get_list(session, list_id=wish.to_list)
    _check(wish, source, target)
    sku_ids = await catalog.list_sku_ids(session, product_ids=wish.product_ids)
    skus = await catalog.skus_for_sale(session, sku_ids=sku_ids)
    base = await pricing.prices_in(session, list_id=source.id, sku_ids=sku_ids, at=now)
    standing = (
        base
        if source.id == target.id
        else await pricing.prices_in(session, list_id=target.id, sku_ids=sku_ids, at=now)
    )
    lines = tuple(
        _line(sku, base[sku.id], standing.get(sku.id), wish)
        for sku in sorted(skus, key=lambda sku: (sku.product_id, sku.code))
        if sku.id in base
    )
    told = "\n".join(f"{line.sku_id} {line.before} {line.after} {line.compare_at}" for line in lines)
    return RepricePreview(
        currency=target.currency,
        lines=lines,
        unpriced=len(sku_ids) - len(lines),
        doubtful=sum(bool(line.doubts) for line in lines),
        digest=hashlib.sha256(told.encode()).hexdigest()[:32],
    )


async def reprice(tx: Tx, wish: Reprice, *, digest: str, confirmed: bool, by: str, now: datetime) -> Repriced:
    """Set the prices that a preview showed.

    Raises
    ------
    pricing.PreviewStale
        They would not be the same any more.
    pricing.SuspiciousPrices
        Some are far from the old ones, and nobody confirmed them; parameter `count`.
    Invalid, NotFound, pricing.BadPrice, pricing.PriceInThePast
    """
    shown = await preview(tx, wish, now=now)
    if shown.digest != digest:
        raise pricing.PreviewStale
    if shown.doubtful and not confirmed:
        raise pricing.SuspiciousPrices(count=shown.doubtful)
    changed = await pricing.set_prices(
        tx,
        list_id=wish.to_list,
        prices=[
            pricing.NewPrice(sku_id=line.sku_id, amount=line.after, compare_at=line.compare_at)
            for line in shown.lines
        ],
        valid_from=wish.valid_from or now,
        valid_to=wish.valid_to,
        by=by,
        now=now,
    )
    return Repriced(changed=changed)


def _check(wish: Reprice, source: pricing.PriceList, target: pricing.PriceList) -> None:
    problems = []
    if not wish.percent.is_finite() or not pricing.MIN_PERCENT <= wish.percent <= pricing.MAX_PERCENT:
        problems.append(FieldProblem(pointer="/percent", code="pricing.bad_percent"))
    if wish.step < 1:
        problems.append(FieldProblem(pointer="/step", code="too_small", params={"minimum": 1}))
    if source.currency != target.currency:
        names = {"left": source.currency, "right": target.currency}
        problems.append(FieldProblem(pointer="/to_list", code="pricing.other_currency", params=names))
    if problems:
        raise Invalid(fields=problems)


def _line(
    sku: catalog.SkuForSale, base: pricing.Price, standing: pricing.Price | None, wish: Reprice
) -> RepriceLine:
    after = pricing.repriced(base.amount, percent=wish.percent, amount=wish.amount, step=wish.step)
    compare_at = base.compare_at if base.compare_at is not None and base.compare_at > after else None
    return RepriceLine(
        sku_id=sku.id,
        sku_code=sku.code,
        product_id=sku.product_id,
        titles=sku.titles,
        option_texts=sku.option_texts,
        before=standing.amount if standing else None,
        after=after,
        compare_at=compare_at,
        doubts=pricing.doubts((standing or base).amount, after),
    )
