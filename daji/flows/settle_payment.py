"""Settle: whatever says that money moved ends here, be it a notice, a question of ours, or a browser coming back.

One path and one writer (U-20, U-21): the payments room records what is so, and this journey draws the consequences
in the same transaction. Money that came too late or twice goes back by the refund journey.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.flows.confirm_trade import make_all_firm, revive_trade
from daji.flows.context import Context, asking_gateway
from daji.flows.refund_money import RefundMoney, refund_money
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports

EARLY_SECONDS = 0.05
"""What it takes to note a gateway's answer in a busy house; gateways give a shop five seconds to hear a notice."""


class Settle(msgspec.Struct, frozen=True, kw_only=True):
    """A verified notice of `gateway`."""

    gateway: str
    notice: ports.Notice


class SettleQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway answered when asked about a tender; `found` None when it knows nothing of it."""

    tender_id: UUID
    found: ports.Found | None


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: the outcome, and the money that has to go back, if any."""

    outcome: str
    trade_id: UUID | None = None
    give_back: int = 0
    give_back_reason: str = ""


async def _settle(run: runs.Run, ctx: Context, given: Settle) -> Settled:
    async def work(tx: Tx) -> Settled:
        settlement = await payments.record_notice(tx, gateway=given.gateway, notice=given.notice, now=run.now)
        return await draw_consequences(tx, ctx, settlement, now=run.now)

    settled = await run.local("record", Settled, work, final=nothing_to_return)
    await give_back(ctx, settled, ref=f"notice:{given.gateway}:{given.notice.notice_id}", now=run.now)
    return settled


class SettleMany(msgspec.Struct, frozen=True, kw_only=True):
    """Proven notices of `gateway` about payments, and when each was heard."""

    gateway: str
    notices: tuple[tuple[ports.Notice, datetime], ...]


class SettleQueries(msgspec.Struct, frozen=True, kw_only=True):
    """Answers about several tenders, and when each was given."""

    answers: tuple[payments.Answer, ...]


class SettledMany(msgspec.Struct, frozen=True, kw_only=True):
    settled: tuple[Settled, ...]


async def _settle_many(run: runs.Run, ctx: Context, given: SettleMany) -> SettledMany:
    async def work(tx: Tx) -> SettledMany:
        done = await payments.record_notices(tx, gateway=given.gateway, told=given.notices)
        times = [now for _, now in given.notices]
        return SettledMany(settled=await draw_all(tx, ctx, list(zip(done, times, strict=True))))

    done = await run.local("record", SettledMany, work, final=_all_kept)
    for one, (notice, now) in zip(done.settled, given.notices, strict=True):
        await give_back(ctx, one, ref=f"notice:{given.gateway}:{notice.notice_id}", now=now)
    return done


async def _settle_queries(run: runs.Run, ctx: Context, given: SettleQueries) -> SettledMany:
    async def work(tx: Tx) -> SettledMany:
        done = await payments.record_queries(tx, answers=given.answers)
        times = [answer.at for answer in given.answers]
        return SettledMany(settled=await draw_all(tx, ctx, list(zip(done, times, strict=True))))

    done = await run.local("record", SettledMany, work, final=_all_kept)
    for one, answer in zip(done.settled, given.answers, strict=True):
        await give_back(ctx, one, ref=f"query:{run.id}:{answer.tender_id}", now=answer.at)
    return done


def _all_kept(done: SettledMany) -> bool:
    return all(nothing_to_return(one) for one in done.settled)


async def draw_consequences(
    tx: Tx, ctx: Context, settlement: payments.Settlement, *, now: datetime
) -> Settled:
    """Draw those of one settlement as `draw_all` does."""
    return (await draw_all(tx, ctx, [(settlement, now)]))[0]


