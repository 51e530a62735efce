"""Place a recorded order as a shopper does: see the price of that day, find the goods there, check out."""

from __future__ import annotations

from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.place_order import PlaceOrder, place_order
from daji.flows.quote_checkout import QuoteRequest, quote_checkout
from daji.flows.replay_olist import plan
from daji.flows.replay_olist.importing import BY, CHANNEL, LANG, SCOPE, address, display_name
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


async def place(stage: Stage, order: Order) -> None:
    """Place it once; a second call finds it placed, and books what is still to be booked."""
    if order.id not in stage.trades:
        stage.trades[order.id] = await (_place(stage, order) if order.items else _place_bare(stage, order))
    zero = sum(not tender.amount for tender in order.tenders)
    if plan.difference(order) or zero:
        await _book(stage, order, zero)


async def _place(stage: Stage, order: Order) -> UUID:
    wanted = {stage.imported.skus[code]: qty for code, qty in order.quantities().items()}
    await _reprice(stage, order)
    await _restock(stage, order, wanted)
    stage.recorded.recorded(
        unit_fees={stage.imported.skus[item.code]: item.freight for item in order.items},
        promised_by=plan.promise(order),
    )
    shopper_id = stage.shopper(order)
    owner = cart.Owner(shopper_id=shopper_id)
    quote = await quote_checkout(
        stage.ctx,
        QuoteRequest(
            owner=owner,
            channel=CHANNEL,
            lang=LANG,
            address=address(order.customer),
            contact=cart.Contact(name=display_name(order.customer.person)),
            items=tuple(wanted.items()),
        ),
        now=stage.now,
    )
    placed = await place_order(
        stage.ctx,
        PlaceOrder(
            quote_id=quote.id,
            owner=owner,
            buyer_keys=(f"shopper:{shopper_id}",),
            by=f"shopper:{shopper_id}",
        ),
        scope=SCOPE,
        key=run_key(order, "place"),
        now=stage.now,
    )
    return placed.trade_id


async def _reprice(stage: Stage, order: Order) -> None:
    """Let the shop ask what the order shows was asked, from now on."""
    shown = {stage.imported.skus[item.code]: item.price for item in order.items}
    changed = {sku_id: price for sku_id, price in shown.items() if stage.prices.get(sku_id) != price}
    if not changed:
        return
    async with stage.ctx.db.transaction() as tx:
        await pricing.set_prices(
            tx,
            list_id=stage.imported.list_id,
            prices=[pricing.NewPrice(sku_id=sku_id, amount=price) for sku_id, price in changed.items()],
            valid_from=stage.now,
            by=BY,
            now=stage.now,
        )
    stage.prices.update(changed)


async def _restock(stage: Stage, order: Order, wanted: dict[UUID, int]) -> None:
    """Let the sellers have exactly what they sold: the source tells sales, and no deliveries to sellers."""
    sites = {stage.imported.skus[item.code]: stage.imported.sites[item.seller_id] for item in order.items}
    async with stage.ctx.db.read() as session:
        stock = await inventory.availability(session, sku_ids=list(wanted))
    there = {(row.sku_id, row.site_id): row.available for row in stock}
    lacking = [
        inventory.HoldLine(sku_id=sku_id, site_id=sites[sku_id], qty=short)
        for sku_id, qty in wanted.items()
        if (short := qty - there.get((sku_id, sites[sku_id]), 0)) > 0
    ]
    if lacking:
        async with stage.ctx.db.transaction() as tx:
            await inventory.receive_many(tx, lines=lacking, ref=f"olist:{order.id}", by=BY, now=stage.now)


async def _place_bare(stage: Stage, order: Order) -> UUID:
    given = PlaceBare(order_id=order.id, amount=order.paid, address=address(order.customer))
    done = await runs.start(
        stage.ctx.db, BARE, stage.ctx, given, scope=SCOPE, key=run_key(order, "place"), now=stage.now
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


async def _book(stage: Stage, order: Order, zero: int) -> None:
    given = Book(
        trade_id=stage.trades[order.id],
        order_id=order.id,
        difference=plan.difference(order),
        reason=plan.difference_reason(order),
        tenders_of_zero=zero,
    )
    await runs.start(
        stage.ctx.db, BOOK, stage.ctx, given, scope=SCOPE, key=run_key(order, "book"), now=stage.now
    )


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
