"""Payables, tenders and submissions: what may be asked, and what an unclear answer leaves behind."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from daji.kit import ids
from daji.kit.db import Database
from daji.kit.money import UnknownCurrency
from daji.trade.payments import api
from daji.trade.payments.api import NewTender
from daji.trade.payments.ports import Found, Refusal, Submitted


async def opened(db: Database, now: datetime, due: int = 1000, currency: str = "CNY") -> UUID:
    trade_id = ids.new_id()
    async with db.transaction() as tx:
        await api.open_payable(tx, trade_id=trade_id, amount=due, currency=currency, now=now)
    return trade_id


async def timers(db: Database) -> dict[tuple[str, UUID], datetime]:
    async with db.read() as session:
        rows = await session.rows("SELECT kind, subject, due_at FROM kit.timers")
    return {(row["kind"], row["subject"]): row["due_at"] for row in rows}


def wallet(amount: int, instalments: int = 1, method: str = "wallet") -> NewTender:
    return NewTender(method=method, amount=amount, gateway="sandbox", instalments=instalments)


async def test_open_is_idempotent_and_refuses_another_amount(db: Database, now: datetime):
    trade_id = await opened(db, now)
    async with db.transaction() as tx:
        again = await api.open_payable(tx, trade_id=trade_id, amount=1000, currency="CNY", now=now)
        assert (again.due, again.status, again.opened_at) == (1000, "open", now)
        for amount, currency in ((999, "CNY"), (1000, "USD")):
            with pytest.raises(api.PayableExists) as refused:
                await api.open_payable(tx, trade_id=trade_id, amount=amount, currency=currency, now=now)
            assert refused.value.params == {"due": 1000, "currency": "CNY"}


async def test_nothing_due_is_paid_at_once(db: Database, now: datetime):
    trade_id = await opened(db, now, due=0)
    async with db.read() as session:
        payable = await api.get_payable(session, trade_id=trade_id)
    assert payable.status == "paid"
    assert payable.settled
    with pytest.raises(api.TendersExceedDue):
        async with db.transaction() as tx:
            await api.add_tenders(tx, trade_id=trade_id, tenders=[wallet(1)], now=now)


@pytest.mark.parametrize("amount", [-1, 10**15 + 1, 2**63])
async def test_amounts_out_of_bounds_are_refused(db: Database, now: datetime, amount: int):
    async with db.transaction() as tx:
        with pytest.raises(api.BadAmount):
            await api.open_payable(tx, trade_id=ids.new_id(), amount=amount, currency="CNY", now=now)
        with pytest.raises(UnknownCurrency):
            await api.open_payable(tx, trade_id=ids.new_id(), amount=1, currency="cny", now=now)
        with pytest.raises(TypeError):
            await api.open_payable(tx, trade_id=ids.new_id(), amount=1.0, currency="CNY", now=now)  # type: ignore[arg-type]


async def test_unknown_trades_tenders_and_refunds_answer_not_found(db: Database, now: datetime):
    stranger = ids.new_id()
    async with db.transaction() as tx:
        with pytest.raises(api.NoPayable):
            await api.get_payable(tx, trade_id=stranger)
        with pytest.raises(api.NoPayable):
            await api.add_tenders(tx, trade_id=stranger, tenders=[wallet(1)], now=now)
        with pytest.raises(api.NoPayable):
            await api.change_due(tx, trade_id=stranger, amount=1, now=now)
        with pytest.raises(api.NoPayable):
            await api.close_payable(tx, trade_id=stranger, now=now)
        with pytest.raises(api.NoPayable):
            await api.plan_refund(tx, trade_id=stranger, amount=1, reason="", ref="x", now=now)
        with pytest.raises(api.NoTender):
            await api.record_submission(tx, tender_id=stranger, outcome="unknown", now=now)
        with pytest.raises(api.NoTender):
            await api.record_query(tx, tender_id=stranger, found=None, now=now)
        with pytest.raises(api.NoRefund):
            await api.record_refund(tx, refund_id=stranger, outcome="unknown", now=now)
        assert await api.find_tender(tx, tender_id=stranger) is None
        assert await api.find_refund(tx, refund_id=stranger) is None
        assert await api.find_payable(tx, trade_id=stranger) is None


class TestTenders:
    async def test_several_means_with_instalments_pay_one_payable(self, db: Database, now: datetime):
        trade_id = await opened(db, now)
        async with db.transaction() as tx:
            made = await api.add_tenders(
                tx,
                trade_id=trade_id,
                tenders=[wallet(300), wallet(700, instalments=48, method="credit_card")],
                now=now,
            )
        async with db.read() as session:
            payable = await api.get_payable(session, trade_id=trade_id)
        assert payable.tenders == made
        assert [(t.method, t.amount, t.instalments, t.status) for t in made] == [
            ("wallet", 300, 1, "created"),
            ("credit_card", 700, 48, "created"),
        ]

    @pytest.mark.parametrize(
        ("tender", "pointer"),
        [
            (wallet(0), "/tenders/0/amount"),
            (wallet(-5), "/tenders/0/amount"),
            (wallet(10**16), "/tenders/0/amount"),
            (wallet(5, instalments=0), "/tenders/0/instalments"),
            (wallet(5, instalments=49), "/tenders/0/instalments"),
            (wallet(5, method="Wallet'; DROP"), "/tenders/0/method"),
            (NewTender(method="wallet", amount=5, gateway="a:b"), "/tenders/0/gateway"),
        ],
    )
    async def test_bad_tenders_name_their_field(
        self, db: Database, now: datetime, tender: NewTender, pointer: str
    ):
        trade_id = await opened(db, now)
        with pytest.raises(api.BadTender) as refused:
            async with db.transaction() as tx:
                await api.add_tenders(tx, trade_id=trade_id, tenders=[tender], now=now)
        assert [field.pointer for field in refused.value.fields] == [pointer]

    async def test_no_tender_is_refused(self, db: Database, now: datetime):
        trade_id = await opened(db, now)
        with pytest.raises(api.BadTender):
            async with db.transaction() as tx:
                await api.add_tenders(tx, trade_id=trade_id, tenders=[], now=now)

    async def test_waiting_tenders_never_ask_more_than_is_due(self, db: Database, now: datetime):
        trade_id = await opened(db, now)
        async with db.transaction() as tx:
            first, _ = await api.add_tenders(
                tx, trade_id=trade_id, tenders=[wallet(600), wallet(400)], now=now
            )
        with pytest.raises(api.TendersExceedDue) as refused:
            async with db.transaction() as tx:
                await api.add_tenders(tx, trade_id=trade_id, tenders=[wallet(1)], now=now)
        assert refused.value.params == {"asked": 1, "open": 0, "currency": "CNY"}
        async with db.transaction() as tx:
            await api.record_submission(tx, tender_id=first.id, outcome=Refusal(code="no_funds"), now=now)
            assert await api.add_tenders(tx, trade_id=trade_id, tenders=[wallet(600)], now=now)

    async def test_a_closed_payable_takes_none_and_names_those_to_void(self, db: Database, now: datetime):
        trade_id = await opened(db, now)
        async with db.transaction() as tx:
            dead, alive = await api.add_tenders(
                tx, trade_id=trade_id, tenders=[wallet(600), wallet(400)], now=now
            )
            await api.record_submission(tx, tender_id=dead.id, outcome=Refusal(code="no"), now=now)
        for _ in range(2):
            async with db.transaction() as tx:
                assert await api.close_payable(tx, trade_id=trade_id, now=now) == (alive,)
        with pytest.raises(api.PayableClosed):
            async with db.transaction() as tx:
                await api.add_tenders(tx, trade_id=trade_id, tenders=[wallet(1)], now=now)
        async with db.transaction() as tx:
            voided = await api.record_query(tx, tender_id=alive.id, found=None, now=now)
        assert voided.outcome == "voided"
        assert voided.tender is not None
        assert voided.tender.status == "voided"


class TestSubmission:
    async def one(self, db: Database, now: datetime) -> UUID:
        trade_id = await opened(db, now)
        async with db.transaction() as tx:
            (tender,) = await api.add_tenders(tx, trade_id=trade_id, tenders=[wallet(1000)], now=now)
        return tender.id

    async def test_pending_keeps_the_first_answer(self, db: Database, now: datetime):
        tender_id = await self.one(db, now)
        first = Submitted(gateway_no="G1", status="pending", pay_url="https://pay.example/1")
        other = Submitted(gateway_no="G2", status="pending", pay_url="https://pay.example/2")
        for outcome in (first, first, other, "unknown", Refusal(code="late no")):
            async with db.transaction() as tx:
                tender = await api.record_submission(tx, tender_id=tender_id, outcome=outcome, now=now)
            assert (tender.status, tender.gateway_no, tender.pay_url) == (
                "pending",
                "G1",
                "https://pay.example/1",
            )
        assert await timers(db) == {(api.ASK_TENDER, tender_id): now + timedelta(seconds=30)}

    async def test_unknown_is_asked_again_ever_more_rarely(self, db: Database, now: datetime):
        tender_id = await self.one(db, now)
        async with db.transaction() as tx:
            tender = await api.record_submission(tx, tender_id=tender_id, outcome="unknown", now=now)
        assert tender.status == "unknown"
        asked = [now]
        for _ in range(12):
            due = (await timers(db))[api.ASK_TENDER, tender_id]
            asked.append(due)
            async with db.transaction() as tx:
                found = Found(status="pending", gateway_no="G1", currency="CNY")
                settlement = await api.record_query(tx, tender_id=tender_id, found=found, now=due)
            assert settlement.outcome == "pending"
        waits = [(b - a).total_seconds() for a, b in itertools.pairwise(asked)]
        assert waits[:4] == [30, 30, 60, 120]
        assert max(waits) == 3600

    async def test_a_payment_that_never_arrived_frees_what_is_due(self, db: Database, now: datetime):
        tender_id = await self.one(db, now)
        async with db.transaction() as tx:
            await api.record_submission(tx, tender_id=tender_id, outcome="unknown", now=now)
        async with db.transaction() as tx:
            soon = await api.record_query(
                tx, tender_id=tender_id, found=None, now=now + timedelta(seconds=29)
            )
            assert soon.outcome == "pending"
        later = now + timedelta(seconds=30)
        async with db.transaction() as tx:
            gone = await api.record_query(tx, tender_id=tender_id, found=None, now=later)
            assert gone.outcome == "unknown_payment"
            assert gone.tender is not None
            assert (gone.tender.status, gone.tender.code) == ("declined", "never_arrived")
            assert await api.add_tenders(tx, trade_id=gone.tender.trade_id, tenders=[wallet(1000)], now=later)
        assert await timers(db) == {}

    async def test_a_created_tender_may_be_asked_for_without_harm(self, db: Database, now: datetime):
        tender_id = await self.one(db, now)
        async with db.transaction() as tx:
            asked = await api.record_query(tx, tender_id=tender_id, found=None, now=now + timedelta(days=1))
        assert asked.outcome == "pending"
        assert asked.tender is not None
        assert asked.tender.status == "created"
        assert await timers(db) == {}

    async def test_an_answer_that_says_more_is_asked_at_once(self, db: Database, now: datetime):
        """U-21: money comes in by one path only, so the answer to the creation books none."""
        tender_id = await self.one(db, now)
        async with db.transaction() as tx:
            outcome = Submitted(gateway_no="G1", status="captured")
            tender = await api.record_submission(tx, tender_id=tender_id, outcome=outcome, now=now)
        assert (tender.status, tender.captured) == ("pending", 0)
        assert await timers(db) == {(api.ASK_TENDER, tender_id): now}
        async with db.transaction() as tx:
            found = Found(status="captured", gateway_no="G1", currency="CNY", captured=1000, authorised=1000)
            settlement = await api.record_query(tx, tender_id=tender_id, found=found, now=now)
        assert (settlement.outcome, settlement.settled, settlement.received) == ("captured", True, 1000)
        assert await timers(db) == {}

    async def test_a_denied_payment_that_was_known_stays(self, db: Database, now: datetime):
        tender_id = await self.one(db, now)
        async with db.transaction() as tx:
            outcome = Submitted(gateway_no="G1", status="pending")
            await api.record_submission(tx, tender_id=tender_id, outcome=outcome, now=now)
        async with db.transaction() as tx:
            denied = await api.record_query(tx, tender_id=tender_id, found=None, now=now + timedelta(hours=1))
        assert denied.outcome == "unknown_payment"
        assert denied.tender is not None
        assert denied.tender.status == "pending"