async def draw_all(
    tx: Tx, ctx: Context, settlements: Sequence[tuple[payments.Settlement, datetime]]
) -> tuple[Settled, ...]:
    """Bring orders, stock and after-sales into line with what payments recorded; settlements of one trade together."""
    moved: dict[UUID, list[tuple[payments.Settlement, datetime]]] = {}
    for settlement, now in settlements:
        if settlement.payable is not None and settlement.outcome not in {"duplicate", "unknown_payment"}:
            moved.setdefault(settlement.payable.trade_id, []).append((settlement, now))
    moneys = [_money(trade_id, told) for trade_id, told in moved.items()]
    taken = dict(zip(moved, await orders.take_money_many(tx, moneys=moneys) if moneys else (), strict=True))
    firm = [(one.confirmed, moved[trade_id][-1][1]) for trade_id, one in taken.items() if one.confirmed]
    if firm:
        await make_all_firm(tx, firm)
    late: dict[UUID, bool] = {}
    settled: list[Settled] = []
    for settlement, now in settlements:
        trade_id = settlement.payable.trade_id if settlement.payable is not None else None
        if (
            trade_id is None
            or trade_id not in taken
            or settlement.outcome in {"duplicate", "unknown_payment"}
        ):
            settled.append(Settled(outcome=settlement.outcome))
            continue
        if settlement.refund is not None:
            await _finish_case(tx, trade_id, settlement.refund.ref, now=now)
        settled.append(await _settled(tx, ctx, settlement, taken[trade_id], late, now=now))
    return tuple(settled)


def _money(trade_id: UUID, told: Sequence[tuple[payments.Settlement, datetime]]) -> orders.Money:
    """The sums of a trade after the last of its settlements."""
    last, now = told[-1]
    return orders.Money(
        trade_id=trade_id,
        captured=max(one.captured_total for one, _ in told),
        refunded=max(one.refunded_total for one, _ in told),
        settled=last.payable is not None and last.payable.settled and last.refund is None,
        by="system",
        at=now,
        parts=tuple(one.received for one, _ in told),
    )


async def _settled(
    tx: Tx,
    ctx: Context,
    settlement: payments.Settlement,
    taken: orders.MoneyTaken,
    late: dict[UUID, bool],
    *,
    now: datetime,
) -> Settled:
    """What may not be kept of this money; `late` remembers whether a trade that had expired could be revived."""
    trade_id, payable = taken.head.id, settlement.payable
    keep = Settled(outcome=settlement.outcome, trade_id=trade_id)
    if settlement.refund is not None or payable is None:
        return keep
    if taken.confirmed is None and taken.head.status == "expired" and payable.settled:
        if trade_id not in late:
            late[trade_id] = await _revive(tx, ctx, taken.head, now=now)
        if not late[trade_id]:
            return msgspec.structs.replace(keep, give_back=payable.kept, give_back_reason="late")
    elif taken.confirmed is None and taken.head.status in {"expired", "cancelled"}:
        return msgspec.structs.replace(keep, give_back=settlement.received, give_back_reason="late")
    return msgspec.structs.replace(keep, give_back=settlement.excess, give_back_reason="over")


def nothing_to_return(settled: Settled) -> bool:
    """Whether the shop may keep what came, so that nothing is left to do."""
    return settled.trade_id is None or settled.give_back <= 0


async def _revive(tx: Tx, ctx: Context, trade: orders.TradeHead, *, now: datetime) -> bool:
    """Hold the goods again for money that came after the expiry (U-15); False when they are gone."""
    try:
        async with tx.savepoint():
            await revive_trade(tx, ctx, trade_id=trade.id, now=now)
    except inventory.StockShort:
        await orders.note(
            tx,
            trade_id=trade.id,
            order_id=None,
            code="paid_too_late",
            params={"amount": trade.due, "currency": trade.currency},
            by="system",
            public=True,
            now=now,
        )
        return False
    return True


async def _finish_case(tx: Tx, trade_id: UUID, ref: str, *, now: datetime) -> None:
    """Close the after-sales case when the last refund of its plan is done."""
    if not ref.startswith("case:"):
        return
    payable = await payments.get_payable(tx, trade_id=trade_id)
    plan = [refund for refund in payable.refunds if refund.ref == ref]
    if plan and all(refund.status == "done" for refund in plan):
        await aftersales.finish_refund(
            tx,
            case_id=ids.read("cas", ref.removeprefix("case:")),
            amount=sum(r.amount for r in plan),
            now=now,
        )


async def give_back(ctx: Context, settled: Settled, *, ref: str, now: datetime) -> None:
    """Return money that the shop may not keep."""
    if settled.trade_id is not None and not nothing_to_return(settled):
        wish = RefundMoney(
            trade_id=settled.trade_id, amount=settled.give_back, reason=settled.give_back_reason, ref=ref
        )
        await refund_money(ctx, wish, now=now)


FLOW = runs.Flow(name="settle_payment", takes=Settle, gives=Settled, body=_settle)


