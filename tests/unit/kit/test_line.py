"""A line to the outside: bounded at once, down after failures, and up again when one call got through."""

from __future__ import annotations

import asyncio

import pytest

from daji.kit.line import Line, LineDown, Pace


class Silence(Exception):
    pass


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def fail(line: Line) -> None:
    with pytest.raises(Silence):
        async with line.call(Silence):
            raise Silence


async def refused(line: Line) -> bool:
    try:
        async with line.call(Silence):
            return False
    except LineDown:
        return True


async def test_after_failures_in_a_row_nobody_is_let_through_until_it_rested() -> None:
    clock = Clock()
    line = Line("x", Pace(failures=3, rest=2), clock=clock)
    for _ in range(3):
        assert not line._down_until
        await fail(line)
    assert await refused(line)
    clock.now = 2.1
    assert not await refused(line)
    assert not await refused(line)


async def test_one_finds_out_and_the_others_wait_for_what_it_finds() -> None:
    clock = Clock()
    line = Line("x", Pace(failures=1, rest=2), clock=clock)
    await fail(line)
    clock.now = 2.1
    async with line.call(Silence):
        assert await refused(line)
    assert not await refused(line)
    await fail(line)
    clock.now = 4.2
    await fail(line)
    assert await refused(line)


async def test_an_answer_that_is_a_no_is_an_answer() -> None:
    line = Line("x", Pace(failures=2))
    await fail(line)
    with pytest.raises(KeyError):
        async with line.call(Silence):
            raise KeyError
    await fail(line)
    assert not await refused(line)


async def test_whoever_leaves_says_nothing_of_the_other_end() -> None:
    line = Line("x", Pace(failures=1))

    async def wait() -> None:
        async with line.call(Silence):
            await asyncio.sleep(60)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not await refused(line)


async def test_no_more_than_so_many_at_once() -> None:
    line = Line("x", Pace(most=2, turn=0.01))
    async with line.call(), line.call():
        assert await refused(line)
    assert not await refused(line)


async def test_a_crowd_of_one_moment_gets_its_turn_and_a_longer_one_does_not() -> None:
    line = Line("x", Pace(most=2, turn=5))
    most = at_once = 0

    async def call() -> None:
        nonlocal most, at_once
        async with line.call():
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.01)
            at_once -= 1

    told = await asyncio.gather(*(call() for _ in range(5)), return_exceptions=True)
    assert most == 2
    assert [type(one) for one in told] == [type(None)] * 4 + [LineDown]


async def test_who_waited_for_a_turn_is_not_let_onto_a_line_that_went_down() -> None:
    line = Line("x", Pace(most=1, turn=5, failures=1))

    async def hang() -> None:
        async with line.call(Silence):
            await asyncio.sleep(0.01)
            raise Silence

    told = await asyncio.gather(hang(), refused(line), return_exceptions=True)
    assert isinstance(told[0], Silence)
    assert told[1] is True
    assert await refused(line)


async def test_no_answer_in_time_is_a_failure() -> None:
    line = Line("x", Pace(seconds=0.01, failures=1))
    with pytest.raises(TimeoutError):
        async with line.call():
            await asyncio.sleep(5)
    assert await refused(line)
