"""Each message of a gateway has one outcome, and said again changes nothing (U-15, U-20, U-22, U-23)."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from daji.kit import ids
from daji.kit.db import Database
from daji.trade.payments import api
from daji.trade.payments.api import NewTender, Settlement, Tender
from daji.trade.payments.ports import Found, Notice, NoticeKind, Submitted

GATEWAY = "sandbox"
STRANGER = str(UUID(int=1))


def notice(tender: Tender, kind: NoticeKind = "captured", **changed: object) -> Notice:
    said = Notice(
        notice_id=ids.new_id().hex,
        kind=kind,
        key=tender.key,
        amount=tender.amount,
        currency=tender.currency,
        gateway_no=tender.gateway_no or f"G-{tender.id.hex[:8]}",
        occurred_at=tender.created_at,
    )
    return msgspec.structs.replace(said, **changed)


class Desk:
    """A trade with tenders at the gateway, and the room's commands in transactions of their own."""

    def __init__(self, db: Database, now: datetime) -> None:
        self.db, self.now = db, now
        self.trade_id = ids.new_id()

    async def open(self, *amounts: int, due: int | None = None) -> tuple[Tender, ...]:
        async with self.db.transaction() as tx:
            total = sum(amounts) if due is None else due
            await api.open_payable(tx, trade_id=self.trade_id, amount=total, currency="CNY", now=self.now)
            new = [NewTender(method="wallet", amount=amount, gateway=GATEWAY) for amount in amounts]
            made = await api.add_tenders(tx, trade_id=self.trade_id, tenders=new, now=self.now)
            return tuple(
                [
                    await api.record_submission(
                        tx,
                        tender_id=t.id,
                        outcome=Submitted(gateway_no=f"G-{t.id.hex}", status="pending"),
                        now=self.now,
                    )
                    for t in made
                ]
            )

    async def hear(self, said: Notice, gateway: str = GATEWAY) -> Settlement:
        async with self.db.transaction() as tx:
            return await api.record_notice(tx, gateway=gateway, notice=said, now=self.now)

    async def find(self, tender: Tender, found: Found | None) -> Settlement:
        async with self.db.transaction() as tx:
            return await api.record_query(tx, tender_id=tender.id, found=found, now=self.now)

    async def close(self) -> None:
        async with self.db.transaction() as tx:
            await api.close_payable(tx, trade_id=self.trade_id, now=self.now)

    async def refund(self, amount: int, ref: str) -> tuple[api.Refund, ...]:
        async with self.db.transaction() as tx:
            return await api.plan_refund(
                tx, trade_id=self.trade_id, amount=amount, reason="", ref=ref, now=self.now
            )

    async def state(self) -> tuple[object, ...]:
        """Everything that a message could change, messages themselves left out."""
        async with self.db.read() as session:
            payable = await api.find_payable(session, trade_id=self.trade_id)
            entries = await api.list_entries(session, trade_id=self.trade_id)
            events = await session.value("SELECT count(*) FROM kit.outbox")
            balance = await api.trial_balance(session)
        assert sum(balance.values()) == 0
        return payable, entries, events


@pytest.fixture
def desk(db: Database, now: datetime) -> Desk:
    return Desk(db, now)


async def test_captured(desk: Desk):
    (tender,) = await desk.open(1000)
    settlement = await desk.hear(notice(tender))
    assert settlement.outcome == "captured"
    assert (settlement.settled, settlement.received, settlement.excess) == (True, 1000, 0)
    assert (settlement.captured_total, settlement.refunded_total) == (1000, 0)
    assert settlement.tender is not None
    assert settlement.tender.status == "captured"
    assert settlement.payable is not None
    assert settlement.payable.status == "paid"


async def test_two_tenders_settle_with_the_second(desk: Desk):
    first, second = await desk.open(400, 600)
    assert not (await desk.hear(notice(second))).settled
    last = await desk.hear(notice(first))
    assert (last.outcome, last.settled, last.captured_total) == ("captured", True, 1000)


async def test_authorised_then_captured(desk: Desk):
    (tender,) = await desk.open(1000)
    held = await desk.hear(notice(tender, "authorised"))
    assert (held.outcome, held.settled, held.captured_total) == ("authorised", False, 0)
    assert held.tender is not None
    assert (held.tender.status, held.tender.authorised) == ("authorised", 1000)
    assert (await desk.hear(notice(tender))).outcome == "captured"


async def test_short_money_stays_and_the_payable_stays_open(desk: Desk):
    (tender,) = await desk.open(1000)
    settlement = await desk.hear(notice(tender, amount=900))
    assert (settlement.outcome, settlement.settled, settlement.captured_total) == ("short", False, 900)
    assert settlement.payable is not None
    assert settlement.payable.status == "open"
    async with desk.db.transaction() as tx:
        rest = [NewTender(method="wallet", amount=100, gateway=GATEWAY)]
        assert await api.add_tenders(tx, trade_id=desk.trade_id, tenders=rest, now=desk.now)


