"""When more is asked at once than can be answered in time, some are told at once to come again, and the rest is answered.

A process that takes everything in answers nobody in time: everything waits for the same processor and the same
connections. So the number of requests in hand is bounded, readers and writers apart, so that whoever is buying gets
through: who writes shares transactions with others, or waits for a gateway. What readers ask takes the processor, which
few of them keep busy, and which many slow down: of those who are taken in some wait for their turn, and where turns take
long, fewer are taken in to wait. Probes and figures are always answered, a stream of news that has begun counts no more,
and what was kept for the next visitor is given even now, when it takes less than a refusal. Nothing was begun for a request
that is turned away, which makes asking again safe whatever it was.
(Google, Site Reliability Engineering, chapter 21: "Handling Overload".)
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Literal

from litestar.types import HTTPScope, Send
from prometheus_client import Counter, Gauge

from daji.faces.http import cookies, state
from daji.faces.http.kept import Kept
from daji.faces.http.problems import MEDIA_TYPE, Speaker
from daji.faces.http.settings import CrowdSettings
from daji.kit import i18n
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem

WRITERS = 5
"""For each reader that a process takes in, so many may be writing."""
AT_WORK, LEAST_AT_WORK = 2, 4
"""Readers whom a process serves at a time for each connection that reads, while others wait for their turn."""
QUEUE_SECONDS, QUARTER = 0.8, 4
"""Once a quarter of all readers that may be in hand wait, and whoever is next has waited so long already, nobody joins
them: a slow machine has a short queue, which it serves in time, rather than a long one that makes all of them late."""
TURN_SECONDS = 1.0
"""After which one has a turn however slow the others are: a reader may be at a report, or the database away."""
AGAIN_SECONDS = (1, 4)
"""Not everybody is to come back in the same second."""
_ALWAYS = ("/health/", "/metrics")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})

TURNED_AWAY = Counter(
    "daji_http_turned_away_total", "Requests that were told to come again at once", ["kind"]
)
IN_HAND = Gauge("daji_http_in_hand", "Requests that are being answered now", multiprocess_mode="livesum")


Kind = Literal["read", "write"]
Counts = dict[Kind, int]


class Crowded(Problem):
    code = "crowded"
    status = 503


def come_again() -> Crowded:
    """For a light visit that would take work after all."""
    return Crowded(retry_after=_wait())


def _wait() -> int:
    return random.randint(*AGAIN_SECONDS)  # noqa: S311 - no secret


class Visit:
    """One request in hand; `leave` as soon as it takes no more of the process than its connection.

    A `light` one counts nothing, and may have only what was kept. One that `waits` is to wait for its turn before
    anything is begun for it.
    """

    __slots__ = ("_doors", "_kind", "_works", "light", "waits")

    def __init__(self, doors: Doors, kind: Kind, *, light: bool = False, waits: bool = False) -> None:
        self._doors: Doors | None = None if light else doors
        self._kind: Kind = kind
        self._works = kind == "read" and not light and not waits
        self.light = light
        self.waits = waits

    async def turn(self) -> None:
        """Wait until so few are at work that this one may be."""
        if self._doors is not None:
            await self._doors.queue()
            self._works = True

    def leave(self) -> None:
        if self._doors is not None:
            self._doors.let_out(self._kind, worked=self._works)
            self._doors = None


class Doors:
    """Counts the requests in hand of one process. `kept` are the answers that need no work."""

    def __init__(self, settings: CrowdSettings, catalogue: Catalogue, kept: Kept, db: Database) -> None:
        self._db = db
        self._most: Counts = {"read": settings.most, "write": settings.most * WRITERS}
        self._kept = kept
        self._languages = catalogue.languages
        self._catalogue = catalogue
        self._speaker = Speaker(catalogue)
        self._counts: Counts = {"read": 0, "write": 0}
        self._working = 0
        # Since when each of them waits, the first first.
        self._waiting: dict[asyncio.Future[None], float] = {}

    @property
    def _at_work(self) -> int:
        return max(AT_WORK * self._db.readers, LEAST_AT_WORK)

    def enter(self, scope: HTTPScope) -> Visit | None:
        """Take one in; None when it has to come again."""
        kind: Kind = "read" if scope["method"] in _READS else "write"
        path = scope["path"]
        always = path.startswith(_ALWAYS)
        if not always and self._is_full(kind):
            if kind == "read" and self._kept.shows(path) and _is_nobody(scope):
                return Visit(self, kind, light=True)
            TURNED_AWAY.labels(kind).inc()
            return None
        self._counts[kind] += 1
        IN_HAND.inc()
        if kind == "read":
            if self._working >= self._at_work and not always and not self._kept.shows(path):
                return Visit(self, kind, waits=True)
            self._working += 1
        return Visit(self, kind)

    def _is_full(self, kind: Kind) -> bool:
        """Whether as many are in hand as may be, or many readers wait and have to wait for long."""
        if self._counts[kind] >= self._most[kind]:
            return True
        if kind == "write" or QUARTER * len(self._waiting) < self._most["read"]:
            return False
        return time.monotonic() - next(iter(self._waiting.values())) > QUEUE_SECONDS

    async def queue(self) -> None:
        """Wait for a turn, the first first; whoever comes out of it is at work."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting[turn] = time.monotonic()
        late = loop.call_later(TURN_SECONDS, self._give, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # Had it, and goes without.
                self._working -= 1
                self._call_next()
            raise
        finally:
            late.cancel()
            # One that came by time, or went, was called by nobody.
            self._waiting.pop(turn, None)

    def let_out(self, kind: Kind, *, worked: bool) -> None:
        """One is done, or went."""
        self._counts[kind] -= 1
        IN_HAND.dec()
        if worked:
            self._working -= 1
            self._call_next()

    def _call_next(self) -> None:
        while self._waiting and self._working < self._at_work:
            first = next(iter(self._waiting))
            del self._waiting[first]
            self._give(first)

    def _give(self, turn: asyncio.Future[None]) -> None:
        if not turn.done():
            self._working += 1
            turn.set_result(None)

    async def turn_away(self, scope: HTTPScope, send: Send) -> None:
        """503 with Retry-After, as the reader reads: a page that asks again by itself, or problem details (RFC 9457)."""
        given = {name.lower(): value for name, value in scope["headers"]}
        lang = i18n.negotiate(given.get(b"accept-language", b"").decode("latin-1"), self._languages)
        wait = _wait()
        is_page = b"text/html" in given.get(b"accept", b"")
        request_id = state.request_id(given.get(b"x-request-id", b"").decode("latin-1"))
        if is_page:
            body = self._page(lang, wait if scope["method"] in _READS else None)
        else:
            body = self._speaker.body(
                Crowded(), lang=lang, request_id=request_id, instance=scope["path"][:200]
            )
        headers = [
            (b"x-request-id", request_id.encode()),
            (b"content-type", b"text/html; charset=utf-8" if is_page else MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", str(wait).encode()),
            (b"cache-control", b"no-store"),
            (b"content-security-policy", b"default-src 'none'"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": Crowded.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _page(self, lang: str, wait: int | None) -> bytes:
        again = "" if wait is None else f'<meta http-equiv="refresh" content="{wait}">'
        title = self._catalogue.text(lang, "problems.crowded.title")
        detail = self._catalogue.text(lang, "problems.crowded.detail")
        return (
            f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"{again}<title>{title}</title>"
            f"<main><h1>{title}</h1><p>{detail}</p></main></html>"
        ).encode()


def _is_nobody(scope: HTTPScope) -> bool:
    """Whether the request bears nothing that would have to be looked up."""
    return not any(
        name == b"authorization" or (name == b"cookie" and any(one in value for one in cookies.WHO))
        for name, value in scope["headers"]
    )