async def settle_payment(ctx: Context, given: Settle, *, now: datetime) -> Settled:
    """Take a verified notice; the gateway's own notice id is the key, so a repeat gets the first answer.

    One that tells what the gateway's own answer told before, as most do, is stored and no journey; those of one moment
    are looked through together. One that overtook that answer waits for it to be noted, once.
    """
    repeat = await _repeat(ctx, given, now)
    if repeat == "early":
        await asyncio.sleep(EARLY_SECONDS)
        repeat = await _repeat(ctx, given, now)
    if isinstance(repeat, payments.Settlement):
        return Settled(outcome=repeat.outcome)
    return await runs.start(
        ctx.db, FLOW, ctx, given, scope=f"gateway:{given.gateway}", key=given.notice.notice_id, now=now
    )


async def _repeat(ctx: Context, given: Settle, now: datetime) -> payments.Settlement | payments.Early | None:
    work = partial(_note_repeats, ctx, given.gateway)
    return await ctx.db.together((_note_repeats, ctx, given.gateway), work, (given.notice, now))


async def _note_repeats(
    ctx: Context, gateway: str, told: Sequence[tuple[ports.Notice, datetime]]
) -> list[payments.Settlement | payments.Early | None]:
    async with ctx.db.fresh() as session:
        return await payments.note_repeats(session, gateway=gateway, told=told)


async def ask_tender(
    ctx: Context, *, tender_id: UUID, now: datetime, tender: payments.Tender | None = None
) -> Settled:
    """Ask the gateway what became of a tender, and settle by the same path as a notice.

    The janitor calls it for UNKNOWN tenders, a returning browser for impatient buyers. `tender` spares the reading of
    one that was just read.

    Raises
    ------
    runs.TryLater
        When the gateway does not answer; the tender's timer asks again.
    """
    if tender is None:
        async with ctx.db.fresh() as session:
            tender = await payments.find_tender(session, tender_id=tender_id)
    if tender is None:
        return Settled(outcome="unknown_payment")
    with asking_gateway(tender.gateway):
        found = await ctx.gateway(tender.gateway).query(tender.key)

    # A run of its own, so that money which must go back goes back even when this process dies in between.
    answer = SettleQuery(tender_id=tender_id, found=found)
    return await runs.start(
        ctx.db, QUERY, ctx, answer, scope=f"tender:{tender_id}", key=str(ids.new_id()), now=now
    )


async def _settle_query(run: runs.Run, ctx: Context, given: SettleQuery) -> Settled:
    async def work(tx: Tx) -> Settled:
        settlement = await payments.record_query(
            tx, tender_id=given.tender_id, found=given.found, now=run.now
        )
        return await draw_consequences(tx, ctx, settlement, now=run.now)

    settled = await run.local("record", Settled, work, final=nothing_to_return)
    await give_back(ctx, settled, ref=f"query:{run.id}", now=run.now)
    return settled


QUERY = runs.Flow(name="settle_query", takes=SettleQuery, gives=Settled, body=_settle_query)
MANY = runs.Flow(name="settle_payments", takes=SettleMany, gives=SettledMany, body=_settle_many)
QUERIES = runs.Flow(name="settle_queries", takes=SettleQueries, gives=SettledMany, body=_settle_queries)


async def settle_payments(
    ctx: Context, given: SettleMany, *, scope: str, key: str, now: datetime
) -> SettledMany:
    """Take proven notices about payments, each tender named once, together once for this key."""
    return await runs.start(ctx.db, MANY, ctx, given, scope=scope, key=key, now=now)


async def ask_tenders(ctx: Context, *, asked: Sequence[tuple[UUID, datetime]], now: datetime) -> None:
    """Ask what became of tenders, each at its time, and settle all answers together.

    Raises
    ------
    runs.TryLater
        When a gateway does not answer; the tenders' timers ask again.
    """
    async with ctx.db.fresh() as session:
        known = await payments.find_tenders(session, tender_ids=[tender_id for tender_id, _ in asked])
    answers: list[payments.Answer] = []
    for tender_id, at in asked:
        if tender_id in known:
            tender = known[tender_id]
            with asking_gateway(tender.gateway):
                found = await ctx.gateway(tender.gateway).query(tender.key)
            answers.append(payments.Answer(tender_id=tender_id, found=found, at=at))
    if answers:
        given = SettleQueries(answers=tuple(answers))
        await runs.start(ctx.db, QUERIES, ctx, given, scope="tenders", key=str(ids.new_id()), now=now)
