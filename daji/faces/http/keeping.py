"""Answers a visitor with what is kept, and keeps what was made for them; a validator for every answer of such a route.

It stands innermost of what surrounds a handler: who asks, what they may ask, maintenance, figures and logs come before it,
so that a kept answer passes the same gates as a new one. What differs between readers of one answer is put in anew: the
nonce here, request id, policy and quota in `outer`.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import parse_qsl, urlencode

from litestar import HttpMethod, Litestar
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import (
    ASGIApp,
    HTTPResponseStartEvent,
    HTTPScope,
    Message,
    Middleware,
    Receive,
    Scope,
    Send,
)

from daji.faces.http import compress, crowding, cuts, permit, state
from daji.faces.http.kept import SERVED, Answer, Keep, Kept, Key
from daji.kit import made_of
from daji.kit.clock import Clock

WAIT_SECONDS = 5.0
_OK = 200
_NOT_MODIFIED = 304
_MOST_QUERY = 1000
_HIT, _MISS, _PASSED = (SERVED.labels(word) for word in ("kept", "made", "passed"))
# What a 304 repeats (RFC 9110, 15.4.5), besides what `outer` adds to every answer.
_REPEATED = frozenset({b"cache-control", b"content-location", b"etag", b"expires", b"vary"})


class UnsoundKeeping(Exception):
    """A route wants its answers kept that may not be: a defect, found before the first request."""


def check(app: Litestar) -> None:
    """Refuse to start an application that would keep anything but what every visitor may read.

    Raises
    ------
    UnsoundKeeping
        Naming the route.
    """
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or "kept" not in handler.opt:
                continue
            sound = handler.http_methods <= {"GET", "HEAD", "OPTIONS"} and isinstance(
                handler.opt["kept"], Keep
            )
            if (
                not sound
                or handler.opt.get("permission") != permit.PUBLIC
                or not handler.opt.get("auth", True)
            ):
                raise UnsoundKeeping(f"{route.path} ({handler}) cannot be kept")


def middleware(kept: Kept, *, clock: Clock) -> Middleware:
    """Make the middleware; it comes after all others."""
    keeper = _Keeper(kept, clock)

    def wrap(app: ASGIApp) -> ASGIApp:
        async def keep(scope: Scope, receive: Receive, send: Send) -> None:
            rule = scope["route_handler"].opt.get("kept")
            if rule is not None and scope["type"] == ScopeType.HTTP and scope["method"] == HttpMethod.GET:
                await keeper.answer(app, rule, scope, receive, send)
            else:
                await app(scope, receive, send)

        return keep

    return wrap


class _Keeper:
    def __init__(self, kept: Kept, clock: Clock) -> None:
        self._kept = kept
        self._clock = clock
        self._making: dict[Key, asyncio.Future[None]] = {}

    async def answer(self, app: ASGIApp, rule: Keep, scope: HTTPScope, receive: Receive, send: Send) -> None:
        known = state.of_scope(scope)
        now = self._clock.now()
        if not self._kept.on or not _is_anybody(scope, known) or not self._kept.open(now):
            _PASSED.inc()
            if known.light:
                raise crowding.come_again()
            await self._make(app, rule, scope, receive, send, None)
            return
        key = _key(rule, scope, known, now)
        found = self._kept.find(key)
        if found is None and key in self._making and not known.light:
            # Whoever came first makes it for all.
            await asyncio.wait((self._making[key],), timeout=WAIT_SECONDS)
            found = self._kept.find(key) if self._kept.open(self._clock.now()) else None
        if found is not None:
            _HIT.inc()
            known.kept = True
            for repeat in found.repeats:
                repeat()
            await self._send(key, found, known, send)
            return
        _MISS.inc()
        if known.light:
            raise crowding.come_again()
        if key in self._making:
            await self._make(app, rule, scope, receive, send, key)
            return
        made = self._making[key] = asyncio.get_running_loop().create_future()
        try:
            await self._make(app, rule, scope, receive, send, key)
        finally:
            del self._making[key]
            made.set_result(None)

    async def _make(
        self, app: ASGIApp, rule: Keep, scope: HTTPScope, receive: Receive, send: Send, key: Key | None
    ) -> None:
        known = state.of_scope(scope)
        began = self._kept.tick
        whole = _Whole(send)
        with made_of.gathering() as shown:
            await app(scope, receive, whole)
        if whole.start is None:
            return
        made = _answer(rule, whole.start, whole.body, known.made_nonce)
        if made is None:
            await send(whole.start)
            await send({"type": "http.response.body", "body": whole.body, "more_body": False})
            return
        if key is not None and _is_anybody(scope, known):
            made.made_of, made.repeats = frozenset(shown.ids), tuple(shown.repeats)
            self._kept.put(key, made, began=began)
        await self._send(None, made, known, send)

    async def _send(self, key: Key | None, found: Answer, known: state.RequestState, send: Send) -> None:
        asked = known.headers.get("if-none-match")
        if asked is not None and matches(asked, found.etag):
            headers = [one for one in found.headers if one[0] in _REPEATED]
            await send({"type": "http.response.start", "status": _NOT_MODIFIED, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        encoding = _encoding(known.headers.get("accept-encoding", ""), whole=not found.has_nonce)
        wanted = "gzip" if found.has_nonce else encoding
        if key is not None and wanted is not None and wanted not in found.forms and _is_long(found):
            self._kept.pack(key, found, wanted)
        body, packed = found.body(known.nonce if found.has_nonce else "", encoding)
        headers = [*found.headers, (b"content-length", b"%d" % len(body))]
        if packed is not None:
            headers.append((b"content-encoding", packed.encode()))
        await send({"type": "http.response.start", "status": _OK, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


class _Whole:
    """Stands before `send` and holds an answer back until it is whole; one in pieces passes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.start: HTTPResponseStartEvent | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif (
            message["type"] == "http.response.body"
            and self.start is not None
            and not message.get("more_body")
        ):
            self.body = message.get("body", b"")
        else:
            if self.start is not None:
                start, self.start = self.start, None
                await self._send(start)
            await self._send(message)


