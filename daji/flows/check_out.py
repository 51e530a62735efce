"""One tap at the end of a checkout: place the order at the quote that was read, and start paying for it.

One run. Its first phase places and reserves what is to pay, in one transaction, together with whoever taps in the same
moment; then the gateway is told, and what it says is noted as `start_payment` notes it. When the gateway refuses or is not there, the order is kept for its time and
its page offers to pay again: nothing is undone for a payment that did not start.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.place_order import Placed, PlaceOrder, Placing, confirm_free, place_all, place_order
from daji.flows.start_payment import (
    Started,
    StartedTender,
    StartPayment,
    TenderAsk,
    ToPay,
    carry_out,
    joint_record,
)
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.payments import api as payments


class CheckOut(msgspec.Struct, frozen=True, kw_only=True):
    """`order` as the buyer confirmed it; no `tender`: pay later.

    `return_base` is the page that the gateway leads back to, less the trade's id.
    """

    order: PlaceOrder
    tender: TenderAsk | None
    return_base: str
    gateway: str


class CheckedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was placed, and what was begun to pay it: no `tenders` where nothing was, or nothing is due."""

    placed: Placed
    tenders: tuple[StartedTender, ...] = ()

    @property
    def trade_id(self) -> UUID:
        return self.placed.trade_id

    @property
    def due(self) -> int:
        return self.placed.due

    @property
    def pay_url(self) -> str | None:
        """Where the buyer goes on; None when nothing is left to do, or no payment has started."""
        return next((tender.pay_url for tender in self.tenders if tender.pay_url), None)


async def _check_out(run: runs.Run, ctx: Context, given: CheckOut) -> Started:
    ctx.gateway(given.gateway)
    held = await run.share(_PLACE, ctx, given)
    if not held.tenders:
        if held.placed is not None:
            await confirm_free(ctx, held.placed, by=given.order.by, now=run.now)
        return Started(trade_id=held.trade_id, tenders=(), placed=held.placed)
    payment = StartPayment(
        trade_id=held.trade_id,
        owner=given.order.owner,
        tenders=_asked(given),
        return_url=f"{given.return_base}{ids.show('trd', held.trade_id)}",
        gateway=given.gateway,
    )
    return await carry_out(run, ctx, payment, held, record=_RECORD)


def _asked(given: CheckOut) -> tuple[TenderAsk, ...]:
    return () if given.tender is None else (given.tender,)


async def _place(tx: Tx, ctx: Context, asked: Sequence[tuple[runs.Run, CheckOut]]) -> Sequence[ToPay]:
    """Place all of them, and reserve what is to pay each."""
    placing = [
        Placing(
            given=given.order,
            at=run.now,
            trade_id=run.id,
            tenders=tuple(
                payments.NewTender(
                    method=ask.method, amount=ask.amount, instalments=ask.instalments, gateway=given.gateway
                )
                for ask in _asked(given)
            ),
        )
        for run, given in asked
    ]
    return [
        ToPay(
            trade_id=placed.trade_id,
            number=placed.number,
            currency=placed.currency,
            pay_by=placed.pay_by,
            tenders=tenders,
            placed=placed,
        )
        for placed, tenders in await place_all(tx, ctx, placing)
    ]


_NAME = "check_out"
_PLACE = runs.Joint(
    flow=_NAME,
    phase="place",
    gives=ToPay,
    work=_place,
    final=lambda _: False,
    subject=lambda run, _: run.id,
)
_RECORD = joint_record(_NAME)
FLOW = runs.Flow(name=_NAME, takes=CheckOut, gives=Started, body=_check_out)


async def check_out(ctx: Context, given: CheckOut, *, scope: str, key: str, now: datetime) -> CheckedOut:
    """Place, and start paying, once for this key.

    Raises
    ------
    place_order.QuoteExpired, place_order.QuoteChanged, inventory.HoldLimit, payments.BadTender, kit's KeyReused and InProgress
        Before anything is placed; a payment that does not start is no reason to raise.
    """
    if given.tender is None:
        return CheckedOut(placed=await place_order(ctx, given.order, scope=scope, key=key, now=now))
    started = await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
    if started.placed is None:
        raise AssertionError("a checkout remembers what it placed")
    return CheckedOut(placed=started.placed, tenders=started.tenders)
