"""Place a recorded order as a shopper does: see the price of that day, find the goods there, check out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.offers import QuoteRequest
from daji.flows.place_order import PlaceOrder
from daji.flows.place_orders import Placement, PlaceOrders, place_orders
from daji.flows.quote_checkout import quote_checkouts
from daji.flows.replay_olist import plan
from daji.flows.replay_olist.importing import BY, CHANNEL, LANG, SCOPE, address, display_name
from daji.flows.replay_olist.plan import Batch, Step
from daji.flows.replay_olist.source import CURRENCY, Order
from daji.flows.replay_olist.stage import Done, Stage, run_key
from daji.fulfil.inventory import api as inventory
from daji.kit import runs
from daji.kit.db import Tx
from daji.kit.places import Address
from daji.shop.pricing import api as pricing
from daji.trade.cart import api as cart
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments

NO_LINES = "source_has_no_lines"


class PlaceBare(msgspec.Struct, frozen=True, kw_only=True):
    """A sale of which only the sum is known."""

    order_id: str
    amount: int
    address: Address


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What payments are above or below the promise, and the tenders that brought nothing."""

    trade_id: UUID
    order_id: str
    difference: int
    reason: str
    tenders_of_zero: int


async def place(stage: Stage, batch: Batch) -> None:
    """Place them once; a second call finds them placed, and books what is still to be booked."""
    fresh = [step for step in batch.steps if step.order.id not in stage.trades]
    for part in apart([step for step in fresh if step.order.items]):
        await _place_part(stage, batch, part)
    for step in fresh:
        if not step.order.items:
            stage.trades[step.order.id] = await _place_bare(stage, step.order, step.at)
    for step in batch.steps:
        stage.owners[stage.trades[step.order.id]] = step.order.id
        zero = sum(not tender.amount for tender in step.order.tenders)
        if plan.difference(step.order) or zero:
            await _book(stage, step.order, zero, step.at)


def apart(steps: Sequence[Step]) -> list[list[Step]]:
    """Cut steps where goods are asked for at another price than a moment ago, so that one price holds in each part.

    What the carrier is told stands under the goods and the second, so these are not shared in a part either.
    """
    parts: list[list[Step]] = []
    prices: dict[str, int] = {}
    moments: set[tuple[datetime, str]] = set()
    for step in steps:
        shown = {item.code: item.price for item in step.order.items}
        asked = {(step.at, code) for code in shown}
        if (
            not parts
            or asked & moments
            or any(prices.get(code, price) != price for code, price in shown.items())
        ):
            parts.append([])
            prices.clear()
            moments.clear()
        parts[-1].append(step)
        prices |= shown
        moments |= asked
    return parts


async def _place_part(stage: Stage, batch: Batch, part: Sequence[Step]) -> None:
    wanted = [
        {stage.imported.skus[code]: qty for code, qty in step.order.quantities().items()} for step in part
    ]
    await _reprice(stage, part)
    await _restock(stage, part, wanted)
    stage.recorded.forget()
    for step in part:
        stage.recorded.recorded(
            at=step.at,
            unit_fees={stage.imported.skus[item.code]: item.freight for item in step.order.items},
            promised_by=plan.promise(step.order),
        )
    quotes = await quote_checkouts(
        stage.ctx,
        channel=CHANNEL,
        asked=[
            (_request(stage, step.order, items), step.at) for step, items in zip(part, wanted, strict=True)
        ],
    )
    given = PlaceOrders(
        placements=tuple(
            Placement(
                order=PlaceOrder(
                    quote_id=quote.id,
                    owner=quote.owner,
                    buyer_keys=(f"shopper:{quote.owner.shopper_id}",),
                    by=f"shopper:{quote.owner.shopper_id}",
                ),
                at=step.at,
                external_ref=step.order.id,
            )
            for step, quote in zip(part, quotes, strict=True)
        )
    )
    key = f"{batch.key}:{part[0].order.id}"
    placed = await place_orders(stage.ctx, given, scope=SCOPE, key=key, now=part[-1].at)
    for step, one in zip(part, placed.orders, strict=True):
        stage.trades[step.order.id] = one.trade_id


def _request(stage: Stage, order: Order, items: Mapping[UUID, int]) -> QuoteRequest:
    return QuoteRequest(
        owner=cart.Owner(shopper_id=stage.shopper(order)),
        channel=CHANNEL,
        lang=LANG,
        address=address(order.customer),
        contact=cart.Contact(name=display_name(order.customer.person)),
        items=tuple(items.items()),
    )


