"""Readers see what they have written themselves, where lists are read from a replica that is behind (read your writes).

A request that writes reads where it writes. Its answer carries a cookie that says how far the log of the writing server was
then; for a minute every reading request of this browser is answered by a replica that shows that much, or by the writing
server. The cookie is signed and ends, since whoever could make one up could move all their reading to the writing server.
Without a replica there is no cookie and nothing is asked.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from hashlib import sha256

from daji.faces.http import cookies
from daji.faces.http.settings import HttpSettings
from daji.faces.http.state import RequestState
from daji.kit.db import DOWN, Database
from daji.kit.db.reading import Reader, reading_as

SECONDS = 60
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SHAPE = re.compile(r"([0-9a-f]{1,16})\.([0-9a-f]{1,12})\.([0-9a-f]{32})")


class OwnWrites:
    """Remembers, in the browser, what a reader must be shown."""

    def __init__(
        self, db: Database, settings: HttpSettings, *, wall: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._settings = settings
        self._wall = wall

    def reading(self, method: str, given: str | None) -> AbstractContextManager[Reader]:
        """Read as whoever brings this cookie."""
        return reading_as(Reader(after=self._read(given), own=method not in _SAFE))

    async def note(self, reader: Reader, known: RequestState) -> None:
        """Give the browser a cookie, when this request may have written something that its reader could look for."""
        if self._db.replica is None:
            return
        # A request that may write is not asked whether it did: single statements stand alone, outside a transaction.
        if not reader.own and (not reader.wrote or known.principal.kind == "anonymous"):
            return
        with suppress(*DOWN):
            position = await self._db.position()
            text = f"{position:x}.{int(self._wall()) + SECONDS:x}"
            cookies.set_seen(known.new_cookies, self._settings, f"{text}.{self._sign(text)}", SECONDS)

    def _read(self, given: str | None) -> int:
        match = _SHAPE.fullmatch(given or "")
        if match is None or self._db.replica is None:
            return 0
        text = f"{match[1]}.{match[2]}"
        if not hmac.compare_digest(self._sign(text), match[3]) or int(match[2], 16) < self._wall():
            return 0
        return int(match[1], 16)

    def _sign(self, text: str) -> str:
        return hmac.new(self._settings.secret, b"seen\0" + text.encode(), sha256).hexdigest()[:32]