async def test_the_rest_of_a_short_capture_is_added(desk: Desk):
    (tender,) = await desk.open(1000)
    await desk.hear(notice(tender, amount=900))
    more = await desk.hear(notice(tender, amount=1000))
    assert (more.outcome, more.received, more.captured_total, more.settled) == ("captured", 100, 1000, True)


async def test_over_is_booked_and_the_excess_may_go_back(desk: Desk):
    """A tender was replaced while its own payment was on the way: both came."""
    (tender,) = await desk.open(1000)
    await desk.hear(notice(tender, "expired"))
    async with desk.db.transaction() as tx:
        new = [NewTender(method="wallet", amount=1000, gateway=GATEWAY)]
        (second,) = await api.add_tenders(tx, trade_id=desk.trade_id, tenders=new, now=desk.now)
    assert (await desk.hear(notice(second))).outcome == "captured"
    over = await desk.hear(notice(tender))
    assert (over.outcome, over.settled, over.excess, over.captured_total) == ("over", True, 1000, 2000)
    await desk.refund(over.excess, "over:1")
    async with desk.db.read() as session:
        payable = await api.get_payable(session, trade_id=desk.trade_id)
    assert (payable.excess, payable.kept, payable.refunding) == (0, 1000, 1000)


async def test_more_than_the_tender_asked_is_over(desk: Desk):
    """U-22: an amount from outside is compared, never believed to be what is due."""
    (tender,) = await desk.open(1000)
    over = await desk.hear(notice(tender, amount=1001))
    assert (over.outcome, over.excess) == ("over", 1)


async def test_late_money_is_booked_and_left_to_the_flow(desk: Desk):
    """U-15: paid after the payable was closed: recorded, told apart, refundable."""
    (tender,) = await desk.open(1000)
    await desk.close()
    late = await desk.hear(notice(tender))
    assert (late.outcome, late.captured_total, late.received, late.settled) == ("late", 1000, 1000, True)
    assert late.payable is not None
    assert late.payable.status == "closed"
    assert len(await desk.refund(1000, "late:1")) == 1


async def test_a_late_authorisation_is_to_be_voided(desk: Desk):
    (tender,) = await desk.open(1000)
    await desk.close()
    late = await desk.hear(notice(tender, "authorised"))
    assert (late.outcome, late.captured_total) == ("late", 0)
    void = Found(status="voided", gateway_no=tender.gateway_no or "", currency="CNY")
    settlement = await desk.find(tender, void)
    assert settlement.outcome == "voided"


@pytest.mark.parametrize("kind", ["declined", "expired"])
async def test_a_tender_that_died(desk: Desk, kind: NoticeKind):
    (tender,) = await desk.open(1000)
    dead = await desk.hear(notice(tender, kind, code="no_funds", amount=0))
    assert dead.outcome == kind
    assert dead.tender is not None
    assert (dead.tender.status, dead.tender.code) == (kind, "no_funds")
    assert not dead.settled


@pytest.mark.parametrize(
    ("changed", "gateway", "detail"),
    [
        ({"currency": "USD"}, GATEWAY, "currency"),
        ({"currency": "cny"}, GATEWAY, "currency"),
        ({"amount": 0}, GATEWAY, "amount"),
        ({"amount": -1000}, GATEWAY, "amount"),
        ({"amount": 2**70}, GATEWAY, "amount"),
        ({"gateway_no": "another"}, GATEWAY, "gateway_no"),
        ({"gateway_no": ""}, GATEWAY, "gateway_no"),
        ({}, "other", "gateway"),
        ({"key": STRANGER}, GATEWAY, "key"),
        ({"key": "not ours \x00 '; DROP TABLE payments.tender; --" * 20}, GATEWAY, "key"),
        ({"key": ""}, GATEWAY, "key"),
    ],
)
async def test_a_message_that_fits_nothing_moves_nothing(
    desk: Desk, changed: dict[str, object], gateway: str, detail: str
):
    """U-22: changed amount or currency, foreign merchant, foreign payment, hostile text."""
    (tender,) = await desk.open(1000)
    before = await desk.state()
    said = notice(tender, **changed)
    for outcome in ("unknown_payment", "duplicate"):
        settlement = await desk.hear(said, gateway)
        assert (settlement.outcome, settlement.captured_total) == (outcome, 0)
    assert await desk.state() == before
    async with desk.db.read() as session:
        page = await api.list_notices(session, outcome="unknown_payment")
    assert [(record.detail, record.gateway) for record in page.items] == [(detail, gateway)]


