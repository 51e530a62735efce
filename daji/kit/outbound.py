"""The way out: one question to somebody else's HTTP server, and what may be believed when no answer comes.

Whoever calls a gateway or a carrier must know which of two things happened: nothing was sent, so that the question may
be put again; or it may have arrived, so that only asking what became of it helps. `Wire` keeps the two apart, and
never puts a question twice by itself: a server that closes a kept connection under a request may have done its work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from daji.kit.problems import Problem

if TYPE_CHECKING:
    from daji.kit.wire import Lines

MOST_BYTES: Final = 16 * 1024 * 1024
"""Longest answer that is read; a day's bill of a busy shop is a tenth of it."""
CONNECT_SECONDS: Final = 3.0


class NotReached(Exception):
    """No connection, nothing was sent: safe to repeat."""


class NoAnswer(Exception):
    """The question may have arrived, and no whole answer came."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; the names of `headers` are compared without regard to case by `Wire` only."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What `Within` hands over."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Outbound(Protocol):
    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> Answer:
        """Ask once. `seconds` bounds all of it. Raises `NotReached` and `NoAnswer`."""
        ...

    async def aclose(self) -> None:
        """Let go of what is kept open."""
        ...


class Wire:
    """Asks over the network: kept connections, no redirects, no cookies, no proxies of the environment.

    `also` gives headers that every question bears (see `kit.tracing.carried`). What does the work is loaded by the
    first question, 10 MB and a tenth of a second that most processes never need, and belongs to its event loop.
    """

    def __init__(
        self, *, also: Callable[[], Mapping[str, str]] | None = None, most_bytes: int = MOST_BYTES
    ) -> None:
        self._also = also
        self._most_bytes = most_bytes
        self._lines: Lines | None = None

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> Answer:
        if self._lines is None:
            from daji.kit.wire import Lines  # noqa: PLC0415 - see above

            self._lines = Lines(most_bytes=self._most_bytes)
        if self._also is not None:
            headers = {**headers, **self._also()}
        return await self._lines.ask(method, url, headers, body, seconds, connect_seconds)

    async def aclose(self) -> None:
        lines, self._lines = self._lines, None
        if lines is not None:
            await lines.aclose()


class Within:
    """Asks somebody inside this process, for replays and tests; see `application`."""

    def __init__(self, answer: Callable[[Question], Awaitable[Answer]]) -> None:
        self._answer = answer

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> Answer:
        del connect_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._answer(Question(method=method, url=url, headers=headers, body=body))
        except TimeoutError as error:
            raise NoAnswer("TimeoutError") from error

    async def aclose(self) -> None:
        """Nothing is kept open."""


def application(app: Any) -> Callable[[Question], Awaitable[Answer]]:
    """Let an ASGI application answer (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

    async def answer(question: Question) -> Answer:
        over = asyncio.Event()
        said: list[dict[str, Any]] = []
        given = iter([{"type": "http.request", "body": question.body, "more_body": False}])

        async def receive() -> dict[str, Any]:
            message = next(given, None)
            if message is None:
                await over.wait()
                return {"type": "http.disconnect"}
            return message

        async def send(message: dict[str, Any]) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                over.set()

        await app(_scope(question), receive, send)
        return Answer(
            status=said[0]["status"],
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in said[0]["headers"]},
            body=b"".join(message.get("body", b"") for message in said[1:]),
        )

    return answer


def taken_by(take: Callable[[Question], Awaitable[None]]) -> Within:
    """Hand a webhook to its journey, as the web face would; what is refused comes again."""

    async def answer(told: Question) -> Answer:
        try:
            await take(told)
        except Problem as problem:
            return Answer(status=problem.status)
        return Answer(status=204)

    return Within(answer)


def _scope(question: Question) -> dict[str, Any]:
    parts = urlsplit(question.url)
    headers = {
        "host": parts.netloc,
        "content-length": str(len(question.body)),
        **{name.lower(): value for name, value in question.headers.items()},
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": question.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path),
        "raw_path": parts.path.encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "server": (parts.hostname, parts.port),
        "client": ("127.0.0.1", 0),
        "state": {},
    }
