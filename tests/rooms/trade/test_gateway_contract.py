"""What every adapter of the payments port must do, shown by the real sandbox service in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daji.adapters.payment.sandbox.client import SandboxGateway
from daji.adapters.payment.sandbox.keys import Keys, ensure_keys
from daji.adapters.payment.sandbox.port import SandboxPort
from daji.adapters.payment.sandbox.service.app import app_of, deliver_due, open_sandbox
from daji.adapters.payment.sandbox.wire import Action, FaultSettings
from daji.kit import ids
from daji.kit.db import Database
from daji.kit.outbound import Answer, NoAnswer, NotReached, Outbound, Question, Within, application
from daji.trade.payments import api
from daji.trade.payments.api import NewTender
from daji.trade.payments.ports import (
    CreatePayment,
    ForgedNotice,
    Gateway,
    GatewayRefused,
    GatewayUnknown,
    GatewayUnreachable,
    Notice,
    RefundRequest,
)

SERVICE = "http://gateway.test"


class Lab:
    """A gateway with its service, its buyer, the shop's door and a clock moved by hand."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.now = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self.sandbox = open_sandbox(
            folder=folder, clock=lambda: self.now, base_url=SERVICE, http=Within(self._receive), keys=keys
        )
        self.app = app_of(self.sandbox)
        self.keys = keys
        self.client = self._client(Within(application(self.app)))
        self.gateway: Gateway = SandboxPort(self.client)

    def _client(self, http: Outbound) -> SandboxGateway:
        return SandboxGateway(
            http=http, base_url=SERVICE, keys=self.keys, clock=lambda: self.now, seconds=1.0
        )

    async def _receive(self, told: Question) -> Answer:
        self.arrived.append((dict(told.headers), told.body))
        return Answer(status=204)

    def over(self, said: Answer | Exception) -> Gateway:
        """The same shop behind another line."""

        async def answer(_: Question) -> Answer:
            if isinstance(said, Exception):
                raise said
            return said

        return SandboxPort(self._client(Within(answer)))

    def request(self, key: str | None = None, **changed: object) -> CreatePayment:
        wanted: dict[str, object] = {
            "key": key or str(ids.new_id()),
            "amount": 12_880,
            "currency": "CNY",
            "method": "wallet",
            "subject": "D2603030001",
            "notify_url": "https://shop.test/notify",
            "return_url": "https://shop.test/return",
            "expires_at": self.now + timedelta(minutes=30),
        }
        return CreatePayment(**(wanted | changed))  # type: ignore[arg-type]

    async def buyer(self, key: str, action: Action) -> None:
        found = await self.gateway.query(key)
        assert found is not None
        await self.client.act(found.gateway_no, action)

    async def heard(self) -> list[Notice]:
        """What the gateway has to say until now, in order of arrival."""
        while await deliver_due(self.app, self.now):
            pass
        arrived, self.arrived = self.arrived, []
        return [self.gateway.parse_notification(head, body, self.now) for head, body in arrived]

    async def stop(self) -> None:
        self.sandbox.db.close()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return ensure_keys(tmp_path_factory.mktemp("contract-keys"))


@pytest.fixture
async def lab(tmp_path: Path, keys: Keys) -> AsyncGenerator[Lab]:
    made = Lab(tmp_path, keys)
    yield made
    await made.stop()


