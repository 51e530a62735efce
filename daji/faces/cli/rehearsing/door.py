"""Knocking at the application without a socket: the whole ASGI application, its limits too, and nothing else.

What is measured is the time from the first byte handed in to the last byte of the answer, in this process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Litestar

from daji.faces.http import cookies
from daji.faces.http.settings import HttpSettings

ORIGIN = "http://127.0.0.1:8000"
BROWSER = (
    (b"user-agent", b"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"),
    (b"accept", b"application/json, text/plain, */*"),
    (b"accept-language", b"zh-CN,zh;q=0.9"),
    (b"sec-fetch-site", b"same-origin"),
)
PROGRAM = ((b"sec-fetch-site", b"same-origin"),)
"""A bot that says nothing of itself, but knows what a form has to carry."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Status, JSON body and the seconds that it took."""

    status: int
    body: Any
    seconds: float


class Door:
    """One web process, as far as a visitor is concerned."""

    def __init__(self, app: Litestar) -> None:
        self._app: Any = app

    async def knock(
        self,
        method: str,
        path: str,
        *,
        headers: tuple[tuple[bytes, bytes], ...],
        address: str,
        json: object = None,
        key: str | None = None,
    ) -> Answer:
        """One request and its whole answer."""
        head, _, query = path.partition("?")
        body = b"" if json is None else msgspec.json.encode(json)
        sent = [(b"host", b"127.0.0.1:8000"), (b"origin", ORIGIN.encode()), *headers]
        if json is not None:
            sent += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if key is not None:
            sent.append((b"idempotency-key", key.encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": head,
            "raw_path": quote(head).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": sent,
            "client": (address, 40_000),
            "server": ("127.0.0.1", 8000),
        }
        return await self._send(scope, body)

    async def _send(self, scope: Mapping[str, Any], body: bytes) -> Answer:
        given = [{"type": "http.request", "body": body, "more_body": False}]
        status, parts = 0, bytearray()

        async def receive() -> dict[str, Any]:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.extend(message.get("body", b""))

        began = time.perf_counter()
        await self._app(scope, receive, send)
        seconds = time.perf_counter() - began
        read = msgspec.json.decode(bytes(parts)) if bytes(parts[:1]) in {b"{", b"["} else None
        return Answer(status=status, body=read, seconds=seconds)


def guest_cookie(settings: HttpSettings) -> tuple[bytes, bytes]:
    """The cookie of a guest who has been here before."""
    jar: cookies.Jar = {}
    cookies.set_guest(jar, settings, cookies.new_guest())
    line = next(iter(jar.values()))
    return b"cookie", line.partition(";")[0].encode()
