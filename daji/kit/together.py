"""Work that is cheaper for many than for one: whoever comes while a batch is in flight is the next batch.

In a quiet house nobody waits for company: a caller who finds nothing in flight is taken alone at once. In a busy one a
batch lingers for some milliseconds, so that more come along: the busier the house, the larger the batches (group commit;
Gray and Reuter, "Transaction Processing", 10.4, and PostgreSQL's `commit_delay` and `commit_siblings`). What goes wrong for a batch is taken apart until it is known whom it concerns: nobody is refused for another's sake.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741 - the usual letter for an input type
T = TypeVar("T")

MOST = 64
"""Callers in one batch: enough to share what a batch costs, few enough to answer the first of them soon."""
LINGER_SECONDS = 0.01
"""For work of a dozen statements; what costs less waits less."""
SIBLINGS = 3
"""How many others must be on their way through lanes for a batch to linger."""

Answers = Sequence[T | Exception]
"""One for each of a batch, in its order: what it gets, or what it is refused with."""


class _Waiting(Generic[I, T]):
    __slots__ = ("answer", "context", "item")

    def __init__(self, item: I, answer: asyncio.Future[T]) -> None:
        self.item = item
        self.answer = answer
        self.context = contextvars.copy_context()


class House:
    """How many are on their way through the lanes of one database."""

    __slots__ = ("inside",)

    def __init__(self) -> None:
        self.inside = 0


class Lane(Generic[I, T]):
    """Takes items in batches, one batch in flight. `work` does a batch or, when it raises, nothing of it.

    A batch runs in the context of its first caller. Errors of the kinds `of_all` are everybody's, a database that is
    away for instance: nothing is tried once more for them.
    """

    def __init__(
        self,
        work: Callable[[Sequence[I]], Awaitable[Answers[T]]],
        *,
        most: int = MOST,
        linger: float = LINGER_SECONDS,
        of_all: tuple[type[Exception], ...] = (),
        house: House | None = None,
    ) -> None:
        self._house = house or House()
        self._linger = linger
        self._work = work
        self._of_all = of_all
        self._most = most
        self._waiting: deque[_Waiting[I, T]] = deque()
        self._task: asyncio.Task[None] | None = None
        self.batches = 0

    async def join(self, item: I) -> T:
        """What `work` answers for this item; raises what it is refused with.

        A caller that is cancelled before its batch has begun is left out; later the batch goes on without a listener.
        """
        one: _Waiting[I, T] = _Waiting(item, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._task is None:
            self._task = asyncio.create_task(self._go_on())
        self._house.inside += 1
        try:
            return await one.answer
        finally:
            self._house.inside -= 1

    async def close(self) -> None:
        """Wait for what is in flight."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _go_on(self) -> None:
        batch: list[_Waiting[I, T]] = []
        try:
            while self._waiting:
                if len(self._waiting) < self._most and self._house.inside - len(self._waiting) >= SIBLINGS:
                    await asyncio.sleep(self._linger)
                batch = self._next()
                if batch:
                    await self._take(batch)
        except BaseException:
            # The process is leaving: nobody is to wait for an answer that never comes.
            for one in (*batch, *self._waiting):
                one.answer.cancel()
            self._waiting.clear()
            raise
        finally:
            self._task = None

    def _next(self) -> list[_Waiting[I, T]]:
        """The next batch in the order of arrival, without those who went away."""
        batch: list[_Waiting[I, T]] = []
        while self._waiting and len(batch) < self._most:
            one = self._waiting.popleft()
            if not one.answer.done():
                batch.append(one)
        return batch

    async def _take(self, batch: Sequence[_Waiting[I, T]]) -> None:
        self.batches += 1
        work = self._work([one.item for one in batch])
        try:
            answers = await asyncio.create_task(_awaited(work), context=batch[0].context)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of whoever it concerns
            if len(batch) == 1 or isinstance(error, self._of_all):
                for one in batch:
                    _tell(one, error)
                return
            half = len(batch) // 2
            await self._take(batch[:half])
            await self._take(batch[half:])
            return
        for one, answer in zip(batch, answers, strict=True):
            _tell(one, answer)


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _tell(one: _Waiting[I, T], answer: T | Exception) -> None:
    if one.answer.done():
        return
    if isinstance(answer, Exception):
        one.answer.set_exception(answer)
    else:
        one.answer.set_result(answer)