class TestPayments:
    async def test_the_same_key_is_the_same_payment(self, lab: Lab):
        wanted = lab.request()
        first = await lab.gateway.create(wanted)
        assert first.status == "pending"
        assert first.pay_url is not None
        assert await lab.gateway.create(wanted) == first

    async def test_the_same_key_with_other_money_is_refused(self, lab: Lab):
        """U-22: a changed amount cannot ride on a known key."""
        wanted = lab.request()
        await lab.gateway.create(wanted)
        with pytest.raises(GatewayRefused) as refused:
            await lab.gateway.create(lab.request(key=wanted.key, amount=1))
        assert refused.value.refusal.code == "out_no_reused"

    async def test_what_never_arrived_is_none(self, lab: Lab):
        key = lab.request().key
        assert await lab.gateway.query(key) is None
        assert await lab.gateway.void(key) is None
        assert await lab.gateway.query_refund(key) is None
        with pytest.raises(GatewayRefused):
            await lab.gateway.capture(key, 1)

    async def test_paid(self, lab: Lab):
        wanted = lab.request()
        created = await lab.gateway.create(wanted)
        await lab.buyer(wanted.key, "approve")
        found = await lab.gateway.query(wanted.key)
        assert found is not None
        assert (found.status, found.captured, found.currency) == ("captured", 12_880, "CNY")
        (notice,) = await lab.heard()
        assert (notice.kind, notice.key, notice.amount) == ("captured", wanted.key, 12_880)
        assert (notice.gateway_no, notice.currency) == (created.gateway_no, "CNY")
        assert notice.occurred_at.utcoffset() is not None

    async def test_a_script_pays_at_once(self, lab: Lab):
        assert (await lab.gateway.create(lab.request(script="approve"))).status == "captured"

    async def test_declined(self, lab: Lab):
        wanted = lab.request(script="decline")
        assert (await lab.gateway.create(wanted)).status == "declined"
        found = await lab.gateway.query(wanted.key)
        assert found is not None
        assert (found.status, found.captured, found.code) == ("declined", 0, "insufficient_funds")
        (notice,) = await lab.heard()
        assert (notice.kind, notice.amount, notice.code) == ("declined", 0, "insufficient_funds")

    async def test_short(self, lab: Lab):
        wanted = lab.request()
        await lab.gateway.create(wanted)
        await lab.buyer(wanted.key, "notify_short")
        (notice,) = await lab.heard()
        assert 0 < notice.amount < wanted.amount

    async def test_expired(self, lab: Lab):
        wanted = lab.request()
        await lab.gateway.create(wanted)
        lab.now += timedelta(minutes=30)
        (notice,) = await lab.heard()
        assert notice.kind == "expired"
        found = await lab.gateway.query(wanted.key)
        assert found is not None
        assert found.status == "expired"

    async def test_told_twice_is_one_notice_id(self, lab: Lab):
        wanted = lab.request()
        await lab.gateway.create(wanted)
        await lab.buyer(wanted.key, "notify_twice")
        notices = await lab.heard()
        assert len(notices) == 2
        assert len({notice.notice_id for notice in notices}) == 1

    async def test_void_closes_and_reports_what_it_became(self, lab: Lab):
        open_one, paid_one = lab.request(), lab.request(script="approve")
        await lab.gateway.create(open_one)
        await lab.gateway.create(paid_one)
        for _ in range(2):
            voided = await lab.gateway.void(open_one.key)
            assert voided is not None
            assert voided.status == "voided"
            paid = await lab.gateway.void(paid_one.key)
            assert paid is not None
            assert (paid.status, paid.captured) == ("captured", 12_880)

    @pytest.mark.parametrize(
        "changed",
        [
            {"method": "barter"},
            {"method": "credit_card", "instalments": 48},
            {"currency": "yuan"},
            {"amount": 0},
            {"amount": -1},
            {"notify_url": "javascript:alert(1)"},
            {"script": "no such script"},
        ],
    )
    async def test_what_the_gateway_cannot_do_is_refused(self, lab: Lab, changed: dict[str, object]):
        with pytest.raises(GatewayRefused):
            await lab.gateway.create(lab.request(**changed))

    async def test_long_subjects_are_cut_to_what_the_gateway_takes(self, lab: Lab):
        assert await lab.gateway.create(lab.request(subject="集" * 500))


class TestRefunds:
    async def paid(self, lab: Lab) -> tuple[str, str]:
        wanted = lab.request(script="approve")
        return wanted.key, (await lab.gateway.create(wanted)).gateway_no

    def wish(self, payment: tuple[str, str], amount: int, reason: str = "") -> RefundRequest:
        return RefundRequest(
            key=str(ids.new_id()),
            payment_key=payment[0],
            gateway_no=payment[1],
            amount=amount,
            currency="CNY",
            reason=reason,
        )

    async def test_the_same_key_refunds_once(self, lab: Lab):
        payment = await self.paid(lab)
        wish = self.wish(payment, 880)
        first = await lab.gateway.refund(wish)
        assert first.status == "succeeded"
        assert await lab.gateway.refund(wish) == first
        assert await lab.gateway.query_refund(wish.key) == first
        found = await lab.gateway.query(payment[0])
        assert found is not None
        assert (found.status, found.captured) == ("captured", 12_880)
        notices = [notice for notice in await lab.heard() if notice.refund_key]
        assert [(n.kind, n.key, n.refund_key, n.amount) for n in notices] == [
            ("refund_done", payment[0], wish.key, 880)
        ]

    async def test_more_than_captured_is_refused(self, lab: Lab):
        payment = await self.paid(lab)
        await lab.gateway.refund(self.wish(payment, 12_000))
        with pytest.raises(GatewayRefused) as refused:
            await lab.gateway.refund(self.wish(payment, 881))
        assert refused.value.code == "refund_exceeds_captured"

    async def test_decided_later(self, lab: Lab):
        payment = await self.paid(lab)
        wishes = [self.wish(payment, 100, f"sandbox:{word}") for word in ("processing", "fail_late")]
        assert {(await lab.gateway.refund(wish)).status for wish in wishes} == {"processing"}
        await lab.heard()
        lab.now += timedelta(minutes=1)
        ends = {notice.refund_key: notice.kind for notice in await lab.heard()}
        assert ends == {wishes[0].key: "refund_done", wishes[1].key: "refund_failed"}
        late = await lab.gateway.query_refund(wishes[1].key)
        assert late is not None
        assert (late.status, late.code) == ("failed", "account_closed")


