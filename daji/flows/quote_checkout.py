"""Quote a checkout: the server alone says what the goods, the way and the whole cost, and until when.

Nothing the client sends is an amount (U-22). The quote names the sites the goods will come from; placing the order
holds exactly that plan (U-50).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

from daji.flows.context import Context
from daji.flows.offers import (
    Parcel,
    QuoteRequest,
    offer,
    price_each,
    price_lines,
    rate,
    source,
    source_parcels,
    wanted_each,
    wanted_items,
)
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.kit.db import Session
from daji.kit.problems import Problem
from daji.trade.cart import api as cart


async def quote_checkout(ctx: Context, request: QuoteRequest, *, now: datetime) -> cart.Quote:
    """Price, source and rate what the buyer wants, and keep the result for them to confirm.

    Whoever asks in the same moment is answered together (`kit.together`).

    Raises
    ------
    NothingToBuy, NotForSale, inventory.StockShort, delivery.NoService
        With what is in the way.
    """
    if request.sale is not None:
        quote = await preview_checkout(ctx, request, now=now)
        async with ctx.db.fresh() as session:
            await cart.save_quote(session, quote=quote)
        return quote
    work = partial(quote_each, ctx, request.channel)
    return await ctx.db.together((quote_each, ctx, request.channel), work, (request, now))


async def preview_checkout(ctx: Context, request: QuoteRequest, *, now: datetime) -> cart.Quote:
    """The same offer, which nobody can confirm because it is not kept: what an address would cost. Raises the same."""
    # Where orders are placed: an offer that a replica's delay made old would be refused a moment later.
    async with ctx.db.fresh() as session:
        items = await wanted_items(session, request)
        currency, lines = await price_lines(
            session, items=items, channel=request.channel, sale=request.sale, now=now
        )
        parcels = await source(session, lines=lines, address=request.address, sale=request.sale)
        templates = await delivery.templates_for(
            session, seller_ids=[parcel.seller_id for parcel in parcels], currency=currency
        )
    rated = [
        await rate(ctx, parcel, templates[parcel.seller_id], request.address, currency, now)
        for parcel in parcels
    ]
    return offer(ctx, request, currency=currency, lines=lines, rated=rated, now=now)


async def quote_checkouts(
    ctx: Context, *, channel: str, asked: Sequence[tuple[QuoteRequest, datetime]]
) -> tuple[cart.Quote, ...]:
    """Offers for (request, time)s as `quote_each` makes them. Raises as `quote_checkout`, when some are kept already."""
    quotes: list[cart.Quote] = []
    for answer in await quote_each(ctx, channel, asked):
        if isinstance(answer, Problem):
            raise answer
        quotes.append(answer)
    return tuple(quotes)


async def quote_each(
    ctx: Context, channel: str, asked: Sequence[tuple[QuoteRequest, datetime]]
) -> list[cart.Quote | Problem]:
    """An offer for each (request, time) in one channel, outside of flash sales, or what is in the way of it.

    All see the same stock: whether it suffices for all of them is decided when they are placed. Six statements.
    """
    async with ctx.db.fresh() as session:
        answers: list[_Goods | Problem] = await _goods(session, channel, asked)
        found = [one for one in answers if isinstance(one, _Goods)]
        sellers = list(dict.fromkeys(parcel.seller_id for one in found for parcel in one.parcels))
        templates = (
            await delivery.templates_for(session, seller_ids=sellers, currency=found[0].currency)
            if found
            else {}
        )
    made: list[cart.Quote | Problem] = []
    for (request, at), one in zip(asked, answers, strict=True):
        if isinstance(one, Problem):
            made.append(one)
            continue
        try:
            rated = [
                await rate(ctx, parcel, templates[parcel.seller_id], request.address, one.currency, at)
                for parcel in one.parcels
            ]
        except Problem as refusal:
            made.append(refusal)
            continue
        made.append(offer(ctx, request, currency=one.currency, lines=one.lines, rated=rated, now=at))
    kept = [quote for quote in made if isinstance(quote, cart.Quote)]
    if kept:
        async with ctx.db.fresh() as session:
            await cart.save_quotes(session, quotes=kept)
    return made


class _Goods(NamedTuple):
    currency: str
    lines: tuple[cart.QuoteLine, ...]
    parcels: list[Parcel]


async def _goods(
    session: Session, channel: str, asked: Sequence[tuple[QuoteRequest, datetime]]
) -> list[_Goods | Problem]:
    """What each wants at today's prices, and where it comes from."""
    wanted = await wanted_each(session, [request for request, _ in asked], channel=channel)
    buying = [
        (items, at) for items, (_, at) in zip(wanted, asked, strict=True) if not isinstance(items, Problem)
    ]
    currency, priced = await price_each(session, wanted=buying, channel=channel)
    sku_ids = {line.sku_id for some in priced if not isinstance(some, Problem) for line in some}
    stock, sites = await inventory.sources(session, sku_ids=sorted(sku_ids))
    of_sku: dict[UUID, list[inventory.Availability]] = {}
    for row in stock:
        of_sku.setdefault(row.sku_id, []).append(row)
    prices = iter(priced)
    goods: list[_Goods | Problem] = []
    for (request, _), items in zip(asked, wanted, strict=True):
        lines = items if isinstance(items, Problem) else next(prices)
        if isinstance(lines, Problem):
            goods.append(lines)
            continue
        there = [row for line in lines for row in of_sku.get(line.sku_id, ())]
        places = {row.site_id for row in there}
        try:
            parcels = source_parcels(
                lines, request.address, there, [site for site in sites if site.id in places]
            )
        except inventory.StockShort as short:
            goods.append(short)
            continue
        goods.append(_Goods(currency, lines, parcels))
    return goods