def matches(header: str, etag: bytes) -> bool:
    """Weak comparison (RFC 9110, 13.1.2)."""
    wanted = etag.decode().removeprefix("W/")
    return header.strip() == "*" or any(
        part.strip().removeprefix("W/") == wanted for part in header.split(",")
    )


def _is_anybody(scope: HTTPScope, known: state.RequestState) -> bool:
    """Whether this answer is nobody's own: no session, no key, no cart, no cookie to be set, no part of a page."""
    return (
        known.principal.kind == "anonymous"
        and known.guest_token is None
        and not known.new_cookies
        and "hx-request" not in known.headers
        and len(scope["query_string"]) <= _MOST_QUERY
    )


def _key(rule: Keep, scope: HTTPScope, known: state.RequestState, now: datetime) -> Key:
    query = scope["query_string"]
    look = None if rule.look is None else rule.look(known.headers, now)
    return (scope["path"], normal(query) if query else "", known.lang, look)


@lru_cache(maxsize=4096)
def normal(query: bytes) -> str:
    """A query string in one spelling: parameters by name, those of one name in the order in which they came."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="surrogateescape")
    pairs.sort(key=lambda pair: pair[0])
    return urlencode(pairs, errors="surrogateescape")


@lru_cache(maxsize=1024)
def _encoding(accept: str, *, whole: bool) -> str | None:
    taken = compress.taken(accept)
    return next((one for one in (("br", "gzip") if whole else ("gzip",)) if one in taken), None)


def _is_long(found: Answer) -> bool:
    return sum(map(len, found.parts)) >= compress.LEAST and compress.is_worth(
        dict(found.headers).get(b"content-type", b"")
    )


def _answer(rule: Keep, start: HTTPResponseStartEvent, body: bytes, nonce: str) -> Answer | None:
    """The answer with a validator; None for one that is no plain success, or that nobody may keep."""
    headers = {name.lower(): value for name, value in start.get("headers", [])}
    control = headers.setdefault(b"cache-control", b"private, no-cache")
    if (
        start["status"] != _OK
        or b"no-store" in control
        or b"set-cookie" in headers
        or b"content-encoding" in headers
    ):
        return None
    parts = cuts.cut(body, nonce.encode()) if nonce else (body,)
    digest = blake2b(digest_size=12)
    for part in parts:
        digest.update(part)
    # Weak: one for all encodings, and for all nonces (RFC 9110, 8.8.1).
    etag = headers[b"etag"] = b'W/"' + digest.hexdigest().encode() + b'"'
    headers.pop(b"content-length", None)
    headers.setdefault(b"vary", b"Accept, Accept-Language, Authorization, Cookie")
    if b"accept-encoding" not in headers[b"vary"].lower():
        headers[b"vary"] += b", Accept-Encoding"
    return Answer(rule=rule, headers=tuple(headers.items()), etag=etag, parts=parts, size=len(body))