class TestBadLines:
    async def test_no_connection_is_unreachable(self, lab: Lab):
        with pytest.raises(GatewayUnreachable):
            await lab.over(NotReached("refused")).create(lab.request())

    async def test_no_answer_is_unknown(self, lab: Lab):
        with pytest.raises(GatewayUnknown):
            await lab.over(NoAnswer("silence")).create(lab.request())

    @pytest.mark.parametrize("status", [200, 404, 409, 500, 502])
    async def test_an_unproven_answer_is_unknown(self, lab: Lab, status: int):
        """A proxy's 404 is no "never arrived", and its 409 no refusal."""
        with pytest.raises(GatewayUnknown):
            await lab.over(Answer(status=status, body=b"{}")).query(lab.request().key)

    async def test_a_lost_answer_can_be_asked_for(self, lab: Lab):
        await lab.client.set_faults(FaultSettings(fault="http500"))
        wanted = lab.request()
        with pytest.raises(GatewayUnknown):
            await lab.gateway.create(wanted)
        found = await lab.gateway.query(wanted.key)
        assert found is not None
        assert found.status == "pending"

    async def test_forged_old_and_changed_messages(self, lab: Lab):
        """U-22: only the gateway's key makes a message believable, for five minutes."""
        wanted = lab.request(script="approve")
        await lab.gateway.create(wanted)
        await deliver_due(lab.app, lab.now)
        ((head, body),) = lab.arrived
        parse = lab.gateway.parse_notification
        assert parse(head, body, lab.now).amount == 12_880
        for headers, content, now in (
            ({}, body, lab.now),
            (head, body.replace(b"12880", b"99999"), lab.now),
            (head, b"", lab.now),
            (head, body, lab.now + timedelta(minutes=6)),
            ({**head, "daji-signature": "AAAA"}, body, lab.now),
        ):
            with pytest.raises(ForgedNotice) as forged:
                parse(headers, content, now)
            assert forged.value.params["reason"]

    async def test_a_message_signed_by_the_merchant_is_forged(self, lab: Lab):
        body = b'{"notification_id":"n"}'
        with pytest.raises(ForgedNotice):
            lab.gateway.parse_notification(lab.keys.merchant.sign_message(body, lab.now), body, lab.now)


async def test_a_payment_and_its_refund_from_end_to_end(lab: Lab, db: Database):
    """The room and the service keep separate books that agree."""
    now, trade_id = lab.now, ids.new_id()
    async with db.transaction() as tx:
        await api.open_payable(tx, trade_id=trade_id, amount=12_880, currency="CNY", now=now)
        new = [NewTender(method="wallet", amount=12_880, gateway=lab.gateway.code)]
        (tender,) = await api.add_tenders(tx, trade_id=trade_id, tenders=new, now=now)
    submitted = await lab.gateway.create(lab.request(key=tender.key))
    async with db.transaction() as tx:
        await api.record_submission(tx, tender_id=tender.id, outcome=submitted, now=now)
    await lab.buyer(tender.key, "approve")
    found = await lab.gateway.query(tender.key)
    (notice,) = await lab.heard()
    async with db.transaction() as tx:
        asked = await api.record_query(tx, tender_id=tender.id, found=found, now=now)
        told = await api.record_notice(tx, gateway=lab.gateway.code, notice=notice, now=now)
        (refund,) = await api.plan_refund(
            tx, trade_id=trade_id, amount=880, reason="goodwill", ref="g:1", now=now
        )
    assert (asked.outcome, told.outcome, told.settled) == ("captured", "duplicate", True)
    answer = await lab.gateway.refund(
        RefundRequest(
            key=refund.key,
            payment_key=refund.payment_key,
            gateway_no=refund.gateway_no,
            amount=refund.amount,
            currency=refund.currency,
            reason=refund.reason,
        )
    )
    (notice,) = await lab.heard()
    async with db.transaction() as tx:
        told = await api.record_notice(tx, gateway=lab.gateway.code, notice=notice, now=now)
        recorded = await api.record_refund(tx, refund_id=refund.id, outcome=answer, now=now)
        payable = await api.get_payable(tx, trade_id=trade_id)
        balance = await api.trial_balance(tx)
    assert (told.outcome, recorded.status) == ("refund_done", "done")
    assert (payable.captured, payable.refunded, payable.kept) == (12_880, 880, 12_000)
    assert balance["gateway:sandbox:CNY"] == 12_000
    assert sum(balance.values()) == 0
