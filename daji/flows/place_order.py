"""Place an order at exactly the quote the buyer confirmed, or refuse and say what changed.

One phase, one transaction: check the quote against today's prices, hold the quote's own plan, write the trade with
its children and their units, open what is due, empty the cart. Whatever fails rolls all of it back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.flows import flash_stock
from daji.flows.confirm_trade import confirm_trade
from daji.flows.context import Context
from daji.flows.offers import NotForSale, price_each, price_lines
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


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """Who places what at which time, and which trade it becomes; `external_ref` is its number in another shop.

    With `tenders`, what is to pay it is reserved as well.
    """

    given: PlaceOrder
    at: datetime
    trade_id: UUID
    external_ref: str | None = None
    tenders: tuple[payments.NewTender, ...] = ()


async def _place(run: runs.Run, ctx: Context, given: PlaceOrder) -> Placed:
    async def work(tx: Tx) -> Placed:
        with runs.alone():
            ((placed, _),) = await place_all(tx, ctx, [Placing(given=given, at=run.now, trade_id=run.id)])
        return placed

    placed = await run.local("place", Placed, work, final=True)
    await confirm_free(ctx, placed, by=given.by, now=run.now)
    return placed


async def confirm_free(ctx: Context, placed: Placed, *, by: str, now: datetime) -> None:
    """Confirm what owes nothing: no notice of its payment will ever come. By the one way that all trades take."""
    if placed.due == 0:
        await ctx.db.run(lambda tx: confirm_trade(tx, trade_id=placed.trade_id, by=by, now=now))


async def place_all(
    tx: Tx, ctx: Context, placing: Sequence[Placing]
) -> tuple[tuple[Placed, tuple[payments.Tender, ...]], ...]:
    """Everything that placing is, inside one transaction, for all of them or none; with the tenders that each reserved.

    Eight statements, and a few for each flash sale and each note.

    Raises
    ------
    runs.Refused
        With QuoteExpired, or QuoteChanged for want of stock, for those whom it concerns.
    QuoteChanged, inventory.HoldLimit, payments.BadTender
        For one of them.
    """
    taken = [(one.given.quote_id, one.given.owner, one.at) for one in placing]
    quotes = await cart.take_quotes(tx, taken=taken)
    late = {
        one.trade_id: QuoteExpired(quote=ids.show("quo", quote.id))
        for one, quote in zip(placing, quotes, strict=True)
        if quote.expires_at <= one.at
    }
    if late:
        raise runs.Refused(late)
    await _check_prices(tx, [(quote, one.at) for one, quote in zip(placing, quotes, strict=True)])
    trades = await orders.place_many(
        tx,
        purchases=[
            orders.Purchase(
                trade_id=one.trade_id,
                quote=quote,
                buyer_keys=one.given.buyer_keys,
                pay_by=one.at + _time_to_pay(ctx, quote),
                by=one.given.by,
                at=one.at,
                external_ref=one.external_ref,
            )
            for one, quote in zip(placing, quotes, strict=True)
        ],
    )
    for one in placing:
        if one.given.note:
            await orders.note(
                tx,
                trade_id=one.trade_id,
                order_id=None,
                code="buyer_note",
                params={"text": one.given.note[:MAX_NOTE]},
                by=one.given.by,
                public=True,
                now=one.at,
            )
    opened = await payments.open_payables(
        tx,
        opened=[
            payments.Opened(trade_id=trade.id, due=trade.due, currency=trade.currency, at=one.at)
            for one, trade in zip(placing, trades, strict=True)
        ],
    )
    reserved = await payments.reserve_first(
        tx,
        wanted=[(payable, one.tenders, one.at) for one, payable in zip(placing, opened, strict=True)],
    )
    await _hold(tx, ctx, list(zip(placing, quotes, strict=True)))
    return tuple(
        (
            Placed(
                trade_id=trade.id,
                number=trade.number,
                due=trade.due,
                currency=trade.currency,
                pay_by=trade.pay_by or one.at,
            ),
            tenders,
        )
        for one, trade, tenders in zip(placing, trades, reserved, strict=True)
    )


def _time_to_pay(ctx: Context, quote: cart.Quote) -> timedelta:
    return ctx.policies.pay_within if quote.sale is None else timedelta(minutes=quote.sale.pay_minutes)


async def _check_prices(tx: Tx, quotes: Sequence[tuple[cart.Quote, datetime]]) -> None:
    """Compare quotes with what the shop asks at their times.

    Raises
    ------
    QuoteChanged
    """
    asked: dict[str, list[tuple[cart.Quote, datetime]]] = {}
    for quote, now in quotes:
        if quote.sale is None:
            asked.setdefault(quote.channel, []).append((quote, now))
            continue
        try:
            _, lines = await price_lines(
                tx, items=_items(quote), channel=quote.channel, sale=quote.sale, now=now
            )
        except NotForSale as gone:
            raise _delisted(quote, gone) from gone
        _compare(quote, lines)
    for channel, some in asked.items():
        _, priced = await price_each(
            tx, wanted=[(_items(quote), now) for quote, now in some], channel=channel
        )
        for (quote, _), today in zip(some, priced, strict=True):
            if isinstance(today, NotForSale):
                raise _delisted(quote, today)
            _compare(quote, today)


def _items(quote: cart.Quote) -> list[tuple[UUID, int]]:
    return [(line.sku_id, line.qty) for line in quote.lines]


def _compare(quote: cart.Quote, lines: tuple[cart.QuoteLine, ...]) -> None:
    goods = sum(line.amount for line in lines)
    today = msgspec.structs.replace(quote, lines=lines, goods=goods, total=goods + quote.total - quote.goods)
    if cart.differences(quote, today):
        raise _changed(quote, today)


def _delisted(quote: cart.Quote, gone: NotForSale) -> QuoteChanged:
    """How the quote reads without what is gone."""
    delisted = set(gone.sku_ids)
    kept = tuple(line for line in quote.lines if line.sku_id not in delisted)
    return _changed(quote, msgspec.structs.replace(quote, lines=kept), delisted)


def _changed(old: cart.Quote, new: cart.Quote, delisted: Collection[UUID] = ()) -> QuoteChanged:
    changes = cart.differences(old, new, delisted=delisted)
    return QuoteChanged(changes=[msgspec.to_builtins(change) for change in changes])


async def _hold(tx: Tx, ctx: Context, placing: Sequence[tuple[Placing, cart.Quote]]) -> None:
    """Hold the quotes' own plans; what is missing now is told as a change of the quotes that come too late for it."""
    promises: list[inventory.Promise] = []
    for one, quote in placing:
        buyer_keys = one.given.buyer_keys
        if quote.sale is not None:
            await flash_stock.take(tx, quote=quote, sale=quote.sale, trade_id=one.trade_id, now=one.at)
            # The sale has a limit of its own, and many of its buyers share one address on the net.
            buyer_keys = (flash_stock.buyer_of(quote.owner),)
        lines = tuple(
            inventory.HoldLine(sku_id=sku_id, site_id=parcel.site_id, qty=qty)
            for parcel in quote.parcels
            for sku_id, qty in parcel.items
        )
        promises.append(
            inventory.Promise(
                holder=one.trade_id,
                lines=lines,
                buyer_keys=buyer_keys,
                expires_at=one.at + _time_to_pay(ctx, quote),
                at=one.at,
            )
        )
    try:
        await inventory.hold_each(tx, promises=promises, policy=ctx.policies.hold)
    except inventory.StockShort as short:
        raise runs.Refused(_too_late(placing, short.available)) from short


def _too_late(
    placing: Sequence[tuple[Placing, cart.Quote]], there: Mapping[tuple[UUID, UUID], int]
) -> dict[UUID, Problem]:
    """Whose plans do not fit into what is there once those before them have taken theirs."""
    left = dict(there)
    refused: dict[UUID, Problem] = {}
    for one, quote in placing:
        wanted: Counter[tuple[UUID, UUID]] = Counter()
        for parcel in quote.parcels:
            for sku_id, qty in parcel.items:
                if (sku_id, parcel.site_id) in left:
                    wanted[sku_id, parcel.site_id] += qty
        missing = {place[0]: qty - left[place] for place, qty in wanted.items() if qty > left[place]}
        if missing:
            refused[one.trade_id] = _changed(quote, _without(quote, missing))
            continue
        for place, qty in wanted.items():
            left[place] -= qty
    return refused


def _without(quote: cart.Quote, missing: Mapping[UUID, int]) -> cart.Quote:
    """The quote as it would read with what is left on the shelf."""
    left = {line.sku_id: line.qty - missing.get(line.sku_id, 0) for line in quote.lines}
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
