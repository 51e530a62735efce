"""Start paying: reserve tenders, tell the gateway about each, remember what it said.

Several tenders may pay one trade. A gateway that does not answer leaves its tender UNKNOWN; the janitor asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.expire_order import close_tender
from daji.flows.place_order import Placed
from daji.flows.settle_payment import Settled, ask_tender, draw_all, give_back, nothing_to_return
from daji.kit import runs
from daji.kit.db import Tx
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports

Outcome = ports.Submitted | ports.Refusal | Literal["unknown"]


class TenderAsk(msgspec.Struct, frozen=True, kw_only=True):
    """One means of paying; `amount` None means all that is still due."""

    method: str
    amount: int | None = None
    instalments: int = 1
    script: str | None = None


class StartPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer wants to pay `trade_id`; `owner` None when staff or an import acts for them."""

    trade_id: UUID
    owner: Owner | None
    tenders: tuple[TenderAsk, ...]
    return_url: str
    gateway: str


class StartedTender(msgspec.Struct, frozen=True, kw_only=True):
    """Where a tender stands after the gateway was told; `pay_url` is where the buyer goes on."""

    tender_id: UUID
    status: str
    amount: int
    pay_url: str | None


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """What was begun to pay a trade, and the trade itself where the same run placed it.

    `returns` is money that came with the gateway's answer and may not be kept.
    """

    trade_id: UUID
    tenders: tuple[StartedTender, ...]
    placed: Placed | None = None
    returns: tuple[Settled, ...] = ()


class ToPay(msgspec.Struct, frozen=True, kw_only=True):
    """A trade with the tenders reserved for it, or those `waiting` that have to be closed first."""

    trade_id: UUID
    number: str
    currency: str
    pay_by: datetime
    tenders: tuple[payments.Tender, ...]
    waiting: tuple[payments.Tender, ...] = ()
    placed: Placed | None = None


