"""Dates, windows and the fit of verbs, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.care.aftersales import rules
from daji.care.aftersales.api import NotDelivered, Policy, WindowClosed
from daji.care.aftersales.facts import Case, Kind
from daji.care.aftersales.states import CASE
from daji.kit.states import IllegalTransition

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def case(kind: Kind, status: str) -> Case:
    return Case(
        id=UUID(int=1),
        trade_id=UUID(int=2),
        order_id=UUID(int=3),
        kind=kind,
        status=status,  # type: ignore[arg-type]
        units=(),
        reason="other",
        note="",
        amount=100,
        currency="CNY",
        expected_refund_by=NOW,
        refunded_amount=0,
        requested_at=NOW,
        holder="shop",
        history=(),
    )


def test_no_status_is_out_of_reach_and_none_comes_back():
    assert CASE.unreachable() == ()
    assert CASE.is_acyclic()
    assert set(CASE.finals) == {"refunded", "rejected", "withdrawn"}
    assert set(CASE.statuses) == set(rules.STATUSES)


class TestWindow:
    # 12:00 UTC on 3 March is 20:00 in Shanghai; the seventh day after is 10 March, and it counts whole.
    CLOSES = datetime(2026, 3, 10, 16, tzinfo=UTC)

    def test_seven_days_from_the_day_after_delivery(self):
        assert rules.window_closes(NOW) == self.CLOSES

    @pytest.mark.parametrize(
        ("delivered", "closes"),
        [
            (datetime(2026, 3, 3, 15, 59, tzinfo=UTC), datetime(2026, 3, 10, 16, tzinfo=UTC)),
            (datetime(2026, 3, 3, 16, 0, tzinfo=UTC), datetime(2026, 3, 11, 16, tzinfo=UTC)),
        ],
    )
    def test_the_day_is_the_shops(self, delivered: datetime, closes: datetime):
        assert rules.window_closes(delivered) == closes

    @pytest.mark.parametrize("kind", rules.KINDS)
    def test_it_is_half_open(self, kind: str):
        rules.check_window(delivered_at=NOW, kind=kind, now=self.CLOSES - timedelta(microseconds=1))
        with pytest.raises(WindowClosed) as refused:
            rules.check_window(delivered_at=NOW, kind=kind, now=self.CLOSES)
        assert refused.value.params["days"] == 7

    def test_what_has_not_arrived_is_not_sent_back_but_may_be_refunded(self):
        rules.check_window(delivered_at=None, kind="refund_only", now=NOW + timedelta(days=999))
        with pytest.raises(NotDelivered):
            rules.check_window(delivered_at=None, kind="return", now=NOW)

    def test_another_policy(self):
        policy = Policy(days=0, zone="America/Sao_Paulo")
        assert rules.window_closes(NOW, policy) == datetime(2026, 3, 4, 3, tzinfo=UTC)

    @given(st.integers(0, 4_000_000_000), st.integers(0, 400))
    def test_everybody_has_at_least_the_whole_days(self, second: int, days: int):
        delivered = datetime.fromtimestamp(second, UTC)
        closes = rules.window_closes(delivered, Policy(days=days))
        assert timedelta(days=days) < closes - delivered <= timedelta(days=days + 1)


class TestPromise:
    def test_a_promise_never_gets_later_when_everybody_is_in_time(self):
        policy, at = rules.POLICY, NOW
        promised = rules.expected_refund_by(kind="return", status="requested", at=at)
        for status, hours in (
            ("approved", policy.decide_hours),
            ("received", policy.send_back_hours + policy.inspect_hours),
            ("refunding", 0),
        ):
            at += timedelta(hours=hours)
            now_promised = rules.expected_refund_by(kind="return", status=status, at=at)  # type: ignore[arg-type]
            assert now_promised <= promised
            promised = now_promised

    def test_money_without_goods_is_quicker(self):
        slow = rules.expected_refund_by(kind="return", status="approved", at=NOW)
        assert rules.expected_refund_by(kind="refund_only", status="approved", at=NOW) < slow


@pytest.mark.parametrize("kind", rules.KINDS)
def test_verbs_fit_the_kind(kind: Kind):
    wrong = "start_refund" if kind == "return" else "receive"
    with pytest.raises(IllegalTransition):
        rules.after(case(kind, "approved"), wrong)
    assert rules.after(case(kind, "approved"), "receive" if kind == "return" else "start_refund")


@pytest.mark.parametrize("kind", rules.KINDS)
@pytest.mark.parametrize("status", rules.STATUSES)
def test_somebody_acts_until_the_end_and_nobody_after(kind: Kind, status: str):
    assert (rules.holder(kind, status) == "nobody") == (status in CASE.finals)  # type: ignore[arg-type]
