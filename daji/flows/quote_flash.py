"""Quote what somebody may buy in a flash sale: the sale's price, from the sale's own stock, for the holder of a pass."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.flash_stock import buyer_of
from daji.flows.offers import QuoteRequest
from daji.flows.quote_checkout import preview_checkout
from daji.grow.flash import api as flash
from daji.trade.cart import api as cart


async def quote_flash(
    ctx: Context,
    turnstile: flash.Turnstile,
    request: QuoteRequest,
    *,
    sale_id: UUID,
    token: str,
    now: datetime,
) -> cart.Quote:
    """The binding offer of a flash sale; it ends with the pass. Placing it needs nothing more.

    Raises
    ------
    flash.SaleUnknown, flash.PassInvalid, flash.NotRunning, flash.BuyerLimit
    inventory.StockShort
        The sale has no such piece left.
    quote_checkout.NothingToBuy, quote_checkout.NotForSale, delivery.NoService
    """
    sale = await turnstile.look(sale_id, now=now)
    granted = turnstile.read_pass(sale_id, token=token, buyer=buyer_of(request.owner), now=now)
    if sum(qty for _, qty in request.items or ()) > sale.per_buyer:
        raise flash.BuyerLimit(allowed=sale.per_buyer)
    wish = msgspec.structs.replace(
        request,
        channel=sale.channel,
        sale=cart.SaleRef(sale_id=sale_id, pass_id=granted.pass_id, pay_minutes=sale.pay_minutes),
    )
    quote = await preview_checkout(ctx, wish, now=now)
    ends = datetime.fromtimestamp(granted.expires, tz=UTC)
    quote = msgspec.structs.replace(quote, expires_at=min(quote.expires_at, ends))
    async with ctx.db.transaction() as tx:
        await cart.save_quote(tx, quote=quote)
    return quote
