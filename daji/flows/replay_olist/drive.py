"""Move the clock window by window; an order's timers wake between its steps, each at its own time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from daji.flows.replay_olist import ending, moving, paying, placing
from daji.flows.replay_olist.plan import Batch, Step, StepKind, Window, batches
from daji.flows.replay_olist.stage import Stage, Stuck
from daji.kit import timers
from daji.kit.clock import SimClock
from daji.kit.problems import Problem

TOGETHER = 2_000
"""Steps of one window: enough that every kind of step has many, few enough that a transaction ends in a moment."""

_WORTH_TWO_LANES = 8

Ahead = dict[str, deque[datetime]]
"""When the steps come that each order has ahead."""


def windows_left(steps: Sequence[Step], done: frozenset[str], *, together: int) -> Iterator[Window]:
    """The windows that are left: the last one that left a mark, as it was, and those behind it.

    Windows are taken one after the other, so everything before it is finished; it is taken once more, because only a
    part of it may be, and what is done of it answers from its runs.
    """
    first, count = 0, together
    for key in done:
        if key.startswith("w:"):
            at, _, size = key.split(":")[1].partition("+")
            if int(at) >= first:
                first, count = int(at), int(size)
    while first < len(steps):
        yield Window(first=first, steps=tuple(steps[first : first + count]))
        first, count = first + count, together


async def drive(
    stage: Stage,
    windows: Sequence[Window],
    *,
    clock: SimClock,
    handlers: Mapping[str, timers.Together],
) -> AsyncIterator[Batch]:
    """Take the steps of these windows; yields each batch when it is done.

    Raises
    ------
    Stuck
        When a step is refused, or a timer's work fails: the position stays, and the same command goes on from there.
    """
    ahead: Ahead = {}
    for window in windows:
        for step in window.steps:
            ahead.setdefault(step.order.id, deque()).append(step.at)
    for window in windows:
        for batch in batches(window):
            await _wake(stage, handlers, ahead, until=batch.until)
            await _take(stage, batch)
            for step in batch.steps:
                ahead[step.order.id].popleft()
                if not ahead[step.order.id]:
                    stage.forget(step.order)
            yield batch
        await _wake(stage, handlers, ahead, until=window.until)
        clock.set(window.until)


async def _take(stage: Stage, batch: Batch) -> None:
    """Take a batch in two lanes, so that the database works on one while the other is thought about."""
    halves = lanes(batch)
    done = await asyncio.gather(*(TAKE[batch.kind](stage, half) for half in halves), return_exceptions=True)
    for half, error in zip(halves, done, strict=True):
        if isinstance(error, Problem):
            raise Stuck(f"{half.key} until {half.until.isoformat()}: {error}") from error
        if error is not None:
            raise error


def lanes(batch: Batch) -> tuple[Batch, ...]:
    """Two halves of a batch that is large enough. Placing is one lane: orders placed together may want the same goods."""
    if batch.kind == "place" or len(batch.steps) < _WORTH_TWO_LANES:
        return (batch,)
    return tuple(
        msgspec.structs.replace(batch, key=f"{batch.key}:{name}", steps=batch.steps[start::2])
        for start, name in enumerate("ab")
    )


async def _wake(
    stage: Stage, handlers: Mapping[str, timers.Together], ahead: Ahead, *, until: datetime
) -> None:
    """Fire the timers due by then, each at its time, but for those of orders that have a step to take before."""
    while True:
        due = await timers.list_due(stage.ctx.db, tuple(handlers), until=until)
        chosen = [one for one in due if one.due_at <= _next_step(stage, ahead, one, until)]
        if not chosen:
            return
        try:
            fired = await timers.fire_together(stage.ctx.db, handlers, chosen)
        except Exception as error:
            raise Stuck(f"timers due by {until.isoformat()} were not done: {error!r}") from error
        if not fired:
            raise Stuck(f"timers due by {until.isoformat()} are claimed by somebody")


def _next_step(stage: Stage, ahead: Ahead, due: timers.Due, until: datetime) -> datetime:
    steps = ahead.get(stage.owners.get(due.subject, ""))
    return steps[0] if steps else until


TAKE: Mapping[StepKind, Callable[[Stage, Batch], Awaitable[None]]] = {
    "place": placing.place,
    "pay": paying.start,
    "approve": paying.approve,
    "pick": moving.pick,
    "pack": moving.pack,
    "ship": moving.ship,
    "deliver": moving.deliver,
    "come_back": moving.come_back,
    "cancel": ending.cancel,
    "ask_return": ending.ask,
    "settle_return": ending.settle,
    "review": ending.review,
}
