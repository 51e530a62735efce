"""What an offer is made of: goods at their prices, where they come from, what the way costs, and the sum of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast
from uuid import UUID

import msgspec

from daji.algorithms import allocation
from daji.flows.context import Context
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.grow.flash import api as flash
from daji.kit import ids
from daji.kit.db import Session
from daji.kit.places import Address
from daji.kit.problems import Problem
from daji.shop.catalog import api as catalog
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart

MAX_LINES = 120


class NothingToBuy(Problem):
    """The cart has no selected line."""

    code = "flows.nothing_to_buy"
    status = 422


class NotForSale(Problem):
    """Some goods cannot be bought: delisted, without a price here, or unknown. `skus` names them."""

    code = "flows.not_for_sale"
    status = 409

    @property
    def sku_ids(self) -> tuple[UUID, ...]:
        return tuple(ids.read("sku", str(sku)) for sku in cast("Sequence[str]", self.params["skus"]))


class QuoteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer wants priced; `items` None means the selected lines of the cart.

    With a `sale` its prices hold, and its own stock is what can be sent.
    """

    owner: cart.Owner
    channel: str
    lang: str
    address: Address
    contact: cart.Contact
    items: tuple[tuple[UUID, int], ...] | None = None
    sale: cart.SaleRef | None = None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    seller_id: UUID | None
    site: inventory.Site
    items: tuple[tuple[UUID, int], ...]
    weight_g: int
    goods: int


class _Priced(NamedTuple):
    amount: int
    id: UUID


def offer(
    ctx: Context,
    request: QuoteRequest,
    *,
    currency: str,
    lines: tuple[cart.QuoteLine, ...],
    rated: Sequence[cart.QuoteParcel],
    now: datetime,
) -> cart.Quote:
    """Add it up; the offer binds for the time that the policies give."""
    goods = sum(line.amount for line in lines)
    freight = sum(parcel.freight for parcel in rated)
    return cart.Quote(
        id=ids.new_id(),
        owner=request.owner,
        channel=request.channel,
        currency=currency,
        lang=request.lang,
        address=request.address,
        contact=request.contact,
        lines=lines,
        parcels=tuple(rated),
        goods=goods,
        freight=freight,
        discount=0,
        tax=0,
        total=goods + freight,
        made_at=now,
        expires_at=now + ctx.policies.quote_for,
        from_cart=request.items is None,
        sale=request.sale,
    )


async def wanted_each(
    session: Session, asked: Sequence[QuoteRequest], *, channel: str
) -> list[tuple[tuple[UUID, int], ...] | NothingToBuy]:
    """What each wants to buy, or that it is nothing; one statement if any of them means a cart."""
    owners = [request.owner for request in asked if request.items is None]
    carts = await cart.find_carts(session, owners=owners, channel=channel) if owners else {}
    return [_wanted(request, carts) for request in asked]


def _wanted(
    request: QuoteRequest, carts: Mapping[cart.Owner, cart.Cart]
) -> tuple[tuple[UUID, int], ...] | NothingToBuy:
    items = request.items
    if items is None:
        found = carts.get(request.owner)
        items = tuple((line.sku_id, line.qty) for line in found.lines if line.selected) if found else ()
    summed: dict[UUID, int] = defaultdict(int)
    for sku_id, qty in items:
        summed[sku_id] += qty
    if not summed or len(summed) > MAX_LINES or any(not 0 < qty <= cart.MAX_QTY for qty in summed.values()):
        return NothingToBuy(max_lines=MAX_LINES, max_qty=cart.MAX_QTY)
    return tuple(summed.items())


async def wanted_items(session: Session, request: QuoteRequest) -> tuple[tuple[UUID, int], ...]:
    """What one wants to buy. Raises NothingToBuy."""
    (wanted,) = await wanted_each(session, [request], channel=request.channel)
    if isinstance(wanted, NothingToBuy):
        raise wanted
    return wanted


