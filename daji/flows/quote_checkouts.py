"""Quote many checkouts at once: what all of them need is read once, and each is priced, sourced and rated as alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.flows.context import Context
from daji.flows.quote_checkout import (
    QuoteRequest,
    offer,
    price_each,
    rate,
    source_parcels,
    wanted_items,
)
from daji.fulfil.delivery import api as delivery
from daji.fulfil.inventory import api as inventory
from daji.trade.cart import api as cart


async def quote_checkouts(
    ctx: Context, *, channel: str, asked: Sequence[tuple[QuoteRequest, datetime]]
) -> tuple[cart.Quote, ...]:
    """Offers for (request, time)s in one channel, outside of flash sales; kept for the buyers to confirm.

    All see the same stock: whether it suffices for all of them is decided when they are placed. Five statements, and
    one for each request that means a cart. Raises as `quote_checkout`, then for none of them.
    """
    async with ctx.db.fresh() as session:
        items = [(await wanted_items(session, request), at) for request, at in asked]
        currency, lines = await price_each(session, wanted=items, channel=channel)
        stock, sites = await inventory.sources(
            session, sku_ids=list(dict.fromkeys(line.sku_id for some in lines for line in some))
        )
        of_sku: dict[UUID, list[inventory.Availability]] = {}
        for row in stock:
            of_sku.setdefault(row.sku_id, []).append(row)
        of_seller: dict[UUID | None, list[inventory.Site]] = {}
        for site in sites:
            of_seller.setdefault(site.seller_id, []).append(site)
        parcels = [
            source_parcels(
                some,
                request.address,
                [row for line in some for row in of_sku.get(line.sku_id, ())],
                [site for one in {line.seller_id for line in some} for site in of_seller.get(one, ())],
            )
            for (request, _), some in zip(asked, lines, strict=True)
        ]
        sellers = list(dict.fromkeys(parcel.seller_id for some in parcels for parcel in some))
        templates = await delivery.templates_for(session, seller_ids=sellers, currency=currency)
    quotes: list[cart.Quote] = []
    for (request, at), some, theirs in zip(asked, lines, parcels, strict=True):
        rated = [
            await rate(ctx, parcel, templates[parcel.seller_id], request.address, currency, at)
            for parcel in theirs
        ]
        quotes.append(offer(ctx, request, currency=currency, lines=some, rated=rated, now=at))
    async with ctx.db.fresh() as session:
        await cart.save_quotes(session, quotes=quotes)
    return tuple(quotes)