async def _reprice(stage: Stage, part: Sequence[Step]) -> None:
    """Let the shop ask what the orders show was asked, from now on."""
    shown = {stage.imported.skus[item.code]: item.price for step in part for item in step.order.items}
    changed = {sku_id: price for sku_id, price in shown.items() if stage.prices.get(sku_id) != price}
    if not changed:
        return
    async with stage.ctx.db.transaction() as tx:
        await pricing.set_prices(
            tx,
            list_id=stage.imported.list_id,
            prices=[pricing.NewPrice(sku_id=sku_id, amount=price) for sku_id, price in changed.items()],
            valid_from=part[0].at,
            by=BY,
            now=part[0].at,
        )
    stage.prices.update(changed)


async def _restock(stage: Stage, part: Sequence[Step], wanted: Sequence[Mapping[UUID, int]]) -> None:
    """Let the sellers have exactly what they sold: the source tells sales, and no deliveries to sellers."""
    sites = {
        stage.imported.skus[item.code]: stage.imported.sites[item.seller_id]
        for step in part
        for item in step.order.items
    }
    total: Counter[UUID] = Counter()
    for items in wanted:
        total.update(items)
    async with stage.ctx.db.fresh() as session:
        stock = await inventory.availability(session, sku_ids=list(total))
    there = {(row.sku_id, row.site_id): row.available for row in stock}
    lacking = [
        inventory.HoldLine(sku_id=sku_id, site_id=sites[sku_id], qty=short)
        for sku_id, qty in total.items()
        if (short := qty - there.get((sku_id, sites[sku_id]), 0)) > 0
    ]
    if lacking:
        ref = f"olist:{part[0].order.id}"
        async with stage.ctx.db.transaction() as tx:
            await inventory.receive_many(tx, lines=lacking, ref=ref, by=BY, now=part[0].at)


async def _place_bare(stage: Stage, order: Order, now: datetime) -> UUID:
    given = PlaceBare(order_id=order.id, amount=order.paid, address=address(order.customer))
    done = await runs.start(
        stage.ctx.db, BARE, stage.ctx, given, scope=SCOPE, key=run_key(order, "place"), now=now
    )
    return done.trade_id


async def _bare(run: runs.Run, _ctx: Context, given: PlaceBare) -> Done:
    async def work(tx: Tx) -> Done:
        trade = await orders.place_without_lines(
            tx,
            trade_id=run.id,
            channel=CHANNEL,
            currency=CURRENCY,
            contact=cart.Contact(name=given.address.name),
            address=given.address,
            amount=given.amount,
            reason=NO_LINES,
            external_ref=given.order_id,
            by=BY,
            now=run.now,
            lang=LANG,
        )
        await payments.open_payable(
            tx, trade_id=trade.id, amount=trade.due, currency=trade.currency, now=run.now, channel=CHANNEL
        )
        return Done(trade_id=trade.id)

    return await run.local("place", Done, work, final=True)


async def _book(stage: Stage, order: Order, zero: int, now: datetime) -> None:
    given = Book(
        trade_id=stage.trades[order.id],
        order_id=order.id,
        difference=plan.difference(order),
        reason=plan.difference_reason(order),
        tenders_of_zero=zero,
    )
    await runs.start(stage.ctx.db, BOOK, stage.ctx, given, scope=SCOPE, key=run_key(order, "book"), now=now)


async def _booked(run: runs.Run, _ctx: Context, given: Book) -> Done:
    async def work(tx: Tx) -> Done:
        if given.difference:
            payable = await payments.get_payable(tx, trade_id=given.trade_id)
            due = payable.due + given.difference
            await payments.change_due(tx, trade_id=given.trade_id, amount=due, now=run.now)
            await orders.book_difference(
                tx,
                trade_id=given.trade_id,
                amount=given.difference,
                reason=given.reason,
                note=f"Olist order {given.order_id}",
                by=BY,
                now=run.now,
            )
        for _ in range(given.tenders_of_zero):
            await orders.note(
                tx,
                trade_id=given.trade_id,
                order_id=None,
                code="payment_received",
                params={"amount": 0, "currency": CURRENCY},
                by=BY,
                public=False,
                now=run.now,
            )
        return Done(trade_id=given.trade_id)

    return await run.local("book", Done, work, final=True)


BARE = runs.Flow(name="replay_place_bare", takes=PlaceBare, gives=Done, body=_bare)
BOOK = runs.Flow(name="replay_book", takes=Book, gives=Done, body=_booked)