async def test_a_key_in_another_spelling_is_not_ours(desk: Desk):
    (tender,) = await desk.open(1000)
    braced, upper = f"{{{tender.id}}}", f"A{tender.key[1:]}"
    for key in (braced, upper, tender.id.hex, f"{tender.key} ", tender.id.urn, ids.show("ten", tender.id)):
        assert (await desk.hear(notice(tender, key=key))).outcome == "unknown_payment"


class TestRefunds:
    async def refunded(self, desk: Desk) -> tuple[Tender, api.Refund]:
        (tender,) = await desk.open(1000)
        await desk.hear(notice(tender))
        (refund,) = await desk.refund(400, "case:1")
        return tender, refund

    def said(self, tender: Tender, refund: api.Refund, kind: NoticeKind, **changed: object) -> Notice:
        return notice(tender, kind, **({"refund_key": refund.key, "amount": refund.amount} | changed))

    @pytest.mark.parametrize(
        ("kind", "refunded", "kept"), [("refund_done", 400, 600), ("refund_failed", 0, 1000)]
    )
    async def test_ends(self, desk: Desk, kind: NoticeKind, refunded: int, kept: int):
        tender, refund = await self.refunded(desk)
        settlement = await desk.hear(self.said(tender, refund, kind))
        assert (settlement.outcome, settlement.refunded_total) == (kind, refunded)
        assert settlement.payable is not None
        assert (settlement.payable.kept, settlement.payable.refunding) == (kept, 0)
        assert settlement.refund is not None
        assert settlement.payable.refunds == (settlement.refund,)
        assert settlement.refund.finished_at == desk.now
        assert settlement.tender is not None
        assert (settlement.tender.refunded, settlement.tender.refunding) == (refunded, 0)
        assert settlement.tender.status == "captured"
        before = await desk.state()
        for again in ("refund_done", "refund_failed"):
            for _ in range(5):
                assert (await desk.hear(self.said(tender, refund, again))).outcome == "duplicate"
        assert await desk.state() == before

    @pytest.mark.parametrize(
        "changed",
        [
            {"amount": 401},
            {"currency": "USD"},
            {"refund_key": STRANGER},
            {"refund_key": None},
            {"key": STRANGER},
        ],
    )
    async def test_of_something_else_is_unknown(self, desk: Desk, changed: dict[str, object]):
        tender, refund = await self.refunded(desk)
        before = await desk.state()
        settlement = await desk.hear(self.said(tender, refund, "refund_done", **changed))
        assert settlement.outcome == "unknown_payment"
        assert await desk.state() == before


class TestNothingMovesBackwards:
    """U-23: every message, five times at every later state, with its own id and with fresh ones."""

    STATES = ("captured", "closed", "refund_planned", "part_refunded", "refunded")

    async def reach(self, desk: Desk, state: str) -> tuple[Tender, list[Notice]]:
        (tender,) = await desk.open(1000)
        told = [notice(tender, "authorised"), notice(tender)]
        for said in told:
            await desk.hear(said)
        if state == "closed":
            await desk.close()
        for ref, amount, at in (
            ("a", 400, ("refund_planned", "part_refunded", "refunded")),
            ("b", 600, ("refunded",)),
        ):
            if state in at:
                (refund,) = await desk.refund(amount, ref)
                if state != "refund_planned":
                    done = notice(tender, "refund_done", refund_key=refund.key, amount=amount)
                    await desk.hear(done)
                    told.append(done)
        return tender, told

    @pytest.mark.parametrize("state", STATES)
    async def test_replayed_five_times(self, desk: Desk, state: str):
        tender, told = await self.reach(desk, state)
        before = await desk.state()
        fresh: list[Notice] = [
            notice(tender, kind) for kind in ("authorised", "captured", "declined", "expired")
        ]
        for said in told + fresh:
            for _ in range(5):
                assert (await desk.hear(said)).outcome == "duplicate"
                renamed = msgspec.structs.replace(said, notice_id=ids.new_id().hex)
                assert (await desk.hear(renamed)).outcome == "duplicate"
        assert (await desk.hear(notice(tender, amount=1))).outcome == "duplicate"
        for status in ("pending", "authorised", "captured", "declined", "voided", "expired"):
            found = Found(
                status=status,
                gateway_no=tender.gateway_no or "",
                currency="CNY",
                captured=1000 if status == "captured" else 0,
                authorised=1000,
            )
            assert (await desk.find(tender, found)).outcome == "duplicate"
        assert await desk.state() == before

    @pytest.mark.parametrize("kind", ["declined", "expired"])
    async def test_a_dead_tender_stays_dead_but_for_money(self, desk: Desk, kind: NoticeKind):
        (tender,) = await desk.open(1000)
        await desk.hear(notice(tender, kind))
        before = await desk.state()
        for said in ("declined", "expired", "authorised"):
            for _ in range(5):
                assert (await desk.hear(notice(tender, said))).outcome == "duplicate"
        assert (await desk.find(tender, None)).outcome == "duplicate"
        assert await desk.state() == before
        assert (await desk.hear(notice(tender))).outcome == "captured"


