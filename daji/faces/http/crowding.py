"""When more is asked at once than can be answered in time, some are told at once to come again, and the rest is answered.

A process that takes everything in answers nobody in time: everything waits for the same processor and the same
connections. So the number of requests in hand is bounded. Reading is turned away first, so that whoever is buying gets
through; probes and figures are always answered, and a stream of news that has begun counts no more. Nothing was begun
for a request that is turned away, which makes asking again safe whatever it was.
(Google, Site Reliability Engineering, chapter 21: "Handling Overload".)
"""

from __future__ import annotations

import random

from litestar.types import HTTPScope, Send
from prometheus_client import Counter, Gauge

from daji.faces.http import state
from daji.faces.http.problems import MEDIA_TYPE, Speaker
from daji.faces.http.settings import CrowdSettings
from daji.kit import i18n
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem

RESERVE = 0.25
"""Share of `most` beyond it that only writing may use."""
AGAIN_SECONDS = (1, 4)
"""Not everybody is to come back in the same second."""
_ALWAYS = ("/health/", "/metrics")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})

TURNED_AWAY = Counter(
    "daji_http_turned_away_total", "Requests that were told to come again at once", ["kind"]
)
IN_HAND = Gauge("daji_http_in_hand", "Requests that are being answered now", multiprocess_mode="livesum")


class Crowded(Problem):
    code = "crowded"
    status = 503


class Visit:
    """One request in hand; `leave` as soon as it takes no more of the process than its connection."""

    __slots__ = ("_doors",)

    def __init__(self, doors: Doors) -> None:
        self._doors: Doors | None = doors

    def leave(self) -> None:
        if self._doors is not None:
            self._doors.count -= 1
            self._doors = None
            IN_HAND.dec()


class Doors:
    """Counts the requests in hand of one process."""

    def __init__(self, settings: CrowdSettings, catalogue: Catalogue) -> None:
        self._most = settings.most
        self._all = settings.most + max(1, round(settings.most * RESERVE))
        self._languages = catalogue.languages
        self._catalogue = catalogue
        self._speaker = Speaker(catalogue)
        self.count = 0

    def enter(self, scope: HTTPScope) -> Visit | None:
        """Take one in; None when it has to come again."""
        reads = scope["method"] in _READS
        if self.count >= (self._most if reads else self._all) and not scope["path"].startswith(_ALWAYS):
            TURNED_AWAY.labels("read" if reads else "write").inc()
            return None
        self.count += 1
        IN_HAND.inc()
        return Visit(self)

    async def turn_away(self, scope: HTTPScope, send: Send) -> None:
        """503 with Retry-After, as the reader reads: a page that asks again by itself, or problem details (RFC 9457)."""
        given = {name.lower(): value for name, value in scope["headers"]}
        lang = i18n.negotiate(given.get(b"accept-language", b"").decode("latin-1"), self._languages)
        wait = random.randint(*AGAIN_SECONDS)  # noqa: S311 - no secret
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
