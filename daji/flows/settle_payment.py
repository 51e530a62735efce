"""Settle: whatever says that money moved ends here, be it a notice, a question of ours, or a browser coming back.

One path and one writer (U-20, U-21): the payments room records what is so, and this journey draws the consequences
in the same transaction. Money that came too late or twice goes back by the refund journey.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.care.aftersales import api as aftersales
from daji.flows.confirm_trade import make_firm, revive_trade
from daji.flows.context import Context, asking_gateway
from daji.flows.refund_money import RefundMoney, refund_money
from daji.fulfil.inventory import api as inventory
from daji.kit import ids, runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders
from daji.trade.payments import api as payments
from daji.trade.payments import ports


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


async def draw_consequences(
    tx: Tx, ctx: Context, settlement: payments.Settlement, *, now: datetime
) -> Settled:
    """Bring order, stock and after-sales into line with what payments recorded."""
    payable = settlement.payable
    if payable is None or settlement.outcome in {"duplicate", "unknown_payment"}:
        return Settled(outcome=settlement.outcome)
    trade_id = payable.trade_id
    taken = await orders.take_money(
        tx,
        trade_id=trade_id,
        captured=settlement.captured_total,
        refunded=settlement.refunded_total,
        settled=payable.settled and settlement.refund is None,
        by="system",
        now=now,
    )
    if settlement.refund is not None:
        await _finish_case(tx, trade_id, settlement.refund.ref, now=now)
        return Settled(outcome=settlement.outcome, trade_id=trade_id)
    keep = Settled(outcome=settlement.outcome, trade_id=trade_id)
    if taken.confirmed is not None:
        await make_firm(tx, taken.confirmed, now=now)
    elif taken.head.status == "expired" and payable.settled:
        if not await _revive(tx, ctx, taken.head, now=now):
            return msgspec.structs.replace(keep, give_back=payable.kept, give_back_reason="late")
    elif taken.head.status in {"expired", "cancelled"}:
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

    One that tells what the gateway's own answer told before, as most do, is stored and no journey.
    """
    async with ctx.db.fresh() as session:
        repeat = await payments.note_repeat(session, gateway=given.gateway, notice=given.notice, now=now)
    if repeat is not None:
        return Settled(outcome=repeat.outcome)
    return await runs.start(
        ctx.db, FLOW, ctx, given, scope=f"gateway:{given.gateway}", key=given.notice.notice_id, now=now
    )


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
