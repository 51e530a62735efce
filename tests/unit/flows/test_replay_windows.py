"""A history in windows: every order keeps the order of its steps, and what is resumed is what was begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from daji.flows.replay_olist import drive, placing, plan
from daji.flows.replay_olist.source import read_source
from tests.makers.olist import SALES, write_folder


@pytest.fixture
def steps(tmp_path: Path) -> tuple[plan.Step, ...]:
    return plan.steps(read_source(write_folder(tmp_path / "source"), limit=None).orders)


@pytest.mark.parametrize("together", [1, 7, 2_000])
def test_each_step_is_taken_once_and_orders_never_run_backwards(
    steps: tuple[plan.Step, ...], together: int
) -> None:
    taken: list[plan.Step] = []
    for window in drive.windows_left(steps, frozenset(), together=together):
        for batch in plan.batches(window):
            assert {step.kind for step in batch.steps} == {batch.kind}
            for half in drive.lanes(batch):
                taken += half.steps
    assert sorted(step.key for step in taken) == sorted(step.key for step in steps)
    for order_id in SALES:
        mine = [step.at for step in taken if step.order.id == order_id]
        assert mine == sorted(mine)


def test_a_batch_has_an_order_once(steps: tuple[plan.Step, ...]) -> None:
    for window in drive.windows_left(steps, frozenset(), together=2_000):
        for batch in plan.batches(window):
            ids = [step.order.id for step in batch.steps]
            assert len(ids) == len(set(ids))


def test_like_steps_go_together(steps: tuple[plan.Step, ...]) -> None:
    (window,) = drive.windows_left(steps, frozenset(), together=2_000)
    first = plan.batches(window)[0]
    assert (first.kind, len(first.steps)) == ("place", len(SALES))


def test_a_window_that_was_begun_is_taken_as_it_was(steps: tuple[plan.Step, ...]) -> None:
    done = frozenset({"w:0+10:0:place:x", "w:10+10:0:pay:a", "one:cancel:0"})
    first, second, *_ = drive.windows_left(steps, done, together=30)
    assert (first.first, len(first.steps)) == (10, 10)
    assert (second.first, len(second.steps)) == (20, 30)


def test_two_prices_of_one_ware_are_two_parts(steps: tuple[plan.Step, ...]) -> None:
    sold = [step for step in steps if step.kind == "place" and step.order.items]
    parts = placing.apart(sold)
    assert [step for part in parts for step in part] == sold
    assert len(parts) > 1
    for part in parts:
        prices: dict[str, int] = {}
        for item in (item for step in part for item in step.order.items):
            assert prices.setdefault(item.code, item.price) == item.price
