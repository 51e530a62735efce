"""Group commit for hot goods: wishes that arrive while a batch is in flight are the next batch.

One row takes as many transactions a second as there are round trips and commits in one; a batch takes the row once
for everybody who waits. The database decides: several processes may each have their crowd, and `inventory.hold` may
go on beside them, for all take the same locks. A crowd only groups.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from uuid import UUID

import structlog

from daji.fulfil.inventory.commands.hold_many import hold_many, refusal
from daji.fulfil.inventory.commands.release import release
from daji.fulfil.inventory.errors import StockShort
from daji.fulfil.inventory.facts import HoldLine, HoldPolicy, HoldWish
from daji.fulfil.inventory.rules import Verdict, check_qty, told
from daji.kit import faults
from daji.kit.db import DOWN, Database

log = structlog.get_logger(__name__)

MOST = 512
"""Wishes in one batch."""
GATE_SECONDS = 0.2
"""How long a committed "nothing left" answers for the database; then the next wish asks it again."""

_Place = tuple[UUID, UUID]


class _Waiting:
    """A wish and whoever waits for its answer."""

    __slots__ = ("answer", "wish")

    def __init__(self, wish: HoldWish, answer: asyncio.Future[None]) -> None:
        self.wish = wish
        self.answer = answer


class _Lane:
    """The wishes for one balance."""

    __slots__ = ("shut_until", "waiting", "worker")

    def __init__(self) -> None:
        self.waiting: deque[_Waiting] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.shut_until = 0.0


class Crowd:
    """Decides holds in batches, one batch in flight per balance. `clock` gives seconds that only rise."""

    def __init__(
        self,
        db: Database,
        *,
        policy: HoldPolicy,
        most: int = MOST,
        gate_seconds: float = GATE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._policy = policy
        self._most = most
        self._gate_seconds = gate_seconds
        self._clock = clock
        self._lanes: dict[_Place, _Lane] = {}
        self._sweeping: set[asyncio.Task[None]] = set()
        self.batches = 0

    async def hold(self, *, sku_id: UUID, site_id: UUID, wish: HoldWish) -> None:
        """Hold durably, once for the wish's holder: it returns when the hold is committed.

        A caller that is cancelled while it waits holds nothing: a wish that is not yet in flight is dropped, and what
        was granted meanwhile is released. Who dies without a word may bring the same wish again.

        Raises
        ------
        Invalid
            For a quantity that is no count.
        StockShort, HoldLimit
            Nothing is held for this wish.
        KeyReused
            The holder holds another number of these pieces.
        """
        check_qty(wish.qty, "/qty")
        place = (sku_id, site_id)
        lane = self._lanes.setdefault(place, _Lane())
        if self._clock() < lane.shut_until:
            raise StockShort(lines=(told(sku_id, site_id, wanted=wish.qty, available=0),))
        one = _Waiting(wish, asyncio.get_running_loop().create_future())
        lane.waiting.append(one)
        if lane.worker is None:
            lane.worker = asyncio.create_task(self._work(place, lane))
        await one.answer

    async def close(self) -> None:
        """Wait for what is in flight."""
        while tasks := [lane.worker for lane in self._lanes.values() if lane.worker] + list(self._sweeping):
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, place: _Place, lane: _Lane) -> None:
        batch: list[_Waiting] = []
        try:
            while lane.waiting:
                batch = _next(lane, self._most)
                if batch:
                    await self._decide(place, lane, batch)
        except BaseException:
            # The process is leaving: nobody is to wait for an answer that never comes.
            for one in (*batch, *lane.waiting):
                one.answer.cancel()
            lane.waiting.clear()
            raise
        finally:
            lane.worker = None
            if not lane.waiting and self._clock() >= lane.shut_until:
                self._lanes.pop(place, None)

    async def _decide(self, place: _Place, lane: _Lane, batch: Sequence[_Waiting]) -> None:
        """Decide a batch in one transaction; when that fails, everybody's wish is decided alone."""
        try:
            verdicts = await self._commit(place, [one.wish for one in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer of whoever it concerns
            if len(batch) == 1:
                if not batch[0].answer.done():
                    batch[0].answer.set_exception(error)
                return
            log.warning("batch_failed", wishes=len(batch), error=repr(error))
            for one in batch:
                if not one.answer.done():
                    await self._decide(place, lane, [one])
            return
        if verdicts[-1].left == 0:
            lane.shut_until = self._clock() + self._gate_seconds
        self._tell(place, batch, verdicts)

    async def _commit(self, place: _Place, wishes: Sequence[HoldWish]) -> tuple[Verdict, ...]:
        self.batches += 1
        sku_id, site_id = place
        async with self._db.transaction() as tx:
            verdicts = await hold_many(tx, sku_id=sku_id, site_id=site_id, wishes=wishes, policy=self._policy)
            faults.reach("inventory.crowd.before_commit")
        faults.reach("inventory.crowd.after_commit")
        return verdicts

    def _tell(self, place: _Place, batch: Sequence[_Waiting], verdicts: Sequence[Verdict]) -> None:
        left_alone: list[HoldWish] = []
        for one, verdict in zip(batch, verdicts, strict=True):
            if one.answer.done():
                # Cancelled while the batch was in flight: nobody will use what it got.
                if verdict.fresh:
                    left_alone.append(one.wish)
            elif verdict.granted:
                one.answer.set_result(None)
            else:
                one.answer.set_exception(refusal(*place, one.wish, verdict))
        if left_alone:
            task = asyncio.create_task(self._release(place, left_alone))
            self._sweeping.add(task)
            task.add_done_callback(self._sweeping.discard)

    async def _release(self, place: _Place, wishes: Sequence[HoldWish]) -> None:
        sku_id, site_id = place
        for wish in wishes:
            line = HoldLine(sku_id=sku_id, site_id=site_id, qty=wish.qty)
            try:
                async with self._db.transaction() as tx:
                    await release(
                        tx, holder=wish.holder, reason="cancelled", by="system", now=wish.now, lines=(line,)
                    )
            except DOWN:
                log.warning("hold_left_behind", holder=str(wish.holder), exc_info=True)


def _next(lane: _Lane, most: int) -> list[_Waiting]:
    """Take the next batch in the order of arrival, without those who went away."""
    batch: list[_Waiting] = []
    while lane.waiting and len(batch) < most:
        one = lane.waiting.popleft()
        if not one.answer.done():
            batch.append(one)
    return batch
