"""The gateway of the past: open until it is told, one notice for a payment, and known again after a kill."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daji.adapters.payment.replayed import RecordedPayments
from daji.trade.payments import ports

NOW = datetime(2017, 3, 1, tzinfo=UTC)


def create(key: str, amount: int = 500) -> ports.CreatePayment:
    return ports.CreatePayment(
        key=key,
        amount=amount,
        currency="BRL",
        method="boleto",
        subject="",
        notify_url="",
        return_url="",
        expires_at=NOW,
    )


async def test_a_payment_is_pending_until_it_was_made() -> None:
    gateway = RecordedPayments()
    submitted = await gateway.create(create("a"))
    assert (submitted.status, submitted.found) == ("pending", None)
    asked = await gateway.query("a")
    assert asked is not None
    assert (asked.status, asked.captured) == ("pending", 0)
    notice = gateway.pay("a", at=NOW)
    assert (notice.kind, notice.amount, notice.gateway_no) == ("captured", 500, submitted.gateway_no)
    assert gateway.pay("a", at=NOW) == notice
    asked = await gateway.query("a")
    assert asked is not None
    assert (asked.status, asked.captured) == ("captured", 500)
    assert await gateway.void("a") == asked


async def test_another_sum_under_one_key_is_refused() -> None:
    gateway = RecordedPayments()
    first = await gateway.create(create("a"))
    assert await gateway.create(create("a")) == first
    with pytest.raises(ports.GatewayRefused):
        await gateway.create(create("a", amount=501))


async def test_what_was_closed_or_never_arrived_cannot_be_paid() -> None:
    gateway = RecordedPayments()
    with pytest.raises(ports.GatewayRefused):
        gateway.pay("a", at=NOW)
    await gateway.create(create("a"))
    closed = await gateway.void("a")
    assert closed is not None
    assert closed.status == "voided"
    with pytest.raises(ports.GatewayRefused):
        gateway.pay("a", at=NOW)
    assert await gateway.query("b") is None
    with pytest.raises(ports.GatewayRefused):
        await gateway.capture("a", 500)


async def test_a_second_process_is_told_and_says_the_same() -> None:
    before, after = RecordedPayments(), RecordedPayments()
    await before.create(create("a"))
    after.recall(key="a", amount=500, currency="BRL", status="pending")
    assert after.pay("a", at=NOW) == before.pay("a", at=NOW)


async def test_a_refund_is_paid_at_once_and_once() -> None:
    gateway = RecordedPayments()
    wish = ports.RefundRequest(
        key="r", payment_key="a", gateway_no="", amount=5, currency="BRL", reason="late"
    )
    assert await gateway.query_refund("r") is None
    done = await gateway.refund(wish)
    assert done.status == "succeeded"
    assert await gateway.query_refund("r") == await gateway.refund(wish) == done


def test_it_has_no_wire() -> None:
    with pytest.raises(ports.ForgedNotice):
        RecordedPayments().parse_notification({}, b"{}", NOW)
