"""Cancel a whole trade or one child before it ships, or when its parcel came back; money goes back unit by unit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.flows import flash_stock
from daji.flows.context import Context
from daji.flows.expire_order import close_tender
from daji.flows.refund_money import RefundMoney, refund_money
from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments


class TooLateToCancel(Problem):
    """A parcel has left the house; what remains is a return."""

    code = "flows.too_late_to_cancel"
    status = 409


class NotUnpaid(Problem):
    """Only an order that waits for its money can be ended like this; `trade_status` says where it is."""

    code = "flows.not_unpaid"
    status = 409


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Cancel the trade, or only `order_id` of it; `owner` None when staff or an import acts.

    `missing` says that the goods were looked for and not found: they are written off as lost. `only_unpaid` leaves an
    order alone that was paid for meanwhile.
    """

    trade_id: UUID
    order_id: UUID | None
    owner: Owner | None
    reason: str
    by: str
    missing: bool = False
    only_unpaid: bool = False


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    """`give_back` is the paid share of the cancelled units (minor units); 0 for an unpaid trade."""

    trade_id: UUID
    status: str
    give_back: int
    currency: str


async def _cancel(run: runs.Run, ctx: Context, given: CancelOrder) -> Cancelled:
    async def work(tx: Tx) -> Cancelled:
        trade = await orders.get_trade(tx, trade_id=given.trade_id, owner=given.owner)
        _check_unpaid(trade, given)
        if trade.status == "placed" or not trade.orders:
            return await _cancel_whole(tx, trade, given, run.now)
        chosen = [
            order
            for order in trade.orders
            if order.status == "confirmed" and given.order_id in {None, order.id}
        ]
        if given.order_id is not None and not any(order.id == given.order_id for order in trade.orders):
            raise orders.OrderUnknown(order=ids.show("ord", given.order_id))
        if not chosen:
            raise TooLateToCancel(order=trade.number)
        back = 0
        cancelled_units: list[orders.Unit] = []
        for order in chosen:
            gone = await orders.cancel_order(
                tx, order_id=order.id, reason=given.reason, by=given.by, now=run.now
            )
            back += gone.amount
            cancelled_units += gone.units
        await orders.note_refund(
            tx, amounts=[(unit.id, unit.paid - unit.refunded) for unit in cancelled_units], now=run.now
        )
        for order in chosen:
            await _give_stock_back(tx, trade, order, given, run.now)
        for order in chosen:
            if order.delivery == "returned":
                continue
            if not await warehouse.cancel(tx, order_id=order.id, by=given.by, now=run.now):
                raise TooLateToCancel(order=order.number)
        after = await orders.get_trade(tx, trade_id=trade.id, owner=None)
        if after.status == "cancelled":
            # What was booked beside the promise was paid with it, so it goes the same way back.
            back = max(back + after.difference, 0)
        return Cancelled(trade_id=trade.id, status=after.status, give_back=back, currency=trade.currency)

    cancelled = await run.local("cancel", Cancelled, work)
    await _close_open_tenders(ctx, given.trade_id, cancelled, now=run.now)
    if cancelled.give_back:
        await refund_money(
            ctx,
            RefundMoney(
                trade_id=given.trade_id,
                amount=cancelled.give_back,
                reason=given.reason,
                ref=f"cancel:{run.id}",
            ),
            now=run.now,
        )
    return cancelled


def _check_unpaid(trade: orders.Trade, given: CancelOrder) -> None:
    if given.only_unpaid and trade.status != "placed":
        raise NotUnpaid(order=trade.number, trade_status=trade.status)


async def _cancel_whole(tx: Tx, trade: orders.Trade, given: CancelOrder, now: datetime) -> Cancelled:
    """Not paid in full, or without known lines: the trade goes as one, whatever was paid goes back."""
    await payments.close_payable(tx, trade_id=trade.id, now=now)
    closed = await payments.get_payable(tx, trade_id=trade.id)
    cancelled = await orders.cancel_trade(tx, trade_id=trade.id, reason=given.reason, by=given.by, now=now)
    await flash_stock.let_go(tx, holder=trade.id, reason="cancelled", by=given.by, now=now)
    return Cancelled(
        trade_id=trade.id,
        status=cancelled.status,
        give_back=closed.kept,
        currency=trade.currency,
    )


async def _give_stock_back(
    tx: Tx, trade: orders.Trade, order: orders.Order, given: CancelOrder, now: datetime
) -> None:
    held = [
        inventory.HoldLine(sku_id=line.sku_id, site_id=order.site_id, qty=line.qty) for line in order.lines
    ]
    if order.delivery == "returned":
        # The parcel came back unopened: its goods were shipped, so no hold is left to release.
        back = [inventory.Graded(sku_id=line.sku_id, qty=line.qty, grade="restock") for line in order.lines]
        await inventory.take_back(
            tx, site_id=order.site_id, lines=back, ref=ids.show("ord", order.id), by=given.by, now=now
        )
        return
    await flash_stock.let_go(
        tx, holder=trade.id, reason=given.reason, by=given.by, now=now, lines=held, lost=given.missing
    )
    if given.missing:
        for line in held:
            await inventory.adjust(
                tx,
                site_id=line.site_id,
                sku_id=line.sku_id,
                delta=-line.qty,
                reason="lost",
                note=order.number,
                by=given.by,
                now=now,
            )


async def _close_open_tenders(ctx: Context, trade_id: UUID, cancelled: Cancelled, *, now: datetime) -> None:
    """A buyer may be paying this very moment: close what is open, settle what went through."""
    if cancelled.status != "cancelled":
        return
    async with ctx.db.read() as session:
        payable = await payments.get_payable(session, trade_id=trade_id)
    for tender in payable.tenders:
        if tender.status in payments.WAITING:
            await close_tender(ctx, tender, now=now)


FLOW = runs.Flow(name="cancel_order", takes=CancelOrder, gives=Cancelled, body=_cancel)


async def cancel_order(ctx: Context, given: CancelOrder, *, scope: str, key: str, now: datetime) -> Cancelled:
    """Cancel once for this key.

    Raises
    ------
    TooLateToCancel
        When a chosen parcel was handed over, or nothing is left to cancel.
    """
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
