"""Text travels compressed: with Brotli where the reader takes it, else with gzip (A9).

Only whole answers are compressed; what comes in pieces (a stream of news, a file) passes as it is, so that nothing waits
in a buffer. Secrets in pages are bound to a session whose cookie no foreign page can make a browser send (SameSite),
which is what a measuring of compressed sizes (BREACH) would need.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

import brotli
from litestar.types import HTTPResponseStartEvent, Message, Send

LEAST = 700
"""Bytes; below this an answer fits a packet anyway."""
MOST = 4_000_000
BROTLI_QUALITY, GZIP_LEVEL = 4, 5
"""For what is made for one reader: a millisecond for a page. Files that many read are worth more, see `static`."""

_WORTH = re.compile(
    rb"(text/(?!event-stream)|application/(json|javascript|xml|[a-z.+-]+\+(json|xml)|manifest\+json|wasm)|image/svg)",
    re.IGNORECASE,
)
_REFUSED = re.compile(r";\s*q=0(?:\.0{0,3})?\s*$")


@lru_cache(maxsize=1024)
def choose(accept_encoding: str) -> str | None:
    """`br`, `gzip` or None: the best that is not refused (RFC 9110, 12.5.3)."""
    found = taken(accept_encoding)
    return next((one for one in ("br", "gzip") if one in found), None)


def taken(accept_encoding: str) -> frozenset[str]:
    """The encodings that a reader names and does not refuse."""
    return frozenset(
        part.partition(";")[0].strip().lower()
        for part in accept_encoding.split(",")
        if not _REFUSED.search(part.strip())
    )


def is_worth(content_type: bytes) -> bool:
    return _WORTH.match(content_type) is not None


def pack(body: bytes, encoding: str, *, quality: int = BROTLI_QUALITY, level: int = GZIP_LEVEL) -> bytes:
    if encoding == "br":
        packed: bytes = brotli.compress(body, quality=quality, mode=brotli.MODE_TEXT)
        return packed
    # No time in the header: the same answer is the same bytes.
    return gzip.compress(body, compresslevel=level, mtime=0)


class Compressing:
    """Stands before `send` for one answer."""

    def __init__(self, send: Send, accept_encoding: str) -> None:
        self._send = send
        self._encoding = choose(accept_encoding)
        self._start: HTTPResponseStartEvent | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _can_be(message):
                # Held until the body is seen: whole or in pieces decides.
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            start, self._start = self._start, None
            headers = list(start.get("headers", []))
            body = message.get("body", b"")
            if not message.get("more_body", False) and LEAST <= len(body) <= MOST:
                _vary(headers)
                if self._encoding is not None:
                    body = pack(body, self._encoding)
                    headers = [one for one in headers if one[0].lower() != b"content-length"]
                    headers.append((b"content-encoding", self._encoding.encode()))
                    headers.append((b"content-length", str(len(body)).encode()))
                    message["body"] = body
            start["headers"] = headers
            await self._send(start)
        await self._send(message)


def _can_be(message: HTTPResponseStartEvent) -> bool:
    kind = b""
    for name, value in message.get("headers", []):
        small = name.lower()
        if small == b"content-encoding":
            return False
        if small == b"content-type":
            kind = value
    return is_worth(kind)


def _vary(headers: list[tuple[bytes, bytes]]) -> None:
    """Say that the bytes depend on what the reader takes, beside whatever else they depend on."""
    for number, (name, value) in enumerate(headers):
        if name.lower() == b"vary":
            if b"accept-encoding" not in value.lower():
                headers[number] = (name, value + b", Accept-Encoding")
            return
    headers.append((b"vary", b"Accept-Encoding"))
