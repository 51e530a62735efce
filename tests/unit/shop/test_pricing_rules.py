"""Laying prices over periods: whatever happens, periods never overlap and the past stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daji.kit.ids import new_id
from daji.shop.pricing import rules
from daji.shop.pricing.facts import BadPrice, NewPrice, Price

START = datetime(2026, 1, 1, tzinfo=UTC)
SKU, LIST = new_id(), new_id()

steps = st.lists(
    st.tuples(
        st.integers(0, 20), st.one_of(st.none(), st.integers(1, 15)), st.integers(0, 3), st.integers(0, 20)
    ),
    max_size=25,
)


def day(n: int) -> datetime:
    return START + timedelta(days=n)


def at(standing: list[Price], moment: datetime) -> int | None:
    found = [
        one.amount
        for one in standing
        if one.valid_from <= moment and (one.valid_to is None or one.valid_to > moment)
    ]
    assert len(found) <= 1
    return found[0] if found else None


def price(amount: int, starts: datetime, ends: datetime | None) -> Price:
    return Price(
        id=new_id(),
        list_id=LIST,
        sku_id=SKU,
        amount=amount,
        compare_at=None,
        valid_from=starts,
        valid_to=ends,
    )


@settings(max_examples=300, deadline=None)
@given(steps)
def test_periods_never_overlap_and_the_past_never_changes(
    plan: list[tuple[int, int | None, int, int]],
) -> None:
    standing: list[Price] = []
    for starts, length, amount, today in plan:
        begin, end, now = day(starts), day(starts + length) if length else None, day(today)
        done = rules.overlay(
            standing, NewPrice(sku_id=SKU, amount=amount), valid_from=begin, valid_to=end, now=now
        )
        before = {n: at(standing, day(n)) for n in range(50)}
        if done.rewrites_past:
            continue
        if not done.unchanged:
            cut = dict(done.cut)
            standing = [
                price(one.amount, one.valid_from, cut.get(one.id, one.valid_to))
                for one in standing
                if one.id not in done.withdrawn
            ]
            standing.append(price(amount, begin, end))
            standing += [price(old.amount, first, last) for old, first, last in done.resumed]
        for n in range(50):
            inside = begin <= day(n) and (end is None or day(n) < end)
            assert at(standing, day(n)) == (amount if inside else before[n])
            if day(n) < now and before[n] is not None:
                assert at(standing, day(n)) == before[n]
        assert all(one.valid_to is None or one.valid_to > one.valid_from for one in standing)
        assert sum(one.valid_to is None for one in standing) <= 1


def test_too_many_prices_are_refused_at_once() -> None:
    prices = [NewPrice(sku_id=new_id(), amount=1) for _ in range(rules.MAX_PRICES + 1)]
    with pytest.raises(BadPrice):
        rules.check(prices, valid_from=START, valid_to=None)
