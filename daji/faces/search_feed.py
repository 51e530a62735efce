"""Keeps this process's search indexes, one for each channel, and its kept answers as fresh as the shop: by what the outbox tells.

Each web process has its own and asks for itself; none waits for another. Where a line carries the outbox (`DAJI_NATS_URL`), it
brings the same word, so that the database has next to nothing left to tell; without it, or while it is away, the database
tells all, and nothing else changes. It listens several times a second and lets go
at once of every kept answer that shows what changed (`faces.http.kept`); the index follows in its own time, and a change
is found by words within a poll and a commit (U-72: 2 s). What no event tells — a price that begins or ends by its period, a renamed
category, sales — is asked for by time, and a slow round over everything heals whatever was missed.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog

from daji.boot import House
from daji.faces.http.kept import NOT_KEPT, Kept
from daji.faces.store import markets
from daji.kit import heap
from daji.kit.carriage import Carried, attend
from daji.kit.db import DOWN, Session
from daji.shop.search import api as search
from daji.views import search_source, store_frame

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 0.25
POLL_SECONDS = 0.7
RETRY_SECONDS = 3.0
STRETCH = 500
FILLING = 200
"""Products read at once while an index is filled: few enough that whoever asks meanwhile hardly waits for them."""
TELL_SECONDS = 10.0
ROUND_SECONDS = 300.0
MOST_OF_ROUND = 150
"""Products that a poll reads again at most: a round over more than sixty thousand takes its time."""
SOLD_SECONDS = 600.0
GAP_SECONDS = 900.0
"""How long a transaction that took its place in the outbox may take to commit and still be heard."""
_MAX_GAPS = 20_000
_LOOK_BACK = 1_000
_PLACES = 5_000
_MOST_BROUGHT = 20_000
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Feed:
    """The hand that feeds one index. `build` fills it, `step` brings it up to date; `listen` hears what changed."""

    def __init__(
        self,
        house: House,
        index: search.Index,
        kept: Kept | None = None,
        *,
        channels: Iterable[str] = (markets.MAIN,),
    ) -> None:
        self._house = house
        self._index = index
        further = (one for one in channels if one != markets.MAIN)
        self._indexes = {markets.MAIN: index} | {one: markets.index_of(house, one) for one in further}
        self._kept = Kept(NOT_KEPT) if kept is None else kept
        self._kept.on_turn(self._turn)
        self._listening = asyncio.Lock()
        self._wanted: set[UUID] = set()
        self._counted: set[UUID] = set()
        self._frame = ""
        self._mark = 0
        self._gaps: dict[int, float] = {}
        self._turns = 0 if house.db.replica is None else house.db.replica.turns
        self._brought: deque[Carried] = deque()
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
            except DOWN:
                log.warning("search_feed_waits", exc_info=True)
                pause = RETRY_SECONDS
            except Exception:
                # Pages answer from what is there; whatever is wrong with one product must not stop the feed.
                log.exception("search_feed_failed")
                pause = RETRY_SECONDS

    async def follow(self) -> None:
        """Listen, once the index stands, until cancelled; say so when there is nobody to listen to."""
        while True:
            await asyncio.sleep(LISTEN_SECONDS)
            if not self._index.ready:
                continue
            try:
                await self.listen()
            except TimeoutError:
                # Slow is not gone: what was kept waits unserved until something is heard again.
                log.warning("search_feed_hears_nothing")
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
                log.warning("search_feed_lost_the_database", error=repr(error))
                self._kept.lost()
            except Exception:
                log.exception("search_feed_failed")

    async def listen(self) -> None:
        """Hear what changed since the last time, and let go of all that was kept and shows it."""
        async with self._listening, self._house.db.read() as session:
            began = self._kept.clock()
            await self._turn_back(session)
            await self._unpack(session)
            await self._hear(session)
            frame = await store_frame.fingerprint(session)
            if frame != self._frame:
                self._frame = frame
                self._kept.drop_all()
            self._kept.renew(began)

    async def attend(self) -> None:
        """Hear the line, once the index stands, until cancelled; does nothing where there is none."""
        line = self._house.line
        if line is None:
            return
        while not self._index.ready:  # noqa: ASYNC110 - a thread fills it
            await asyncio.sleep(LISTEN_SECONDS)
        await attend(line, self.bring, standing=self.standing)

    def standing(self) -> int:
        """The place of the outbox up to which everything is known here."""
        return min((*self._gaps, self._mark + 1)) - 1

    def bring(self, told: Carried) -> None:
        """Take in what the line tells; it counts once the reading server shows it too (`listen`)."""
        if len(self._brought) >= _MOST_BROUGHT:
            # A reader so far behind learns from the database, as without a line.
            self._brought.clear()
        self._brought.append(told)

    async def build(self) -> None:
        """Fill the index from nothing."""
        began = time.perf_counter()
        now = self._house.clock.now()
        async with self._house.db.read() as session:
            # Before anything is read: what changes meanwhile is then told again, rather than lost.
            self._mark = await search_source.mark(session)
            empty = await search_source.missing(session, last=self._mark, back=_LOOK_BACK)
            self._gaps = dict.fromkeys(empty, time.monotonic())
            self._categories_at = await search_source.categories_at(session, since=_LONG_AGO)
            await self._count_sales(session, now)
            listed = await search_source.count_listed(session)
            for channel in self._indexes:
                if channel == markets.MAIN:
                    await self._fill(session, channel, now, listed=listed)
                else:
                    # A further channel may sell little of all there is.
                    few = await search_source.sold_in(session, channel=channel)
                    await self._fill_with(session, channel, now, few)
        await self._commit()
        for index in self._indexes.values():
            index.ready = True
        self._kept.drop_all()
        self._set_turn()
        # A quarter of what building took would otherwise lie idle until the process ends.
        heap.give_back()
        seconds = round(time.perf_counter() - began, 2)
        log.info("search_index_built", products=len(self._index), seconds=seconds)

    async def _fill(self, session: Session, channel: str, now: datetime, *, listed: int) -> None:
        after: UUID | None = None
        told = time.monotonic()
        while True:
            found = await search_source.list_sources(
                session, channel=channel, at=now, sold=self._sold, after=after, limit=FILLING
            )
            await self._take(channel, found, now)
            if len(found) < FILLING:
                break
            after = found[-1].document.product_id
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                done = len(self._indexes[channel])
                log.info("search_index_fills", channel=channel, products=done, listed=listed)

    async def _fill_with(self, session: Session, channel: str, now: datetime, chosen: Iterable[UUID]) -> None:
        for some in _stretches(chosen, FILLING):
            found = await search_source.sources(
                session, channel=channel, at=now, sold=self._sold, product_ids=some
            )
            await self._take(channel, found, now)

    async def _commit(self) -> None:
        for index in self._indexes.values():
            await asyncio.to_thread(index.commit)

    async def step(self) -> int:
        """Take in what changed since the last step; how many products were written or forgotten."""
        await self.listen()
        (wanted, self._wanted), (counted, self._counted) = (self._wanted, set()), (self._counted, set())
        try:
            changed = await self._follow_up(wanted, counted - wanted)
        except BaseException:
            self._wanted, self._counted = self._wanted | wanted, self._counted | counted
            raise
        # What was heard of again meanwhile is still to be read.
        self._kept.settle(wanted - self._wanted)
        self._set_turn()
        return changed

    async def _follow_up(self, heard: set[UUID], counted: set[UUID]) -> int:
        now = self._house.clock.now()
        wanted = heard | {product_id for product_id, at in self._due.items() if at <= now}
        async with self._house.db.read() as session:
            moved, self._categories_at = await search_source.moved_categories(
                session, since=self._categories_at
            )
            wanted.update(moved, await self._restocked(session, counted))
            await self._count_sales(session, now)
            wanted.update(self._next_of_round())
            for index in self._indexes.values():
                await asyncio.to_thread(index.tidy)
            changed = 0
            for channel, some in itertools.product(self._indexes, _stretches(wanted)):
                found = await search_source.sources(
                    session, channel=channel, at=now, sold=self._sold, product_ids=some
                )
                changed += await self._take(channel, found, now)
                listed = {one.document.product_id for one in found}
                gone = [product_id for product_id in some if product_id not in listed]
                for product_id in gone:
                    self._due.pop(product_id, None)
                changed += self._indexes[channel].remove(gone)
        if changed:
            await self._commit()
            self._kept.drop_lists("index")
        return changed

    async def _restocked(self, session: Session, counted: set[UUID]) -> list[UUID]:
        """Which of these the indexes know by another word for how much there is; a sale seldom changes it."""
        now = await search_source.stocks(session, product_ids=sorted(counted)) if counted else {}
        known = [index.stock_of for index in self._indexes.values()]
        return [
            one for one, word in now.items() if any(stock_of(one) not in (None, word) for stock_of in known)
        ]

    def _set_turn(self) -> None:
        self._kept.turns_at(min(self._due.values(), default=None))

    def _turn(self, now: datetime) -> None:
        """Prices begin or end at this very moment: nothing that shows the old ones is served once more."""
        due = [product_id for product_id, at in self._due.items() if at <= now]
        self._kept.drop(due)
        self._kept.drop_lists("index")
        self._kept.drop_lists("any")
        self._kept.turns_at(min((at for at in self._due.values() if at > now), default=None))

    async def _take(self, channel: str, found: tuple[search_source.Source, ...], now: datetime) -> int:
        """Take in what is sold in a channel; what has no price there is not, and must not be found there."""
        for one in found:
            if one.changes_at is None:
                self._due.pop(one.document.product_id, None)
            else:
                self._due[one.document.product_id] = one.changes_at
        sold = [one.document for one in found if one.document.price is not None]
        unsold = [one.document.product_id for one in found if one.document.price is None]
        index = self._indexes[channel]
        # Cutting words is work; the loop goes on answering meanwhile.
        return index.remove(unsold) + await asyncio.to_thread(index.put, sold, now=now)

    async def _turn_back(self, session: Session) -> None:
        """Another server is read than before, and may show less: go back to what it shows."""
        replica = self._house.db.replica
        turns = 0 if replica is None else replica.turns
        if turns == self._turns:
            return
        shown = await search_source.mark(session)
        self._turns, self._mark = turns, min(self._mark, shown)
        self._gaps = {seq: noticed for seq, noticed in self._gaps.items() if seq <= shown}
        self._kept.drop_all()

    async def _unpack(self, session: Session) -> None:
        """Take in what the line brought, as far as pages that are read now would show it.

        An event that stands right behind what is known moves the mark, and empty places before it stay empty: the
        line has the order of the outbox. One that stands further on tells its word, and the database the rest.
        """
        if not self._brought:
            return
        shown, known = await search_source.replayed(session), self.standing()
        told = []
        while self._brought and self._brought[0].lsn <= shown:
            one = self._brought.popleft()
            if one.seq > known:
                told.append(search_source.change_of(one))
                known = one.seq if one.after <= known else known
        await self._take_word(session, told)
        self._mark = max(self._mark, known)
        self._gaps = {seq: noticed for seq, noticed in self._gaps.items() if seq > known}

    async def _hear(self, session: Session) -> None:
        """Take in what the outbox told since the last time.

        Places are given before the transactions that take them commit, so that a later place can be seen first: a
        place that was empty is looked at again for a while.
        """
        more = True
        while more:
            found = await search_source.changes(
                session, after=self._mark, missing=tuple(self._gaps), limit=_PLACES
            )
            await self._take_word(session, found)
            self._note([change.seq for change in found])
            more = len(found) == _PLACES

    async def _take_word(self, session: Session, told: Sequence[search_source.Change]) -> None:
        skus = {sku_id for change in told if not change.product_ids for sku_id in change.sku_ids}
        owners = await search_source.products_of(session, sku_ids=tuple(skus)) if skus else {}
        products: set[UUID] = set()
        counted: set[UUID] = set()
        for change in told:
            named = change.product_ids or {owners[one] for one in change.sku_ids if one in owners}
            (counted if change.counted else products).update(named)
            if change.priced:
                self._kept.unsettle(named)
        self._wanted |= products
        self._counted |= counted
        if products or counted:
            self._kept.drop(products | counted)
        if products:
            self._kept.drop_lists("any")

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
            everything = (index.product_ids() for index in self._indexes.values())
            self._round = list(dict.fromkeys(itertools.chain.from_iterable(everything)))
        most = max(len(index) for index in self._indexes.values())
        share = min(max(1, round(most * POLL_SECONDS / ROUND_SECONDS)), MOST_OF_ROUND)
        taken = self._round[-share:]
        del self._round[-share:]
        return taken


class Keeper:
    """Runs a feed beside the application: `start` and `stop` are what a server's lifespan calls."""

    def __init__(
        self, house: House, kept: Kept | None = None, *, channels: Iterable[str] = (markets.MAIN,)
    ) -> None:
        self._feed = Feed(house, house.search, kept, channels=channels)
        self._running: tuple[asyncio.Task[None], ...] = ()

    async def start(self) -> None:
        feed = self._feed
        self._running = tuple(asyncio.create_task(one) for one in (feed.run(), feed.follow(), feed.attend()))

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _stretches(wanted: Iterable[UUID], size: int = STRETCH) -> Iterable[list[UUID]]:
    remaining = sorted(wanted)
    for start in range(0, len(remaining), size):
        yield remaining[start : start + size]
