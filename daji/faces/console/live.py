"""News for whoever watches: one reader of the outbox in each process, and a queue for each open page.

The outbox is read rather than listened to: that works through a connection pooler, costs one indexed statement in half
a second while somebody watches and none when nobody does, and needs no trigger on the way of a sale.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from daji.base.identity.api import Permission
from daji.faces.http import leaving
from daji.kit import ids
from daji.kit.db import DOWN, Database
from daji.views import console_live
from daji.views.console_live import Happened

log = structlog.get_logger(__name__)

ROUND_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
# The browser comes back by itself with the last number; a right that was taken away ends here at the latest.
LIFE_SECONDS = 300.0
# A transaction that began earlier may commit a lower number later: numbers this fresh are read again.
SETTLE_SECONDS = 10.0
_BACKLOG = 2000

ROOMS: Mapping[str, Permission] = {
    "orders": Permission.ORDERS_READ,
    "payments": Permission.PAYMENTS_READ,
    "aftersales": Permission.AFTERSALES_READ,
    "inventory": Permission.STOCK_READ,
    "catalog": Permission.CATALOG_READ,
    "pricing": Permission.CATALOG_READ,
    "reviews": Permission.REVIEWS_MODERATE,
}
"""Who may hear of a room's events; rooms that are not named are not told of."""

_SUBJECTS: Mapping[str, str] = {
    "trade_id": "trd",
    "order_id": "ord",
    "case_id": "cas",
    "product_id": "prd",
    "review_id": "rev",
    "tender_id": "ten",
    "refund_id": "rfd",
}


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What happened (`kind`, such as `orders.order_placed`) to what (`subject`: ids by field); no more than that."""

    id: str
    kind: str
    subject: dict[str, str]
    at: datetime


def rooms_for(permissions: frozenset[str]) -> tuple[str, ...]:
    return tuple(room for room, needed in ROOMS.items() if needed in permissions)


def tell(event: Happened) -> News:
    """Say an event to a page: which things, never what became of them; the page asks for what it may see."""
    named = {
        field: ids.show(prefix, UUID(value))
        for field, prefix in _SUBJECTS.items()
        if isinstance(value := event.payload.get(field), str)
    }
    return News(id=str(event.seq), kind=event.topic, subject=named, at=event.at)


class Watch:
    """The reader of this process. It reads while somebody follows."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._followers: set[asyncio.Queue[Happened | None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._floor = 0
        self._seen: dict[int, float] = {}
        leaving.THIS.on_begin(self._part)

    async def follow(self, *, rooms: tuple[str, ...], after: int | None) -> AsyncIterator[bytes]:
        """Frames of a `text/event-stream`: what came after number `after`, then what comes, with heartbeats.

        A process that leaves ends its streams; the page comes back with the last number that it heard.
        """
        queue: asyncio.Queue[Happened | None] = asyncio.Queue(_BACKLOG)
        ends = time.monotonic() + LIFE_SECONDS
        self._followers.add(queue)
        try:
            await self._start()
            yield b": welcome\nretry: 2000\n\n"
            told = 0
            if after is not None:
                async with self._db.read() as session:
                    missed = await console_live.list_news(session, after=after, rooms=rooms)
                for old in missed:
                    yield frame(old)
                    told = old.seq
            while time.monotonic() < ends:
                if leaving.THIS.closing:
                    yield b"retry: %d\n: elsewhere\n\n" % leaving.COME_BACK_MS
                    return
                try:
                    event = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event is not None and event.seq > told and event.topic.partition(".")[0] in rooms:
                    yield frame(event)
        finally:
            self._followers.discard(queue)

    async def close(self) -> None:
        """Stop reading."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    def _part(self) -> None:
        for queue in self._followers:
            with suppress(asyncio.QueueFull):
                queue.put_nowait(None)

    async def _start(self) -> None:
        if self._reading is not None and not self._reading.done():
            return
        async with self._db.read() as session:
            self._floor = await console_live.newest(session)
        self._seen.clear()
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while self._followers:
            try:
                await self._round()
            except DOWN:
                log.warning("news_without_database")
            await asyncio.sleep(ROUND_SECONDS)

    async def _round(self) -> None:
        async with self._db.read() as session:
            found = await console_live.list_news(session, after=self._floor, rooms=tuple(ROOMS))
        now = time.monotonic()
        for event in found:
            if event.seq not in self._seen:
                self._seen[event.seq] = now
                for queue in self._followers:
                    # A page that does not read loses news rather than holding up the others; it can reload.
                    with suppress(asyncio.QueueFull):
                        queue.put_nowait(event)
        settled = [seq for seq, since in self._seen.items() if now - since > SETTLE_SECONDS]
        if len(found) == console_live.MOST:
            # So much at once that the window is full: go on behind it, or newer numbers would never be read.
            settled = [event.seq for event in found]
        if settled:
            self._floor = max(self._floor, *settled)
            for seq in settled:
                self._seen.pop(seq, None)


def frame(event: Happened) -> bytes:
    """One event as server-sent (HTML Living Standard, 9.2)."""
    news = tell(event)
    return b"id: %s\ndata: %s\n\n" % (news.id.encode(), msgspec.json.encode(news))
