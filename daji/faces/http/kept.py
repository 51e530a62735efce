"""Whole answers of public pages and lists, kept in this process for the next visitor, and never for longer than they hold.

An answer ends with what it is made of: each names the products it shows, and what else it depends on. Whoever hears of
changes (`faces.search_feed`) says so here, at least once a second; while nothing was heard for longer than `FRESH_SECONDS`
nothing kept is served, so that no reader sees what was changed more than a second ago. An answer whose making began before
such a word is not kept either.

Only while the database refuses connections, which also means that nothing can change in it, kept answers go on for
`DOWN_SECONDS`: a shop that can be looked at is better than none. Nothing about money or stock is decided by them.
"""

from __future__ import annotations

import collections
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from prometheus_client import Counter, Gauge

from daji.faces.http import compress, cuts

FRESH_SECONDS = 1.0
DOWN_SECONDS = 300.0
OLDEST_SECONDS = 300.0
"""For what no event tells, such as which goods were bought together lately."""
MOST_BYTES = 512 * 1024
_OVERHEAD = 1500
_MOST_DROPS = 20_000
# Slower than for one reader's page, and worth it from the second reader on.
_BROTLI_QUALITY, _GZIP_LEVEL = 5, 6

SERVED = Counter(
    "daji_http_kept_total", "Answers of routes that may be kept, by where they came from", ["from"]
)
KEPT_BYTES = Gauge(
    "daji_http_kept_bytes", "Bytes of the answers that are kept now", multiprocess_mode="livesum"
)

Ends = Literal["own", "index", "any"]
Key = tuple[Hashable, ...]
"""The path first."""
Look = Callable[[Mapping[str, str], datetime], Hashable]


class KeptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_KEPT`, `DAJI_KEPT_MEGABYTES`: whether answers are kept, and how much memory each process gives to them."""

    kept: Literal["on", "off"] = "on"
    kept_megabytes: Annotated[int, msgspec.Meta(ge=1, le=65_536)] = 48


NOT_KEPT = KeptSettings(kept="off")


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """What a route says under `opt["kept"]`: its answers to visitors without identity may be kept.

    `ends_with` says which changes end an answer besides those of the products it shows: `own` none, `index` those of what
    the search index finds and in which order, `any` every change of a product, price or review. A change of the frame
    (categories, brands, delivery, sellers) ends all. `look` names whatever else the answer depends on.
    """

    ends_with: Ends = "own"
    look: Look | None = None


class Answer(msgspec.Struct, kw_only=True):
    """A kept answer: `parts` are cut where the nonce stood, `forms` are the whole one packed, by encoding.

    A page with a nonce that was asked for again is kept as the `blocks` of its parts alone, a fifth of the memory: to
    unpack it for one reader costs less than a tenth of making it. `repeats` are called each time it is given again.
    """

    rule: Keep
    headers: tuple[tuple[bytes, bytes], ...]
    etag: bytes
    parts: cuts.Parts
    made_of: frozenset[UUID] = frozenset()
    repeats: tuple[Callable[[], None], ...] = ()
    until: float = 0.0
    size: int = 0
    forms: dict[str, bytes] = {}
    blocks: cuts.Parts = ()

    @property
    def has_nonce(self) -> bool:
        return len(self.parts) != 1

    def body(self, nonce: str, encoding: str | None) -> tuple[bytes, str | None]:
        """The body for one reader, and how it is packed; a page with a nonce knows gzip only."""
        if not self.has_nonce:
            packed = None if encoding is None else self.forms.get(encoding)
            return (self.parts[0], None) if packed is None else (packed, encoding)
        mark = nonce.encode()
        if not self.blocks:
            return cuts.join(self.parts, mark), None
        plain = cuts.unpack(self.blocks)
        if encoding == "gzip":
            return cuts.gzip_of(plain, self.blocks, mark), encoding
        return cuts.join(plain, mark), None


class Kept:
    """The answers of one process, bounded in bytes; those that were asked for longest ago go first."""

    def __init__(self, settings: KeptSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = settings.kept == "on"
        self._most = settings.kept_megabytes * 1024 * 1024
        self.clock = clock
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._showing: dict[UUID, set[Key]] = {}
        self._paths: collections.Counter[Hashable] = collections.Counter()
        self._size = 0
        self._fresh_until = self._down_until = float("-inf")
        self._heard_at = float("-inf")
        self._down = False
        self._unsettled: set[UUID] = set()
        self._dropped: dict[UUID, int] = {}
        self._ended = {"own": 0, "index": 0, "any": 0}
        self.tick = 0
        self._turn_at: datetime | None = None
        self._turn: Callable[[datetime], None] | None = None

    def __len__(self) -> int:
        return len(self._answers)

    @property
    def size(self) -> int:
        """Bytes, with what keeping them costs."""
        return self._size

    # For whoever answers

    def shows(self, path: str) -> bool:
        """Whether anything is kept of this path, the first part of its key; not that it is what is asked for."""
        return path in self._paths

    def open(self, now: datetime) -> bool:
        """Whether what is kept may be served at this moment; prices whose time has come are let go first."""
        moment = self.clock()
        if moment >= self._fresh_until and not (self._down and moment < self._down_until):
            return False
        if self._turn_at is not None and now >= self._turn_at and self._turn is not None:
            self._turn(now)
        return True

    def find(self, key: Key) -> Answer | None:
        found = self._answers.get(key)
        if found is None:
            return None
        if self.clock() >= found.until and not self._down:
            self._forget(key)
            return None
        self._answers.move_to_end(key)
        return found

    def put(self, key: Key, answer: Answer, *, began: int) -> bool:
        """Keep an answer whose making began at that tick, unless it may be old already or is too big."""
        if self.clock() >= self._fresh_until or answer.size > MOST_BYTES:
            return False
        if self._ended[answer.rule.ends_with] > began or self._ended["own"] > began:
            return False
        if any(one in self._unsettled or self._dropped.get(one, 0) > began for one in answer.made_of):
            return False
        self._forget(key)
        answer.until = self.clock() + OLDEST_SECONDS
        answer.size += _OVERHEAD
        self._answers[key] = answer
        self._paths[key[0]] += 1
        for one in answer.made_of:
            self._showing.setdefault(one, set()).add(key)
        self._weigh(answer.size)
        return True

    def pack(self, key: Key, answer: Answer, encoding: str) -> None:
        """Make the packed form of an answer, and remember it for as long as the answer is kept."""
        if answer.has_nonce:
            if answer.parts:
                answer.blocks, answer.parts = cuts.pack(answer.parts), ()
                self._grow(key, answer, sum(map(len, answer.blocks)) - answer.size + _OVERHEAD)
            return
        packed = compress.pack(answer.parts[0], encoding, quality=_BROTLI_QUALITY, level=_GZIP_LEVEL)
        answer.forms = {**answer.forms, encoding: packed}
        self._grow(key, answer, len(packed))

    def _grow(self, key: Key, answer: Answer, more: int) -> None:
        if self._answers.get(key) is answer:
            answer.size += more
            self._weigh(more)

    # For whoever hears of changes

    def on_turn(self, turn: Callable[[datetime], None]) -> None:
        """`turn` is called when the moment of `turns_at` has come; it drops what changes then, and names the next."""
        self._turn = turn

    def turns_at(self, moment: datetime | None) -> None:
        self._turn_at = moment

    def renew(self, heard_at: float) -> None:
        """Everything that was committed before `heard_at` has been told here."""
        if self._down:
            # Another database may have come back than the one that went.
            self.drop_all()
            self._down = False
        self._heard_at = heard_at
        self._fresh_until = heard_at + FRESH_SECONDS

    def lost(self) -> None:
        """The database refuses connections."""
        self._down = True
        self._down_until = self._heard_at + DOWN_SECONDS

    def drop(self, products: Iterable[UUID]) -> None:
        """These products changed."""
        self.tick += 1
        if len(self._dropped) > _MOST_DROPS:
            self._dropped.clear()
            self._ended["own"] = self.tick
        for one in products:
            self._dropped[one] = self.tick
            for key in tuple(self._showing.get(one, ())):
                self._forget(key)

    def drop_lists(self, what: Literal["index", "any"]) -> None:
        """What lists show, or their order, changed."""
        self.tick += 1
        self._ended[what] = self.tick
        for key in [key for key, one in self._answers.items() if one.rule.ends_with == what]:
            self._forget(key)

    def drop_all(self) -> None:
        """Something that every answer may show changed."""
        self.tick += 1
        self._ended["own"] = self.tick
        self._answers.clear()
        self._showing.clear()
        self._paths.clear()
        self._weigh(-self._size)

    def unsettle(self, products: Iterable[UUID]) -> None:
        """When these change next by themselves is not known yet."""
        self._unsettled.update(products)

    def settle(self, products: Iterable[UUID]) -> None:
        self._unsettled.difference_update(products)

    def _forget(self, key: Key) -> None:
        found = self._answers.pop(key, None)
        if found is None:
            return
        self._weigh(-found.size)
        self._paths[key[0]] -= 1
        if not self._paths[key[0]]:
            del self._paths[key[0]]
        for one in found.made_of:
            keys = self._showing.get(one)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._showing[one]

    def _weigh(self, more: int) -> None:
        self._size += more
        while self._size > self._most and self._answers:
            self._forget(next(iter(self._answers)))
        KEPT_BYTES.set(self._size)
