"""Move the clock from step to step; between two steps every timer that is due wakes at its own time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from daji.flows.replay_olist import ending, moving, paying, placing
from daji.flows.replay_olist.plan import Step, StepKind
from daji.flows.replay_olist.source import Order
from daji.flows.replay_olist.stage import Stage, Stuck
from daji.kit import timers
from daji.kit.problems import Problem

MARKS: Mapping[str, tuple[str, ...]] = {
    "place": ("place", "book"),
    "pay": ("pay",),
    "pick": ("pick",),
    "pack": ("pack",),
    "ship": ("ship",),
    "cancel": ("cancel",),
    "ask_return": ("ask_return",),
    "settle_return": ("settle_return",),
}
"""Runs that a kind of step leaves behind; the others leave none, and may be taken twice."""


def position(steps: Sequence[Step], done: frozenset[str]) -> int:
    """Index of the last step that left a mark, 0 when none did.

    Steps are taken one after the other, so everything before it is finished; it is taken once more, because only a
    part of it may be.
    """
    known = {key.rpartition(":")[0] for key in done}
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        if any(f"{step.order.id}:{verb}" in known for verb in MARKS.get(step.kind, ())):
            return index
    return 0


async def drive(
    stage: Stage,
    steps: Sequence[Step],
    *,
    start: int,
    handlers: Mapping[str, timers.Handler],
) -> AsyncIterator[tuple[int, Step]]:
    """Take the steps from `start` on; yields (index, step) after each.

    Raises
    ------
    Stuck
        When a step is refused, or a timer's work fails: the position stays, and the same command goes on from there.
    """
    last = {step.order.id: index for index, step in enumerate(steps)}
    for index in range(start, len(steps)):
        step = steps[index]
        await _wake(stage, handlers, until=step)
        try:
            await _take(stage, step)
        except Problem as problem:
            raise Stuck(f"{step.key} at {step.at.isoformat()}: {problem}") from problem
        if last[step.order.id] == index:
            stage.forget(step.order)
        yield index, step


async def _wake(stage: Stage, handlers: Mapping[str, timers.Handler], *, until: Step) -> None:
    """Fire the timers due before the step, each at its time, and come to the step's time."""
    kinds = tuple(handlers)
    while True:
        due = await timers.next_due(stage.ctx.db, kinds)
        if due is None or due > until.at:
            break
        if due > stage.now:
            stage.clock.set(due)
        fired = await timers.fire_due(stage.ctx.db, handlers, now=stage.now)
        if fired.failed or not fired.done:
            raise Stuck(f"a timer due at {due.isoformat()} was not done: kit.timers says why in last_error")
    if until.at > stage.now:
        stage.clock.set(until.at)


async def _take(stage: Stage, step: Step) -> None:
    if step.kind == "review":
        await ending.review(stage, step.order, step.number)
    else:
        await TAKE[step.kind](stage, step.order)


TAKE: Mapping[StepKind, Callable[[Stage, Order], Awaitable[object]]] = {
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
}
