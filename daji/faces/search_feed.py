"""Keeps this process's search index as fresh as the shop: built once, then fed with what the outbox tells.

Each web process has its own index and polls for itself; none waits for another, and a change is found in all of them
within a poll and a commit (U-72: 2 s). What no event tells — a price that begins or ends by its period, a renamed
category, sales — is asked for by time, and a slow round over everything heals whatever was missed.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog

from daji.boot import House
from daji.faces.store.buyer import CHANNEL
from daji.kit.db import Session
from daji.shop.search import api as search
from daji.views import search_source

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.7
RETRY_SECONDS = 3.0
STRETCH = 500
ROUND_SECONDS = 300.0
SOLD_SECONDS = 600.0
GAP_SECONDS = 900.0
"""How long a transaction that took its place in the outbox may take to commit and still be heard."""
_MAX_GAPS = 20_000
_PLACES = 5_000
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Feed:
    """The hand that feeds one index. `build` fills it, `step` brings it up to date."""

    def __init__(self, house: House, index: search.Index) -> None:
        self._house = house
        self._index = index
        self._mark = 0
        self._gaps: dict[int, float] = {}
        self._due: dict[UUID, datetime] = {}
        self._sold: dict[UUID, int] = {}
        self._sold_at = float("-inf")
        self._categories_at = _LONG_AGO
        self._round: list[UUID] = []

    async def run(self) -> None:
        """Build, then follow, until cancelled; a database that is away is asked again."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            try:
                if self._index.ready:
                    await self.step()
                else:
                    await self.build()
                pause = POLL_SECONDS
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("search_feed_waits", exc_info=True)
                pause = RETRY_SECONDS
            except Exception:
                # Pages answer from what is there; whatever is wrong with one product must not stop the feed.
                log.exception("search_feed_failed")
                pause = RETRY_SECONDS

    async def build(self) -> None:
        """Fill the index from nothing."""
        began = time.perf_counter()
        now = self._house.clock.now()
        async with self._house.db.read() as session:
            # Before anything is read: what changes meanwhile is then told again, rather than lost.
            self._mark = await search_source.mark(session)
            _, self._categories_at = await search_source.moved_categories(session, since=_LONG_AGO)
            await self._count_sales(session, now)
            after: UUID | None = None
            while True:
                found = await search_source.list_sources(
                    session, channel=CHANNEL, at=now, sold=self._sold, after=after, limit=STRETCH
                )
                await self._take(found, now)
                if len(found) < STRETCH:
                    break
                after = found[-1].document.product_id
        await asyncio.to_thread(self._index.commit)
        self._index.ready = True
        seconds = round(time.perf_counter() - began, 2)
        log.info("search_index_built", products=len(self._index), seconds=seconds)

    async def step(self) -> int:
        """Take in what changed since the last step; how many products were written or forgotten."""
        now = self._house.clock.now()
        async with self._house.db.read() as session:
            wanted = await self._heard(session)
            wanted.update(product_id for product_id, at in self._due.items() if at <= now)
            moved, self._categories_at = await search_source.moved_categories(
                session, since=self._categories_at
            )
            wanted.update(moved)
            await self._count_sales(session, now)
            wanted.update(self._next_of_round())
            self._index.learn_queries()
            changed = 0
            for some in _stretches(wanted):
                found = await search_source.sources(
                    session, channel=CHANNEL, at=now, sold=self._sold, product_ids=some
                )
                changed += await self._take(found, now)
                listed = {one.document.product_id for one in found}
                gone = [product_id for product_id in some if product_id not in listed]
                for product_id in gone:
                    self._due.pop(product_id, None)
                changed += self._index.remove(gone)
        if changed:
            await asyncio.to_thread(self._index.commit)
        return changed

    async def _take(self, found: tuple[search_source.Source, ...], now: datetime) -> int:
        for one in found:
            if one.changes_at is None:
                self._due.pop(one.document.product_id, None)
            else:
                self._due[one.document.product_id] = one.changes_at
        # Cutting words is work; the loop goes on answering meanwhile.
        return await asyncio.to_thread(self._index.put, [one.document for one in found], now=now)

    async def _heard(self, session: Session) -> set[UUID]:
        """Products that the outbox named since the last time.

        Places are given before the transactions that take them commit, so that a later place can be seen first: a
        place that was empty is looked at again for a while.
        """
        products: set[UUID] = set()
        skus: set[UUID] = set()
        more = True
        while more:
            found = await search_source.changes(
                session, after=self._mark, missing=tuple(self._gaps), limit=_PLACES
            )
            for change in found:
                products.update(change.product_ids)
                skus.update(change.sku_ids)
            self._note([change.seq for change in found])
            more = len(found) == _PLACES
        if skus:
            products.update(await search_source.products_of(session, sku_ids=tuple(skus)))
        return products

    def _note(self, seen: list[int]) -> None:
        moment = time.monotonic()
        for seq in seen:
            self._gaps.pop(seq, None)
        last = max(seen, default=self._mark)
        if last > self._mark:
            present = set(seen)
            empty = (seq for seq in range(self._mark + 1, last) if seq not in present)
            self._gaps.update(dict.fromkeys(itertools.islice(empty, _MAX_GAPS - len(self._gaps)), moment))
            self._mark = last
        for seq in [seq for seq, noticed in self._gaps.items() if moment - noticed > GAP_SECONDS]:
            del self._gaps[seq]

    async def _count_sales(self, session: Session, now: datetime) -> None:
        if time.monotonic() - self._sold_at >= SOLD_SECONDS:
            self._sold = await search_source.sold_lately(session, at=now)
            self._sold_at = time.monotonic()

    def _next_of_round(self) -> list[UUID]:
        if not self._round:
            self._round = list(self._index.product_ids())
        share = max(1, round(len(self._index) * POLL_SECONDS / ROUND_SECONDS))
        taken, self._round = self._round[:share], self._round[share:]
        return taken


class Keeper:
    """Runs a feed beside the application: `start` and `stop` are what a server's lifespan calls."""

    def __init__(self, house: House) -> None:
        self._feed = Feed(house, house.search)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(self._feed.run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running


def _stretches(wanted: Iterable[UUID]) -> Iterable[list[UUID]]:
    remaining = sorted(wanted)
    for start in range(0, len(remaining), STRETCH):
        yield remaining[start : start + STRETCH]
