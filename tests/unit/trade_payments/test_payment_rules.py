"""The table of outcomes and the arithmetic around it, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daji.trade.payments import rules
from daji.trade.payments.facts import Payable, Refund, Tender
from daji.trade.payments.rules import Said
from daji.trade.payments.states import DEAD, MOVING, REFUND, TENDER, WAITING

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
TRADE = UUID(int=1)


def tender(number: int = 1, **changed: object) -> Tender:
    values: dict[str, object] = {
        "id": UUID(int=number),
        "trade_id": TRADE,
        "gateway": "sandbox",
        "method": "wallet",
        "amount": 1000,
        "currency": "CNY",
        "instalments": 1,
        "status": "pending",
        "authorised": 0,
        "captured": 0,
        "refunding": 0,
        "refunded": 0,
        "created_at": NOW,
        "gateway_no": "G1",
        "submitted_at": NOW,
    }
    return Tender(**(values | changed))  # type: ignore[arg-type]


def payable(**changed: object) -> Payable:
    values: dict[str, object] = {
        "trade_id": TRADE,
        "due": 1000,
        "currency": "CNY",
        "captured": 0,
        "refunding": 0,
        "refunded": 0,
        "status": "open",
        "opened_at": NOW,
    }
    return Payable(**(values | changed))  # type: ignore[arg-type]


def said(word: rules.Word = "captured", amount: int = 1000, **changed: object) -> Said:
    made = Said(gateway="sandbox", gateway_no="G1", word=word, amount=amount, currency="CNY")
    return msgspec.structs.replace(made, **changed)


def test_no_status_is_out_of_reach_and_none_comes_back():
    for machine in (TENDER, REFUND):
        assert machine.unreachable() == ()
        assert machine.is_acyclic()
    assert TENDER.finals == ("captured",)
    assert set(REFUND.finals) == {"done", "failed"}
    assert set(TENDER.statuses) == {*WAITING, *DEAD, "captured"}
    assert set(REFUND.statuses) == {*MOVING, "done", "failed"}


@pytest.mark.parametrize("status", TENDER.statuses)
@pytest.mark.parametrize("word", ["pending", "authorised", "captured", "declined", "expired", "voided"])
@pytest.mark.parametrize("closed", [False, True])
def test_every_word_in_every_status_has_one_outcome_that_the_states_allow(
    status: str, word: rules.Word, closed: bool
):
    """U-23: the whole table; what moves, moves along the transitions, and nothing leaves captured."""
    money = 1000 if status == "captured" else 0
    held = tender(status=status, captured=money)
    owed = payable(captured=money, status="closed" if closed else "open")
    decision = rules.decide(said(word), held, owed)
    verbs = {after: verb for (before, verb), after in TENDER.table.items() if before == status}
    if decision.status is not None:
        assert decision.status in verbs
    if status == "captured":
        assert decision.outcome == "duplicate"
    if word == "captured" and status != "captured":
        assert decision.outcome == ("late" if closed else "captured")
        assert decision.received == 1000
    else:
        assert decision.received == 0
    if status in DEAD and word != "captured":
        assert decision.outcome == "duplicate"
    if status in {"created", "unknown", "pending"} and word == "authorised":
        assert decision.outcome == ("late" if closed else "authorised")


@pytest.mark.parametrize(
    ("amount", "due", "captured", "outcome"),
    [
        (1000, 1000, 0, "captured"),
        (999, 1000, 0, "short"),
        (1001, 1000, 0, "over"),
        (1000, 1000, 1, "over"),
        (1000, 1001, 1, "captured"),
        (999, 900, 0, "over"),
    ],
)
def test_the_sum_decides(amount: int, due: int, captured: int, outcome: str):
    decision = rules.decide(said(amount=amount), tender(), payable(due=due, captured=captured))
    assert (decision.outcome, decision.received) == (outcome, amount)


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=8))
def test_messages_about_one_tender_never_add_up_to_more_than_the_highest(amounts: list[int]):
    """U-20, U-23: in whatever order they come."""
    held, owed = tender(status="pending"), payable(due=10_000)
    for amount in amounts:
        decision = rules.decide(said(amount=amount), held, owed)
        if decision.status:
            held = msgspec.structs.replace(
                held, status=decision.status, captured=held.captured + decision.received
            )
    assert held.captured == max(amounts)


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"gateway": "other"}, "gateway"),
        ({"gateway_no": "G2"}, "gateway_no"),
        ({"currency": "USD"}, "currency"),
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": rules.MAX_AMOUNT + 1}, "amount"),
    ],
)
def test_what_does_not_fit(changed: dict[str, object], detail: str):
    decision = rules.decide(said(**changed), tender(), payable())
    assert decision == rules.Decision(outcome="unknown_payment", detail=detail)


def test_money_without_the_gateways_number_fits_nothing():
    decision = rules.decide(said(gateway_no=""), tender(gateway_no=None), payable())
    assert decision.detail == "amount"


@pytest.mark.parametrize(
    ("status", "submitted", "age", "closed", "outcome", "after"),
    [
        ("created", False, 999, False, "pending", None),
        ("created", False, 0, True, "voided", "voided"),
        ("unknown", True, 29, False, "pending", None),
        ("unknown", True, 30, False, "unknown_payment", "declined"),
        ("unknown", True, 30, True, "unknown_payment", "declined"),
        ("pending", True, 999, False, "unknown_payment", None),
        ("authorised", True, 999, False, "unknown_payment", None),
        ("captured", True, 999, False, "unknown_payment", None),
        ("declined", True, 999, False, "duplicate", None),
    ],
)
def test_not_found(status: str, submitted: bool, age: int, closed: bool, outcome: str, after: str | None):
    held = tender(status=status, submitted_at=NOW if submitted else None)
    owed = payable(status="closed" if closed else "open")
    decision = rules.decide_not_found(held, owed, NOW + timedelta(seconds=age))
    assert (decision.outcome, decision.status, decision.received) == (outcome, after, 0)


@pytest.mark.parametrize("status", REFUND.statuses)
@pytest.mark.parametrize("word", ["refund_done", "refund_failed"])
def test_refunds_end_once(status: str, word: str):
    refund = Refund(
        id=UUID(int=9),
        trade_id=TRADE,
        tender_id=UUID(int=1),
        ref="r",
        reason="",
        amount=5,
        currency="CNY",
        status=status,  # type: ignore[arg-type]
        gateway="sandbox",
        gateway_no="G1",
        requested_at=NOW,
    )
    decision = rules.decide_refund(word, refund)  # type: ignore[arg-type]
    assert decision.outcome == (word if status in MOVING else "duplicate")


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500), st.integers(0, 60)), max_size=8),
    st.integers(1, 3000),
)
def test_a_refund_is_spread_last_captured_first_and_never_above_what_is_held(
    rows: list[tuple[int, int, int]], amount: int
):
    held = [
        tender(
            n + 1,
            captured=captured,
            refunded=min(captured, refunded),
            captured_at=NOW + timedelta(minutes=minute),
            status="captured",
        )
        for n, (captured, refunded, minute) in enumerate(rows)
    ]
    left = {t.id: t.captured - t.refunded for t in held}
    parts = rules.spread_refund(amount, [*held, tender(99)])
    assert sum(part for _, part in parts) == min(amount, sum(left.values()))
    assert all(0 < part <= left[tender_id] for tender_id, part in parts)
    order = {t.id: (t.captured_at, t.id) for t in held}
    keys = [order[tender_id] for tender_id, _ in parts]
    assert keys == sorted(keys, reverse=True)  # type: ignore[type-var]
    # All but the last are emptied before the next is touched.
    assert all(part == left[tender_id] for tender_id, part in parts[:-1])


def test_what_may_still_be_asked():
    tenders = [tender(1, amount=300), tender(2, amount=50, status="declined")]
    assert rules.open_amount(payable(captured=200, refunded=20, refunding=30), tenders) == 1000 - 150 - 300


def test_questions_come_ever_more_rarely():
    asked, now = [NOW], NOW
    while now < NOW + timedelta(days=1):
        now = rules.next_question(NOW, now)
        asked.append(now)
    assert asked[1] - NOW == timedelta(seconds=30)
    assert len(asked) < 40


@given(st.text(max_size=300))
def test_any_text_becomes_storable(text: str):
    kept = rules.storable(text)
    assert len(kept) <= 200
    assert "\x00" not in kept
    kept.encode()


def test_a_lone_surrogate_becomes_storable():
    assert rules.storable("a\ud800b") == "a?b"