class Noting(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway said of each tender of a trade."""

    reserved: ToPay
    outcomes: Mapping[UUID, Outcome]


Recording = runs.Joint[Context, Noting, Started]


async def _start(run: runs.Run, ctx: Context, given: StartPayment) -> Started:
    ctx.gateway(given.gateway)
    reserved = await run.local("reserve", ToPay, lambda tx: _reserve(tx, ctx, given, run.now))
    if reserved.waiting:
        for tender in reserved.waiting:
            # The buyer chose another way to pay: the one begun before must not bring money as well.
            await close_tender(ctx, tender, now=run.now)
        reserved = await run.local("reserve_after", ToPay, lambda tx: _reserve(tx, ctx, given, run.now))
        if reserved.waiting:
            raise runs.TryLater(f"earlier tenders of {given.trade_id}")
    return await carry_out(run, ctx, given, reserved, record=_RECORD)


async def carry_out(
    run: runs.Run, ctx: Context, given: StartPayment, reserved: ToPay, *, record: Recording
) -> Started:
    """Tell the gateway of each tender that is reserved, and note what it says: the run's answer."""
    gateway = ctx.gateway(given.gateway)
    outcomes: dict[UUID, Outcome] = {}
    for tender, ask in zip(reserved.tenders, given.tenders, strict=True):
        create = ports.CreatePayment(
            key=tender.key,
            amount=tender.amount,
            currency=reserved.currency,
            method=tender.method,
            instalments=tender.instalments,
            subject=reserved.number,
            notify_url=f"{ctx.policies.public_url}/notify/payments/{given.gateway}",
            return_url=given.return_url,
            expires_at=reserved.pay_by,
            script=ask.script,
        )
        outcomes[tender.id] = await run.outside("create", partial(submit, gateway, create))
    noting = Noting(reserved=reserved, outcomes=outcomes)
    started = await run.share(record, ctx, noting)
    for number, settled in enumerate(started.returns):
        await give_back(ctx, settled, ref=f"start:{run.id}:{number}", now=run.now)
    for tender_id, outcome in outcomes.items():
        if isinstance(outcome, ports.Submitted) and outcome.status != "pending" and outcome.found is None:
            await ask_tender(ctx, tender_id=tender_id, now=run.now)
    return started


async def _record(tx: Tx, ctx: Context, told: Sequence[tuple[runs.Run, Noting]]) -> Sequence[Started]:
    """Note what gateways said; money that their answers prove is booked in the same step."""
    noted = await record_all(
        tx,
        ctx,
        [
            payments.Sent(trade_id=noting.reserved.trade_id, outcomes=noting.outcomes, at=run.now)
            for run, noting in told
        ],
    )
    return [
        Started(
            trade_id=noting.reserved.trade_id,
            tenders=tenders,
            placed=noting.reserved.placed,
            returns=tuple(one for one in settled if not nothing_to_return(one)),
        )
        for (_, noting), (tenders, settled) in zip(told, noted, strict=True)
    ]


async def record_all(
    tx: Tx, ctx: Context, sent: Sequence[payments.Sent]
) -> list[tuple[tuple[StartedTender, ...], tuple[Settled, ...]]]:
    """Note what became of sending tenders, each trade named once: its tenders, and what came of money that was proved."""
    done = await payments.record_submissions_many(tx, sent=sent)
    proved = [
        (settlement, one.at)
        for one, settlements in zip(sent, done, strict=True)
        for settlement in settlements
        if settlement.received
    ]
    settled = iter(await draw_all(tx, ctx, proved) if proved else ())
    return [
        (
            tuple(
                _started(settlement.tender, one.outcomes[settlement.tender.id])
                for settlement in settlements
                if settlement.tender is not None
            ),
            tuple(next(settled) for settlement in settlements if settlement.received),
        )
        for one, settlements in zip(sent, done, strict=True)
    ]


def _started(tender: payments.Tender, outcome: Outcome) -> StartedTender:
    return StartedTender(
        tender_id=tender.id,
        status=tender.status,
        amount=tender.amount,
        pay_url=outcome.pay_url if isinstance(outcome, ports.Submitted) else None,
    )


def joint_record(flow: str) -> Recording:
    """The phase in which runs of this flow note what the gateway said of their tenders."""
    return runs.Joint(
        flow=flow,
        phase="record",
        gives=Started,
        work=_record,
        final=lambda started: not started.returns,
        subject=lambda _, noting: noting.reserved.trade_id,
    )


async def _reserve(tx: Tx, ctx: Context, given: StartPayment, now: datetime) -> ToPay:
    trade = await orders.get_head(tx, trade_id=given.trade_id, owner=given.owner)
    reserved = await payments.reserve(
        tx,
        trade_id=trade.id,
        tenders=[
            payments.NewTender(
                method=ask.method, amount=ask.amount, instalments=ask.instalments, gateway=given.gateway
            )
            for ask in given.tenders
        ],
        now=now,
    )
    return ToPay(
        trade_id=trade.id,
        number=trade.number,
        currency=trade.currency,
        pay_by=trade.pay_by or now + ctx.policies.pay_within,
        tenders=reserved.tenders,
        waiting=reserved.waiting,
    )


async def submit(gateway: ports.Gateway, create: ports.CreatePayment) -> Outcome:
    """Tell the gateway; a time-out is "unknown", a gateway that was never reached is a refusal."""
    try:
        return await gateway.create(create)
    except ports.GatewayUnknown:
        return "unknown"
    except ports.GatewayRefused as refused:
        return refused.refusal
    except ports.GatewayUnreachable:
        return ports.Refusal(code="unreachable")


_NAME = "start_payment"
_RECORD = joint_record(_NAME)
FLOW = runs.Flow(name=_NAME, takes=StartPayment, gives=Started, body=_start)


async def start_payment(ctx: Context, given: StartPayment, *, scope: str, key: str, now: datetime) -> Started:
    """Start paying once for this key."""
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
