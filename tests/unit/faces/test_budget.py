"""Budgets that refill: what is taken, how long to wait, and that neither clocks nor crowds break it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daji.faces.http.budget import Limit, MemoryStore

TEN = Limit(name="t", rate=2, burst=10)


async def test_a_burst_is_taken_and_then_the_rate() -> None:
    store = MemoryStore()
    taken = [(await store.charge("k", TEN, 1, now=100)).taken for _ in range(12)]
    assert taken == [True] * 10 + [False] * 2
    waiting = await store.charge("k", TEN, 1, now=100)
    assert (waiting.wait, waiting.left, waiting.reset) == (0.5, 0, 5)
    assert (await store.charge("k", TEN, 1, now=100.5)).taken
    assert not (await store.charge("k", TEN, 1, now=100.5)).taken
    assert (await store.charge("k", TEN, 10, now=200)).taken
    assert (await store.charge("other", TEN, 10, now=200)).taken


async def test_a_refusal_costs_nothing_and_a_look_takes_nothing() -> None:
    store = MemoryStore()
    await store.charge("k", TEN, 10, now=0)
    for _ in range(50):
        assert not (await store.charge("k", TEN, 5, now=0)).taken
    assert (await store.charge("k", TEN, 5, now=2.5)).taken
    look = await store.charge("k", TEN, 0, now=5)
    assert (look.taken, look.left) == (True, 5)


async def test_what_costs_more_than_there_ever_is_is_never_taken_and_waits_a_bounded_time() -> None:
    verdict = await MemoryStore().charge("k", TEN, 1000, now=0)
    assert (verdict.taken, verdict.wait) == (False, TEN.seconds)


async def test_a_clock_that_jumps_back_owes_nobody_more_than_a_budget() -> None:
    store = MemoryStore()
    await store.charge("k", TEN, 10, now=1_000_000)
    verdict = await store.charge("k", TEN, 1, now=0)
    assert (verdict.taken, verdict.wait) == (False, 0.5)
    assert (await store.charge("k", TEN, 1, now=0.5)).taken


async def test_many_keys_take_bounded_room_and_the_busiest_are_remembered() -> None:
    store = MemoryStore(most=100)
    await store.charge("busy", TEN, 10, now=0)
    for n in range(10_000):
        await store.charge(f"k{n}", TEN, 1, now=0)
        if n % 50 == 0:
            await store.charge("busy", TEN, 1, now=0)
    assert len(store) == 100
    assert not (await store.charge("busy", TEN, 1, now=0)).taken


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 10)), max_size=60))
async def test_never_more_is_given_than_a_burst_and_the_rate(asked: list[tuple[float, int]]) -> None:
    store, now, given_out = MemoryStore(), 0.0, 0
    for pause, cost in asked:
        now += pause
        verdict = await store.charge("k", TEN, cost, now=now)
        given_out += cost if verdict.taken else 0
        assert given_out <= TEN.burst + TEN.rate * now + 1e-6
        assert 0 <= verdict.left <= TEN.burst
        if not verdict.taken:
            assert (await store.charge("k", TEN, cost, now=now + verdict.wait)).taken
            given_out += cost
            now += verdict.wait