async def price_lines(
    session: Session,
    *,
    items: Sequence[tuple[UUID, int]],
    channel: str,
    now: datetime,
    sale: cart.SaleRef | None = None,
) -> tuple[str, tuple[cart.QuoteLine, ...]]:
    """The channel's currency, and priced lines in the order asked; in a flash sale its prices stand for the shop's.

    Raises
    ------
    NotForSale
        Naming every SKU that cannot be bought now.
    flash.NotRunning
        The sale is not open.
    """
    wanted = [sku_id for sku_id, _ in items]
    skus = {sku.id: sku for sku in await catalog.skus_for_sale(session, sku_ids=wanted)}
    prices: Mapping[UUID, _Priced]
    if sale is None:
        opened, found = await pricing.offers(session, sku_ids=wanted, channel=channel, at=now)
        prices = {sku_id: _Priced(price.amount, price.id) for sku_id, price in found.items()}
    else:
        opened = await pricing.get_channel(session, code=channel)
        offered = await flash.sale_lines(session, sale_id=sale.sale_id, sku_ids=wanted, now=now)
        prices = {sku_id: _Priced(line.price, line.id) for sku_id, line in offered.items()}
    return opened.currency, _priced(items, skus, prices)


async def price_each(
    session: Session, *, wanted: Sequence[tuple[Sequence[tuple[UUID, int]], datetime]], channel: str
) -> tuple[str, list[tuple[cart.QuoteLine, ...] | NotForSale]]:
    """What `price_lines` says of each (items, time) outside of sales, or its refusal; two statements."""
    asked = [(sku_id, at) for items, at in wanted for sku_id, _ in items]
    sku_ids = list(dict.fromkeys(sku_id for sku_id, _ in asked))
    skus = {sku.id: sku for sku in await catalog.skus_for_sale(session, sku_ids=sku_ids)}
    opened, found = await pricing.offers_each(session, asked=asked, channel=channel)
    priced: list[tuple[cart.QuoteLine, ...] | NotForSale] = []
    for items, at in wanted:
        prices = {
            sku_id: _Priced(price.amount, price.id)
            for sku_id, _ in items
            if (price := found.get((sku_id, at))) is not None
        }
        try:
            priced.append(_priced(items, skus, prices))
        except NotForSale as gone:
            priced.append(gone)
    return opened.currency, priced


def _priced(
    items: Sequence[tuple[UUID, int]],
    skus: Mapping[UUID, catalog.SkuForSale],
    prices: Mapping[UUID, _Priced],
) -> tuple[cart.QuoteLine, ...]:
    missing = [
        sku_id
        for sku_id, _ in items
        if sku_id not in skus or not skus[sku_id].sellable or sku_id not in prices
    ]
    if missing:
        raise NotForSale(skus=[ids.show("sku", sku_id) for sku_id in missing])
    return tuple(
        cart.QuoteLine(
            sku_id=sku_id,
            code=skus[sku_id].code,
            product_id=skus[sku_id].product_id,
            titles=skus[sku_id].titles,
            option_texts=skus[sku_id].option_texts,
            seller_id=skus[sku_id].seller_id,
            qty=qty,
            unit_price=prices[sku_id].amount,
            amount=prices[sku_id].amount * qty,
            weight_g=skus[sku_id].weight_g,
            price_id=prices[sku_id].id,
        )
        for sku_id, qty in items
    )


async def _stock_of(
    session: Session, *, sku_ids: Sequence[UUID], sale: cart.SaleRef | None
) -> tuple[Sequence[inventory.Availability], Sequence[inventory.Site]]:
    """What can be sent, and from where: what is free on the shelves, or what a flash sale holds for itself."""
    if sale is None:
        return await inventory.sources(session, sku_ids=sku_ids)
    held = await inventory.list_holds(session, holder=sale.sale_id, state="pending", limit=100)
    stock = tuple(
        inventory.Availability(sku_id=one.sku_id, site_id=one.site_id, on_hand=one.qty, held=0, quarantined=0)
        for one in held.items
        if one.sku_id in set(sku_ids)
    )
    return stock, await inventory.sites(session, ids=sorted({row.site_id for row in stock}))


