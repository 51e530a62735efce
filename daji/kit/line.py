"""A line to somebody outside who may be slow or dead, kept from taking this process with it.

Whoever waits for an answer holds a request in hand. Without a bound, everybody who pays while the gateway hangs would
soon be all that a process has in hand, and people who only look around would be turned away. So a line carries so many
calls at once; a crowd that comes in one moment waits a little for its turn; and after several failures in a row it is down: for some seconds every call is refused before anything was
sent, then one is let through to find out (Nygard, Release It!, "Bulkheads" and "Circuit Breaker").
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NoReturn

import msgspec
import structlog
from prometheus_client import Counter

log = structlog.get_logger(__name__)

SPARED = Counter(
    "daji_outside_spared_total", "Calls that were refused here because the line was down or full", ["line"]
)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`most` calls at once, each for `seconds` at most, and as many again that wait `turn` seconds for one of them to end;
    after `failures` in a row the line is down for `rest` seconds.
    """

    most: int = 40
    turn: float = 2.0
    seconds: float = 15.0
    failures: int = 5
    rest: float = 2.0


class LineDown(Exception):
    """Nothing was sent: the line is down, or carries all it can."""


class Line:
    """The line of one process to one of the outside's services."""

    def __init__(
        self, name: str, pace: Pace | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._pace = pace or Pace()
        self._clock = clock
        self._places = asyncio.Semaphore(self._pace.most)
        self._waiting = 0
        self._failed = 0
        self._down_until = 0.0

    @asynccontextmanager
    async def call(self, *silences: type[BaseException], seconds: float | None = None) -> AsyncIterator[None]:
        """Carry one call. It failed when it raised one of `silences`, or took too long; any other end is an answer.

        Raises
        ------
        LineDown
            Before anything was sent.
        TimeoutError
            No answer within `seconds`, or the line's own.
        """
        failing: tuple[type[BaseException], ...] = (TimeoutError, *silences)
        self._see_whether_down()
        await self._take_place()
        try:
            # It may have gone down while this one waited.
            self._see_whether_down()
        except LineDown:
            self._places.release()
            raise
        if self._probing:
            # This one finds out; the others wait for what it finds.
            self._down_until = self._clock() + self._pace.seconds
        try:
            async with asyncio.timeout(seconds or self._pace.seconds):
                yield
        except failing:
            self._failed += 1
            if self._failed >= self._pace.failures:
                self._rest()
            raise
        except asyncio.CancelledError:
            # Whoever asked has gone, which says nothing of the other end: the next one finds out.
            self._down_until = 0.0
            raise
        except BaseException:
            self._failed = 0
            raise
        else:
            self._failed = 0
        finally:
            self._places.release()

    async def _take_place(self) -> None:
        """Wait for one's turn, unless too many wait already."""
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= self._pace.most:
            self._spare()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._pace.turn):
                await self._places.acquire()
        except TimeoutError:
            self._spare()
        finally:
            self._waiting -= 1

    @property
    def _probing(self) -> bool:
        return self._failed >= self._pace.failures

    def _see_whether_down(self) -> None:
        if self._probing and self._clock() < self._down_until:
            self._spare()

    def _spare(self) -> NoReturn:
        SPARED.labels(self._name).inc()
        raise LineDown(self._name)

    def _rest(self) -> None:
        self._down_until = self._clock() + self._pace.rest
        log.warning("line_down", line=self._name, failures=self._failed, seconds=self._pace.rest)