class TestRivals:
    async def test_message_and_question_at_once_capture_once(self, db: Database, now: datetime):
        """U-20: the buyer's return asks while the message arrives, many times in random order."""
        dice = random.Random(20)  # noqa: S311 - a repeatable shuffle
        for _ in range(25):
            desk = Desk(db, now)
            (tender,) = await desk.open(1000)
            found = Found(
                status="captured", gateway_no=tender.gateway_no or "", currency="CNY", captured=1000
            )
            same = notice(tender)
            work = [desk.hear(same), desk.hear(same), desk.hear(notice(tender)), desk.find(tender, found)]
            dice.shuffle(work)
            outcomes = sorted([settlement.outcome for settlement in await asyncio.gather(*work)])
            assert outcomes == ["captured", "duplicate", "duplicate", "duplicate"]
            async with db.read() as session:
                entries = await api.list_entries(session, trade_id=desk.trade_id)
                captured = await session.value(
                    "SELECT count(*) FROM kit.outbox WHERE subject = $1 AND topic = 'payments.payment_captured'",
                    desk.trade_id,
                )
            assert sorted(entry.amount for entry in entries) == [-1000, 1000]
            assert captured == 1

    async def test_closing_and_paying_at_once_is_either_in_time_or_late(self, db: Database, now: datetime):
        """U-15: there is no third result."""
        seen: set[str] = set()
        for index in range(20):
            desk = Desk(db, now)
            (tender,) = await desk.open(1000)
            pay, close = desk.hear(notice(tender)), desk.close()
            results = await asyncio.gather(*((pay, close) if index % 2 else (close, pay)))
            settlement = results[0] if index % 2 else results[1]
            assert isinstance(settlement, Settlement)
            seen.add(settlement.outcome)
            assert settlement.captured_total == 1000
        assert seen <= {"captured", "late"}


async def test_a_rolled_back_message_is_heard_again(desk: Desk):
    """A process that dies before the commit has not heard the message: the gateway's repeat does it."""
    (tender,) = await desk.open(1000)
    said = notice(tender)

    async def dies() -> None:
        async with desk.db.transaction() as tx:
            await api.record_notice(tx, gateway=GATEWAY, notice=said, now=desk.now)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await dies()
    async with desk.db.read() as session:
        assert not await api.has_notice(session, gateway=GATEWAY, notice_id=said.notice_id)
    assert (await desk.hear(said)).outcome == "captured"
    async with desk.db.read() as session:
        assert await api.has_notice(session, gateway=GATEWAY, notice_id=said.notice_id)


async def test_the_same_message_id_of_two_gateways_is_two_messages(desk: Desk):
    (tender,) = await desk.open(1000)
    said = notice(tender)
    assert (await desk.hear(said, "other")).outcome == "unknown_payment"
    assert (await desk.hear(said)).outcome == "captured"


async def test_messages_are_listed_by_trade_newest_first(desk: Desk):
    (tender,) = await desk.open(1000)
    told = [notice(tender, "authorised"), notice(tender), notice(tender, "declined")]
    for said in told:
        await desk.hear(said)
    seen: list[str] = []
    cursor: str | None = None
    async with desk.db.read() as session:
        while True:
            page = await api.list_notices(session, trade_id=desk.trade_id, cursor=cursor, limit=2)
            seen += [record.notice_id for record in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert seen == [said.notice_id for said in reversed(told)]


async def test_an_authorised_tender_may_expire(desk: Desk):
    (tender,) = await desk.open(1000)
    desk.now += timedelta(minutes=1)
    await desk.hear(notice(tender, "authorised"))
    assert (await desk.hear(notice(tender, "expired", amount=0))).outcome == "expired"


async def test_each_tender_is_known_by_its_own_key(desk: Desk):
    first, second = await desk.open(500, 500)
    assert (UUID(first.key), UUID(second.key)) == (first.id, second.id)
    one = await desk.hear(notice(first))
    assert one.tender is not None
    assert one.tender.id == first.id


async def test_a_gateway_that_repeats_its_number_is_still_heard(desk: Desk):
    first, second = await desk.open(500, 500)
    async with desk.db.transaction() as tx:
        await tx.execute("UPDATE payments.tender SET gateway_no = 'SAME'")
    for tender in (first, second):
        assert (await desk.hear(notice(tender, gateway_no="SAME"))).outcome == "captured"
