"""The days behind the demo shop: orders that take the real journeys, on a clock that runs up to the present."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

from daji.faces.cli.demoshop import keeping, season
from daji.faces.cli.demoshop.life import Life
from daji.faces.cli.demoshop.plan import Step, Visit
from daji.faces.cli.demoshop.stage import OwnTime, Stage
from daji.kit import timers

_TICK = timedelta(hours=2)
_AT_ONCE = 4
_AGAIN = timedelta(hours=9)
_TRIES = 40
_PICK_ROUNDS = (9.5, 13.5, 17.5)
_TRUCKS = (12.0, 20.0)

Deed = Callable[[], Awaitable[None]]


class _Agenda:
    """Deeds by their time; of two at one moment the one that was noted first."""

    def __init__(self) -> None:
        self._numbers = count()
        self._deeds: list[tuple[datetime, int, Deed]] = []

    def note(self, at: datetime, deed: Deed) -> None:
        heapq.heappush(self._deeds, (at, next(self._numbers), deed))

    def next_before(self, until: datetime) -> tuple[datetime, Deed] | None:
        if not self._deeds or self._deeds[0][0] > until:
            return None
        at, _, deed = heapq.heappop(self._deeds)
        return at, deed


async def live(stage: Stage, visits: Sequence[Visit], *, until: datetime, days: int) -> None:
    """Let every visit take its steps in their time, while the shop is kept: shelves filled, one day's sale.

    Within a tick lives go on side by side, each at its own time (`OwnTime`); at its end the outside world acts.
    """
    agenda = _Agenda()
    for at, deed in keeping.deeds(stage, until=until, days=days):
        agenda.note(at, deed)
    for visit in visits:
        life = Life(stage=stage, visit=visit)
        agenda.note(visit.at, _taking(agenda, life, visit.steps))
    while stage.now < until:
        end = min(_after(stage.now), until)
        await _side_by_side(agenda, end)
        stage.outside.clock.set(end)
        await _let_outside_act(stage)


async def _side_by_side(agenda: _Agenda, end: datetime) -> None:
    """Do everything that is due before `end`, also what is only noted meanwhile."""
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            while len(running) < _AT_ONCE and (found := agenda.next_before(end)) is not None:
                running.add(asyncio.create_task(_at(*found)))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in running:
            task.cancel()


async def _at(at: datetime, deed: Deed) -> None:
    OwnTime.mine.set(at)
    await deed()


def _taking(agenda: _Agenda, life: Life, steps: Sequence[Step], at: int = -1, tries: int = _TRIES) -> Deed:
    """Take one step of a life (the first is to place the order), then note when the next one comes."""

    async def deed() -> None:
        verb = "place" if at < 0 else steps[at].verb
        if not await getattr(life, verb)():
            if tries:
                agenda.note(life.stage.now + _AGAIN, _taking(agenda, life, steps, at, tries - 1))
            return
        if not life.over and at + 1 < len(steps):
            following = steps[at + 1]
            agenda.note(_due(life.stage.now, following), _taking(agenda, life, steps, at + 1))

    return deed


def _due(now: datetime, step: Step) -> datetime:
    at = now + timedelta(hours=step.hours)
    if step.rounds and step.verb in {"pick", "pick_part"}:
        return season.next_of(at, _PICK_ROUNDS)
    if step.rounds and step.verb == "ship":
        return season.next_of(at, _TRUCKS)
    return at


async def _let_outside_act(stage: Stage) -> None:
    while (await stage.outside.carrier.advance(stage.now)).told:
        pass
    while (await timers.fire_due(stage.house.db, stage.outside.timers, now=stage.now)).done:
        pass
    await stage.outside.deliver_notices()


def _after(now: datetime) -> datetime:
    """The next full tick."""
    seconds = int(_TICK.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, tz=now.tzinfo)
