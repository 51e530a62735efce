"""Place an order at exactly the quote the buyer confirmed, or refuse and say what changed.

One phase, one transaction: check the quote against today's prices, hold the quote's own plan, write the trade with
its children and their units, open what is due, empty the cart. Whatever fails rolls all of it back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.flows import flash_stock
from daji.flows.confirm_trade import confirm_trade
from daji.flows.context import Context
from daji.flows.quote_checkout import NotForSale, price_lines
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments

MAX_NOTE = 200


class QuoteExpired(Problem):
    """The quote's time is over; a new one is needed."""

    code = "flows.quote_expired"
    status = 409


class QuoteChanged(Problem):
    """What the buyer confirmed no longer holds; `changes` lists code and parameters of each difference."""

    code = "flows.quote_changed"
    status = 409


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's word: place it at this quote. `buyer_keys` name user, device and address for hold limits.

    `note` is what the buyer wants to say to whoever packs; at most MAX_NOTE characters are kept.
    """

    quote_id: UUID
    owner: cart.Owner
    buyer_keys: tuple[str, ...]
    by: str
    note: str = ""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """What the buyer now owes, and until when the goods are held."""

    trade_id: UUID
    number: str
    due: int
    currency: str
    pay_by: datetime


async def _place(run: runs.Run, ctx: Context, given: PlaceOrder) -> Placed:
    async def work(tx: Tx) -> Placed:
        placed, _ = await place(tx, ctx, given, trade_id=run.id, now=run.now)
        return placed

    placed = await run.local("place", Placed, work, final=True)
    await confirm_free(ctx, placed, by=given.by, now=run.now)
    return placed


async def place(
    tx: Tx,
    ctx: Context,
    given: PlaceOrder,
    *,
    trade_id: UUID,
    now: datetime,
    tenders: Sequence[payments.NewTender] = (),
) -> tuple[Placed, tuple[payments.Tender, ...]]:
    """Everything that placing is, inside one transaction; with `tenders`, what is to pay it is reserved as well.

    Raises
    ------
    QuoteExpired, QuoteChanged, inventory.HoldLimit, payments.BadTender
    """
    quote = await cart.take_quote(tx, quote_id=given.quote_id, owner=given.owner, now=now)
    if quote.expires_at <= now:
        raise QuoteExpired(quote=ids.show("quo", quote.id))
    await _check_prices(tx, quote, now)
    pay_by = now + (
        ctx.policies.pay_within if quote.sale is None else timedelta(minutes=quote.sale.pay_minutes)
    )
    trade = await orders.place(
        tx, trade_id=trade_id, quote=quote, buyer_keys=given.buyer_keys, pay_by=pay_by, by=given.by, now=now
    )
    if given.note:
        await orders.note(
            tx,
            trade_id=trade_id,
            order_id=None,
            code="buyer_note",
            params={"text": given.note[:MAX_NOTE]},
            by=given.by,
            public=True,
            now=now,
        )
    opened = await payments.open_payable(
        tx, trade_id=trade_id, amount=trade.due, currency=trade.currency, now=now
    )
    reserved = await payments.reserve_first(tx, opened=opened, tenders=tenders, now=now)
    await _hold(tx, ctx, quote, trade_id, given.buyer_keys, pay_by, now)
    placed = Placed(
        trade_id=trade_id, number=trade.number, due=trade.due, currency=trade.currency, pay_by=pay_by
    )
    return placed, reserved


async def confirm_free(ctx: Context, placed: Placed, *, by: str, now: datetime) -> None:
    """Confirm what owes nothing: no notice of its payment will ever come. By the one way that all trades take."""
    if placed.due == 0:
        await ctx.db.run(lambda tx: confirm_trade(tx, trade_id=placed.trade_id, by=by, now=now))


async def _check_prices(tx: Tx, quote: cart.Quote, now: datetime) -> None:
    """Compare the quote with what the shop asks now.

    Raises
    ------
    QuoteChanged
    """
    items = [(line.sku_id, line.qty) for line in quote.lines]
    try:
        _, lines = await price_lines(tx, items=items, channel=quote.channel, sale=quote.sale, now=now)
    except NotForSale as gone:
        delisted = set(gone.sku_ids)
        kept = tuple(line for line in quote.lines if line.sku_id not in delisted)
        raise _changed(quote, msgspec.structs.replace(quote, lines=kept), delisted) from gone
    goods = sum(line.amount for line in lines)
    today = msgspec.structs.replace(quote, lines=lines, goods=goods, total=goods + quote.total - quote.goods)
    if cart.differences(quote, today):
        raise _changed(quote, today)


def _changed(old: cart.Quote, new: cart.Quote, delisted: Collection[UUID] = ()) -> QuoteChanged:
    changes = cart.differences(old, new, delisted=delisted)
    return QuoteChanged(changes=[msgspec.to_builtins(change) for change in changes])


async def _hold(
    tx: Tx,
    ctx: Context,
    quote: cart.Quote,
    trade_id: UUID,
    buyer_keys: tuple[str, ...],
    pay_by: datetime,
    now: datetime,
) -> None:
    """Hold the quote's own plan; what is missing now is told as a change of the quote."""
    lines = [
        inventory.HoldLine(sku_id=sku_id, site_id=parcel.site_id, qty=qty)
        for parcel in quote.parcels
        for sku_id, qty in parcel.items
    ]
    if quote.sale is not None:
        await flash_stock.take(tx, quote=quote, sale=quote.sale, trade_id=trade_id, now=now)
        # The sale has a limit of its own, and many of its buyers share one address on the net.
        buyer_keys = (flash_stock.buyer_of(quote.owner),)
    try:
        await inventory.hold(
            tx,
            holder=trade_id,
            lines=lines,
            buyer_keys=buyer_keys,
            expires_at=pay_by,
            policy=ctx.policies.hold,
            now=now,
        )
    except inventory.StockShort as short:
        raise _changed(quote, _without(quote, short)) from short


def _without(quote: cart.Quote, short: inventory.StockShort) -> cart.Quote:
    """The quote as it would read with what is left on the shelf."""
    left = {line.sku_id: line.qty for line in quote.lines}
    for sku_id, missing in short.missing.items():
        left[sku_id] -= missing
    lines = tuple(
        msgspec.structs.replace(line, qty=left[line.sku_id]) for line in quote.lines if left[line.sku_id] > 0
    )
    return msgspec.structs.replace(quote, lines=lines)


FLOW = runs.Flow(name="place_order", takes=PlaceOrder, gives=Placed, body=_place)


async def place_order(ctx: Context, given: PlaceOrder, *, scope: str, key: str, now: datetime) -> Placed:
    """Place the order once for this key.

    Raises
    ------
    QuoteExpired, QuoteChanged, inventory.HoldLimit, kit's KeyReused and InProgress
    """
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