async def source(
    session: Session, *, lines: Sequence[cart.QuoteLine], address: Address, sale: cart.SaleRef | None
) -> list[Parcel]:
    """Where the goods of an offer come from. Raises StockShort."""
    stock, sites = await _stock_of(session, sku_ids=[line.sku_id for line in lines], sale=sale)
    return source_parcels(lines, address, stock, sites)


def source_parcels(
    lines: Sequence[cart.QuoteLine],
    address: Address,
    stock: Sequence[inventory.Availability],
    sites: Sequence[inventory.Site],
) -> list[Parcel]:
    """Choose sites seller by seller: a seller's goods leave from that seller's sites only. Raises StockShort."""
    parcels: list[Parcel] = []
    short: list[tuple[UUID, int, int]] = []
    for seller_id in dict.fromkeys(line.seller_id for line in lines):
        theirs = [line for line in lines if line.seller_id == seller_id]
        places = [site for site in sites if site.seller_id == seller_id]
        found, lacking = _plan(theirs, places, stock, address, seller_id)
        parcels += found
        short += lacking
    if short:
        raise inventory.StockShort(
            lines=[
                {"sku": ids.show("sku", sku_id), "wanted": wanted, "available": available}
                for sku_id, wanted, available in short
            ]
        )
    return parcels


def _plan(
    lines: Sequence[cart.QuoteLine],
    places: Sequence[inventory.Site],
    stock: Sequence[inventory.Availability],
    address: Address,
    seller_id: UUID | None,
) -> tuple[list[Parcel], list[tuple[UUID, int, int]]]:
    """Translate rows into the allocation's small integers and its answer back into parcels."""
    sku_index = {line.sku_id: index for index, line in enumerate(lines)}
    site_index = {site.id: index for index, site in enumerate(places)}
    plan = allocation.plan(
        [allocation.Line(index, line.qty) for index, line in enumerate(lines)],
        [allocation.Site(_point(site.lat, site.lon), site.priority) for site in places],
        {
            (site_index[row.site_id], sku_index[row.sku_id]): row.available
            for row in stock
            if row.sku_id in sku_index and row.site_id in site_index and row.available > 0
        },
        destination=_point(address.lat, address.lon),
        allow_split_line=True,
    )
    parcels = [
        Parcel(
            seller_id=seller_id,
            site=places[parcel.site],
            items=tuple((lines[index].sku_id, qty) for index, qty in parcel.lines),
            weight_g=sum(lines[index].weight_g * qty for index, qty in parcel.lines),
            goods=sum(lines[index].unit_price * qty for index, qty in parcel.lines),
        )
        for parcel in plan.parcels
    ]
    short = [
        (lines[index].sku_id, lines[index].qty, lines[index].qty - missing) for index, missing in plan.short
    ]
    return parcels, short


def _point(lat: float | None, lon: float | None) -> allocation.Point | None:
    return (lat, lon) if lat is not None and lon is not None else None


async def rate(
    ctx: Context,
    parcel: Parcel,
    template: delivery.FreightTemplate,
    address: Address,
    currency: str,
    now: datetime,
) -> cart.QuoteParcel:
    """Freight and promise of one parcel: from the seller's table, or from the carrier's own rates."""
    unit_freights: tuple[tuple[UUID, int], ...] | None = None
    if template.mode == "carrier":
        told = await ctx.carrier(ctx.policies.carrier).rates(
            delivery.RateRequest(
                seller_id=parcel.seller_id,
                site_id=parcel.site.id,
                origin_postcode=parcel.site.postcode,
                origin_lat=parcel.site.lat,
                origin_lon=parcel.site.lon,
                address=address,
                weight_g=parcel.weight_g,
                lines=parcel.items,
                currency=currency,
                at=now,
            )
        )
        freight, promised_by, unit_freights = told.fee, told.promised_by, told.unit_fees
    else:
        fee = delivery.freight(template, address, parcel.weight_g, parcel.goods)
        freight, promised_by = fee.fee, now + timedelta(hours=fee.transit_hours)
    return cart.QuoteParcel(
        seller_id=parcel.seller_id,
        site_id=parcel.site.id,
        items=parcel.items,
        freight=freight,
        unit_freights=unit_freights,
        weight_g=parcel.weight_g,
        promised_by=promised_by,
    )
