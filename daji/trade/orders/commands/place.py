"""Turn a quote into a promise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.db import Tx
from daji.trade.cart.api import Quote
from daji.trade.orders import rules
from daji.trade.orders.commands.placing import tell
from daji.trade.orders.facts import AlreadyPlaced, Line, Order, Purchase, Trade, Unit
from daji.trade.orders.states import PAY_TIMER
from daji.trade.orders.store import write


async def place(
    tx: Tx,
    *,
    trade_id: UUID,
    quote: Quote,
    buyer_keys: Sequence[str],
    pay_by: datetime,
    by: str,
    now: datetime,
    external_ref: str | None = None,
) -> Trade:
    """Write one trade as `place_many` does."""
    purchase = Purchase(
        trade_id=trade_id,
        quote=quote,
        buyer_keys=tuple(buyer_keys),
        pay_by=pay_by,
        by=by,
        at=now,
        external_ref=external_ref,
    )
    return (await place_many(tx, purchases=[purchase]))[0]


async def place_many(tx: Tx, *, purchases: Sequence[Purchase]) -> tuple[Trade, ...]:
    """Write trades, one order per seller and site, their lines, and every unit with its frozen share.

    One statement, one more for each trade that costs nothing and so is paid at once. Whether a quote still holds is the
    caller's question; that it adds up is asked here. `pay_by` sets the timer of the pay deadline.

    Raises
    ------
    QuoteUnbalanced
        The parts of a quote contradict each other.
    TooManyUnits
        More than `rules.MAX_UNITS` pieces.
    AlreadyPlaced
        A quote was bought before, or an `external_ref` is known in this channel.
    """
    drafts = [
        write.Draft(
            trade=_draft(one),
            buyer_keys=one.buyer_keys,
            quote_id=one.quote.id,
            price_ids={line.sku_id: line.price_id for line in one.quote.lines},
            placed=write.Happened(code="placed", params={}),
            by=one.by,
        )
        for one in purchases
    ]
    numbers = await write.place(tx, drafts)
    placed: list[Trade] = []
    for draft in drafts:
        number = numbers.get(draft.trade.id)
        if number is None:
            raise AlreadyPlaced(external_ref=draft.trade.external_ref)
        if draft.trade.pay_by is not None:
            tx.set_timer(PAY_TIMER, draft.trade.id, draft.trade.pay_by)
        placed.append(await tell(tx, _numbered(draft.trade, number)))
    return tuple(placed)


def _draft(one: Purchase) -> Trade:
    """The trade with all its ids, but for the numbers that the database draws."""
    quote, trade_id = one.quote, one.trade_id
    orders = tuple(_order(child, trade_id, quote.currency) for child in rules.children(quote))
    return Trade(
        id=trade_id,
        number="",
        owner=quote.owner,
        channel=quote.channel,
        currency=quote.currency,
        lang=quote.lang,
        status="placed",
        payment="unpaid",
        goods=quote.goods,
        freight=quote.freight,
        discount=quote.discount,
        tax=quote.tax,
        total=quote.total,
        difference=0,
        due=quote.total,
        contact=quote.contact,
        address=quote.address,
        placed_at=one.at,
        pay_by=one.pay_by,
        external_ref=one.external_ref,
        orders=orders,
    )


def _order(child: rules.Child, trade_id: UUID, currency: str) -> Order:
    shares = child.shares
    return Order(
        id=ids.new_id(),
        number="",
        trade_id=trade_id,
        seller_id=child.seller_id,
        site_id=child.site_id,
        status="placed",
        delivery="none",
        aftersales="none",
        currency=currency,
        goods=sum(share.price for share in shares),
        freight=sum(share.freight for share in shares),
        discount=sum(share.discount for share in shares),
        tax=sum(share.tax for share in shares),
        total=sum(share.paid for share in shares),
        weight_g=child.weight_g,
        promised_by=child.promised_by,
        shipped_at=None,
        delivered_at=None,
        lines=tuple(
            Line(
                id=ids.new_id(),
                sku_id=line.sku_id,
                product_id=line.product_id,
                code=line.code,
                titles=line.titles,
                option_texts=line.option_texts,
                qty=len(units),
                unit_price=line.unit_price,
                units=tuple(_unit(n, share) for n, share in enumerate(units, start=1)),
            )
            for line, units in child.items
        ),
    )


def _unit(n: int, share: rules.Share) -> Unit:
    return Unit(
        id=ids.new_id(),
        n=n,
        price=share.price,
        discount=share.discount,
        points=0,
        freight=share.freight,
        tax=share.tax,
        paid=share.paid,
        refunded=0,
        status="sold",
    )


def _numbered(trade: Trade, number: str) -> Trade:
    orders = tuple(
        msgspec.structs.replace(order, number=f"{number}-{position}")
        for position, order in enumerate(trade.orders, start=1)
    )
    return msgspec.structs.replace(trade, number=number, orders=orders)
