"""Refunds and the books: never above what came in, always in balance (U-24, U-41, U-42)."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from daji.kit import ids
from daji.kit.db import Database, Tx
from daji.kit.problems import Invalid
from daji.trade.payments import api
from daji.trade.payments.api import NewTender, Payable, Tender
from daji.trade.payments.ports import Notice, RefundAnswer, Refusal, Submitted

DONE = RefundAnswer(status="succeeded", gateway_refund_no="R1")
CNY = "CNY"


async def paid(
    db: Database, now: datetime, *amounts: int, gateways: tuple[str, ...] = (), channel: str = ""
) -> tuple[UUID, tuple[Tender, ...]]:
    """A trade whose tenders were captured one minute after another."""
    trade_id = ids.new_id()
    async with db.transaction() as tx:
        await api.open_payable(
            tx, trade_id=trade_id, amount=sum(amounts), currency=CNY, now=now, channel=channel
        )
        new = [
            NewTender(method="wallet", amount=amount, gateway=gateways[n] if gateways else "sandbox")
            for n, amount in enumerate(amounts)
        ]
        made = await api.add_tenders(tx, trade_id=trade_id, tenders=new, now=now)
        for minute, tender in enumerate(made):
            await capture(tx, tender, now + timedelta(minutes=minute))
    return trade_id, made


async def capture(tx: Tx, tender: Tender, now: datetime, amount: int | None = None) -> None:
    outcome = Submitted(gateway_no=f"G-{tender.id.hex}", status="pending")
    await api.record_submission(tx, tender_id=tender.id, outcome=outcome, now=now)
    notice = Notice(
        notice_id=ids.new_id().hex,
        kind="captured",
        key=tender.key,
        amount=tender.amount if amount is None else amount,
        currency=tender.currency,
        gateway_no=f"G-{tender.id.hex}",
        occurred_at=now,
    )
    await api.record_notice(tx, gateway=tender.gateway, notice=notice, now=now)


async def plan(db: Database, trade_id: UUID, amount: int, ref: str, now: datetime) -> tuple[api.Refund, ...]:
    async with db.transaction() as tx:
        return await api.plan_refund(tx, trade_id=trade_id, amount=amount, reason="why", ref=ref, now=now)


async def read(db: Database, trade_id: UUID) -> Payable:
    async with db.read() as session:
        return await api.get_payable(session, trade_id=trade_id)


async def check_books(db: Database, *trades: UUID) -> None:
    """The books balance, and say of each trade what its payable says."""
    async with db.read() as session:
        balance = await api.trial_balance(session)
        assert sum(balance.values()) == 0
        for trade_id in trades:
            payable = await api.get_payable(session, trade_id=trade_id)
            accounts: dict[str, int] = {}
            for entry in await api.list_entries(session, trade_id=trade_id):
                kind = entry.account.split(":")[0]
                accounts[kind] = accounts.get(kind, 0) + entry.amount
            assert accounts.get("gateway", 0) == payable.captured - payable.refunded
            assert accounts.get("buyers", 0) == -payable.kept
            assert accounts.get("refunds", 0) == -payable.refunding
            assert payable.captured == sum(t.captured for t in payable.tenders)
            assert payable.refunding == sum(t.refunding for t in payable.tenders)
            assert payable.refunded == sum(t.refunded for t in payable.tenders)
            for tender in payable.tenders:
                moving = [r for r in payable.refunds if r.tender_id == tender.id and r.finished_at is None]
                assert tender.refunding == sum(r.amount for r in moving)


class TestPlan:
    async def test_the_last_captured_pays_first(self, db: Database, now: datetime):
        trade_id, (a, b, c) = await paid(db, now, 100, 200, 300, gateways=("one", "two", "three"))
        made = await plan(db, trade_id, 450, "case:1", now)
        assert [(r.tender_id, r.amount, r.gateway) for r in made] == [
            (c.id, 300, "three"),
            (b.id, 150, "two"),
        ]
        assert [(r.key, r.payment_key, r.gateway_no) for r in made] == [
            (str(r.id), str(r.tender_id), f"G-{r.tender_id.hex}") for r in made
        ]
        made = await plan(db, trade_id, 150, "case:2", now)
        assert [(r.tender_id, r.amount) for r in made] == [(b.id, 50), (a.id, 100)]
        await check_books(db, trade_id)

    async def test_the_same_ref_is_the_same_answer(self, db: Database, now: datetime):
        trade_id, _ = await paid(db, now, 100, 200)
        first = await plan(db, trade_id, 250, "case:1", now)
        assert await plan(db, trade_id, 250, "case:1", now + timedelta(days=1)) == first
        with pytest.raises(api.RefundRefReused) as refused:
            await plan(db, trade_id, 251, "case:1", now)
        assert refused.value.params == {"ref": "case:1", "planned": 250, "asked": 251}
        assert (await read(db, trade_id)).refunding == 250

    async def test_many_partial_and_goodwill_refunds_up_to_what_came_in(self, db: Database, now: datetime):
        """U-42: ad hoc, more than once, capped at captured; what was refused changes nothing."""
        trade_id, _ = await paid(db, now, 1000)
        for n in range(9):
            (refund,) = await plan(db, trade_id, 100, f"goodwill:{n}", now)
            async with db.transaction() as tx:
                await api.record_refund(tx, refund_id=refund.id, outcome=DONE, now=now)
        with pytest.raises(api.RefundTooMuch) as refused:
            await plan(db, trade_id, 101, "goodwill:last", now)
        assert refused.value.params == {"asked": 101, "available": 100, "currency": CNY}
        await plan(db, trade_id, 100, "goodwill:last", now)
        payable = await read(db, trade_id)
        assert (payable.captured, payable.refunded, payable.refunding, payable.kept) == (1000, 900, 100, 0)
        await check_books(db, trade_id)

    @pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
    async def test_senseless_amounts(self, db: Database, now: datetime, amount: int):
        trade_id, _ = await paid(db, now, 100)
        with pytest.raises(api.BadAmount):
            await plan(db, trade_id, amount, "x", now)

    @pytest.mark.parametrize("ref", ["", "a\x00b", "x" * 201])
    async def test_senseless_refs(self, db: Database, now: datetime, ref: str):
        trade_id, _ = await paid(db, now, 100)
        with pytest.raises(Invalid):
            await plan(db, trade_id, 1, ref, now)

    async def test_nothing_captured_nothing_to_refund(self, db: Database, now: datetime):
        trade_id = ids.new_id()
        async with db.transaction() as tx:
            await api.open_payable(tx, trade_id=trade_id, amount=100, currency=CNY, now=now)
        with pytest.raises(api.RefundTooMuch):
            await plan(db, trade_id, 1, "x", now)

    async def test_a_failed_refund_frees_its_claim_for_a_new_ref(self, db: Database, now: datetime):
        trade_id, _ = await paid(db, now, 100)
        (refund,) = await plan(db, trade_id, 100, "case:1", now)
        async with db.transaction() as tx:
            failed = await api.record_refund(
                tx, refund_id=refund.id, outcome=Refusal(code="account_closed"), now=now
            )
        assert (failed.status, failed.code) == ("failed", "account_closed")
        assert await plan(db, trade_id, 100, "case:1", now) == (failed,)
        assert len(await plan(db, trade_id, 100, "case:1:again", now)) == 1
        await check_books(db, trade_id)


class TestOutcomes:
    async def test_unclear_is_asked_again_until_it_is_certain(self, db: Database, now: datetime):
        trade_id, _ = await paid(db, now, 100)
        (refund,) = await plan(db, trade_id, 60, "case:1", now)
        assert await due(db, refund.id) == now + timedelta(seconds=30)
        processing = RefundAnswer(status="processing", gateway_refund_no="R9")
        for outcome, status in (
            ("unknown", "unknown"),
            (processing, "processing"),
            ("unknown", "processing"),
        ):
            async with db.transaction() as tx:
                after = await api.record_refund(tx, refund_id=refund.id, outcome=outcome, now=now)  # type: ignore[arg-type]
            assert after.status == status
            assert await due(db, refund.id) == now + timedelta(seconds=30)
        for _ in range(5):
            async with db.transaction() as tx:
                done = await api.record_refund(tx, refund_id=refund.id, outcome=DONE, now=now)
            assert (done.status, done.gateway_refund_no, done.finished_at) == ("done", "R9", now)
        for outcome in ("unknown", processing, Refusal(code="no"), RefundAnswer(status="failed")):
            async with db.transaction() as tx:
                same = await api.record_refund(tx, refund_id=refund.id, outcome=outcome, now=now)  # type: ignore[arg-type]
            assert same == done
        assert await due(db, refund.id) is None
        assert (await read(db, trade_id)).refunded == 60
        await check_books(db, trade_id)


async def due(db: Database, subject: UUID) -> datetime | None:
    async with db.read() as session:
        found: datetime | None = await session.value(
            "SELECT due_at FROM kit.timers WHERE subject = $1 AND kind = $2", subject, api.ASK_REFUND
        )
    return found


class TestRivals:
    async def test_a_hundred_cancellations_refund_once(self, db: Database, now: datetime):
        """U-24: the same reference a hundred times at once; the books balance in between."""
        trade_id, _ = await paid(db, now, 700, 300)
        results = await asyncio.gather(*(plan(db, trade_id, 800, "cancel:1", now) for _ in range(100)))
        assert all(result == results[0] for result in results)
        payable = await read(db, trade_id)
        assert (payable.refunding, len(payable.refunds)) == (800, 2)
        await check_books(db, trade_id)

    async def test_fifty_different_claims_never_exceed_what_came_in(self, db: Database, now: datetime):
        """U-42: 50 refunds of 90 over 1,000 captured: 11 fit."""
        trade_id, _ = await paid(db, now, 400, 600)
        results = await asyncio.gather(
            *(plan(db, trade_id, 90, f"ref:{n}", now) for n in range(50)), return_exceptions=True
        )
        refused = [result for result in results if isinstance(result, BaseException)]
        assert len(refused) == 39
        assert all(isinstance(result, api.RefundTooMuch) for result in refused)
        payable = await read(db, trade_id)
        assert (payable.refunding, payable.kept) == (990, 10)
        await check_books(db, trade_id)

    async def test_an_end_told_twice_at_once_is_booked_once(self, db: Database, now: datetime):
        trade_id, _ = await paid(db, now, 100)
        (refund,) = await plan(db, trade_id, 100, "case:1", now)

        async def end(outcome: RefundAnswer) -> api.Refund:
            async with db.transaction() as tx:
                return await api.record_refund(tx, refund_id=refund.id, outcome=outcome, now=now)

        ends = [DONE, RefundAnswer(status="failed", code="x")] * 10
        results = await asyncio.gather(*(end(outcome) for outcome in ends))
        assert len({result.status for result in results}) == 1
        await check_books(db, trade_id)


async def test_five_hundred_random_edits(db: Database, now: datetime):
    """U-41: after every edit captured - refunded (with what is promised back) is the current total."""
    dice = random.Random(41)  # noqa: S311 - a repeatable sequence
    trade_id, _ = await paid(db, now, 10_000)
    total, moving = 10_000, list[api.Refund]()
    for step in range(500):
        at = now + timedelta(minutes=step)
        async with db.transaction() as tx:
            total = max(0, total + dice.randint(-3000, 3000))
            payable = await api.change_due(tx, trade_id=trade_id, amount=total, now=at)
            if payable.excess:
                moving += await api.plan_refund(
                    tx, trade_id=trade_id, amount=payable.excess, reason="edit", ref=f"edit:{step}", now=at
                )
            elif payable.kept < total:
                new = [NewTender(method="wallet", amount=total - payable.kept, gateway="sandbox")]
                (tender,) = await api.add_tenders(tx, trade_id=trade_id, tenders=new, now=at)
                await capture(tx, tender, at)
            if moving and dice.random() < 0.6:
                refund = moving.pop(dice.randrange(len(moving)))
                await api.record_refund(tx, refund_id=refund.id, outcome=DONE, now=at)
            after = await api.find_payable(tx, trade_id=trade_id)
            assert after is not None
            assert after.captured - after.refunded - after.refunding == total
            assert after.settled
            assert after.excess == 0
    await check_books(db, trade_id)
    assert len((await read(db, trade_id)).refunds) > 100


class TestBooks:
    async def test_entries_cannot_be_changed_or_removed(self, db: Database, now: datetime):
        await paid(db, now, 100)
        for sql in (
            "UPDATE payments.entry SET amount = amount + 1",
            "DELETE FROM payments.entry",
            "TRUNCATE payments.entry",
        ):
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await run(db, sql)

    async def test_a_posting_that_does_not_balance_is_refused(self, db: Database, now: datetime):
        one = ids.new_id()
        for values in (
            [("gateway:x:CNY", 5)],
            [("gateway:x:CNY", 5), ("buyers:CNY", -4)],
            [("gateway:x:CNY", 5), ("buyers:USD", -5)],
        ):
            rows = ", ".join(
                f"('{ids.new_id()}', '{one}', 'capture', '{account}', {amount}, '{account[-3:]}', '{one}', '{one}', now())"
                for account, amount in values
            )
            with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
                await run(
                    db,
                    "INSERT INTO payments.entry (id, posting_id, kind, account, amount, currency, trade_id,"  # noqa: S608
                    f" tender_id, posted_at) VALUES {rows}",
                )

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE payments.payable SET refunding = captured + 1",
            "UPDATE payments.payable SET captured = -1",
            "UPDATE payments.tender SET refunded = captured + 1",
            "UPDATE payments.tender SET status = 'pending'",
            "UPDATE payments.tender SET captured = 0",
            "UPDATE payments.tender SET instalments = 49",
        ],
    )
    async def test_the_tables_refuse_what_the_code_never_does(self, db: Database, now: datetime, sql: str):
        await paid(db, now, 100)
        with pytest.raises(asyncpg.CheckViolationError):
            await run(db, sql)

    async def test_accounts_hold_one_currency(self, db: Database, now: datetime):
        await paid(db, now, 100)
        trade_id = ids.new_id()
        async with db.transaction() as tx:
            await api.open_payable(tx, trade_id=trade_id, amount=70, currency="JPY", now=now)
            new = [NewTender(method="wallet", amount=70, gateway="sandbox")]
            (tender,) = await api.add_tenders(tx, trade_id=trade_id, tenders=new, now=now)
            await capture(tx, tender, now)
            await api.plan_refund(tx, trade_id=trade_id, amount=30, reason="", ref="x", now=now)
            assert await api.trial_balance(tx) == {
                "buyers:CNY": -100,
                "buyers:JPY": -40,
                "gateway:sandbox:CNY": 100,
                "gateway:sandbox:JPY": 70,
                "refunds:JPY": -30,
            }

    async def test_totals_by_method_and_channel(self, db: Database, now: datetime):
        await paid(db, now, 100, 50, channel="web")
        await paid(db, now, 7, channel="app")
        async with db.read() as session:
            (total,) = await api.totals_by_method(session)
            (web,) = await api.totals_by_method(session, channel="web")
            assert await api.totals_by_method(session, channel="none") == ()
        assert (total.method, total.currency, total.tenders, total.captured) == ("wallet", CNY, 3, 157)
        assert (web.tenders, web.captured, web.instalments) == (2, 150, 2)


async def run(db: Database, sql: str) -> None:
    async with db.transaction() as tx:
        await tx.execute(sql)
