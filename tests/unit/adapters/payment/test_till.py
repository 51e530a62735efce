"""The shop's own till: paid when asked, the same however often, and nobody's word but ours."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daji.adapters.payment.till import Till
from daji.trade.payments import ports

NOW = datetime(2026, 11, 11, tzinfo=UTC)


def create(key: str) -> ports.CreatePayment:
    return ports.CreatePayment(
        key=key,
        amount=500,
        currency="CNY",
        method="cash",
        subject="",
        notify_url="",
        return_url="",
        expires_at=NOW,
    )


async def test_what_is_asked_is_paid_and_asking_again_says_the_same() -> None:
    first = await Till().create(create("a"))
    assert first.found is not None
    assert (first.status, first.pay_url, first.found.captured, first.found.currency) == (
        "captured",
        None,
        500,
        "CNY",
    )
    assert await Till().create(create("a")) == first
    assert (await Till().create(create("b"))).gateway_no != first.gateway_no


async def test_money_goes_back_at_once_and_once() -> None:
    till = Till()
    asked = ports.RefundRequest(
        key="r",
        payment_key="a",
        gateway_no="TP1",
        amount=200,
        currency="CNY",
        reason="returned",
    )
    given = await till.refund(asked)
    assert given.status == "succeeded"
    assert await till.refund(asked) == await till.query_refund("r") == given


async def test_no_message_in_its_name_is_believed() -> None:
    with pytest.raises(ports.ForgedNotice):
        Till().parse_notification({}, b"{}", NOW)
    with pytest.raises(ports.GatewayRefused):
        await Till().capture("a", 1)
