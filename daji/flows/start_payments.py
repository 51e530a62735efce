"""Start paying for many trades at once: the phases of `start_payment`, each for all of them.

For trades for which nobody began to pay before; who pays by another way than begun goes through `start_payment`.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.flows.settle_payment import SettledMany, ask_tenders, give_back, nothing_to_return
from daji.flows.start_payment import Outcome, StartedTender, StartPayment, record_all, submit
from daji.kit import runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports


class StartPayments(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to pay which trade, and when; each trade is named once."""

    gateway: str
    wishes: tuple[tuple[StartPayment, datetime], ...]


class StartedTrade(msgspec.Struct, frozen=True, kw_only=True):
    trade_id: UUID
    tenders: tuple[StartedTender, ...]


class StartedMany(msgspec.Struct, frozen=True, kw_only=True):
    """`returns` is money that came with the gateway's answers, some of which may not be kept."""

    trades: tuple[StartedTrade, ...]
    returns: SettledMany


class _Reserved(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    currency: str
    pay_by: datetime
    tenders: tuple[payments.Tender, ...]


class _ReservedMany(msgspec.Struct, frozen=True, kw_only=True):
    trades: tuple[_Reserved, ...]


async def _start(run: runs.Run, ctx: Context, given: StartPayments) -> StartedMany:
    gateway = ctx.gateway(given.gateway)
    reserved = await run.local("reserve", _ReservedMany, lambda tx: _reserve(tx, ctx, given))
    sent: list[payments.Sent] = []
    for trade, (wish, at) in zip(reserved.trades, given.wishes, strict=True):
        outcomes: dict[UUID, Outcome] = {}
        for tender, ask in zip(trade.tenders, wish.tenders, strict=True):
            create = ports.CreatePayment(
                key=tender.key,
                amount=tender.amount,
                currency=trade.currency,
                method=tender.method,
                instalments=tender.instalments,
                subject=trade.number,
                notify_url=f"{ctx.policies.public_url}/notify/payments/{given.gateway}",
                return_url=wish.return_url,
                expires_at=trade.pay_by,
                script=ask.script,
            )
            outcomes[tender.id] = await run.outside("create", partial(submit, gateway, create))
        sent.append(payments.Sent(trade_id=wish.trade_id, outcomes=outcomes, at=at))
    started = await run.local("record", StartedMany, lambda tx: _record(tx, ctx, sent), final=_nothing_left)
    for number, settled in enumerate(started.returns.settled):
        await give_back(ctx, settled, ref=f"start:{run.id}:{number}", now=run.now)
    unproven = [
        (tender_id, one.at)
        for one in sent
        for tender_id, outcome in one.outcomes.items()
        if isinstance(outcome, ports.Submitted) and outcome.status != "pending" and outcome.found is None
    ]
    if unproven:
        await ask_tenders(ctx, asked=unproven, now=run.now)
    return started


def _nothing_left(started: StartedMany) -> bool:
    return all(nothing_to_return(settled) for settled in started.returns.settled)


async def _reserve(tx: Tx, ctx: Context, given: StartPayments) -> _ReservedMany:
    heads = await orders.get_heads(tx, asked=[(wish.trade_id, wish.owner) for wish, _ in given.wishes])
    reserved = await payments.reserve_many(
        tx,
        wanted=[
            payments.Wanted(
                trade_id=wish.trade_id,
                tenders=tuple(
                    payments.NewTender(
                        method=ask.method,
                        amount=ask.amount,
                        instalments=ask.instalments,
                        gateway=given.gateway,
                    )
                    for ask in wish.tenders
                ),
                at=at,
            )
            for wish, at in given.wishes
        ],
    )
    if any(one.waiting for one in reserved):
        raise runs.TryLater("earlier tenders of a trade that is to be paid together with others")
    return _ReservedMany(
        trades=tuple(
            _Reserved(
                number=heads[wish.trade_id].number,
                currency=heads[wish.trade_id].currency,
                pay_by=heads[wish.trade_id].pay_by or at + ctx.policies.pay_within,
                tenders=one.tenders,
            )
            for one, (wish, at) in zip(reserved, given.wishes, strict=True)
        )
    )


async def _record(tx: Tx, ctx: Context, sent: list[payments.Sent]) -> StartedMany:
    noted = await record_all(tx, ctx, sent)
    return StartedMany(
        trades=tuple(
            StartedTrade(trade_id=one.trade_id, tenders=tenders)
            for one, (tenders, _) in zip(sent, noted, strict=True)
        ),
        returns=SettledMany(settled=tuple(one for _, settled in noted for one in settled)),
    )


FLOW = runs.Flow(name="start_payments", takes=StartPayments, gives=StartedMany, body=_start)


async def start_payments(
    ctx: Context, given: StartPayments, *, scope: str, key: str, now: datetime
) -> StartedMany:
    """Start paying for all of them once for this key.

    Raises
    ------
    runs.TryLater
        Somebody began to pay for one of them, which waits.
    orders.TradeUnknown, and what `payments.reserve_many` raises
        Then for none of them.
    """
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
