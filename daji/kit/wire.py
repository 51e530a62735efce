"""`outbound.Wire` on aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp
from yarl import URL

from daji.kit.outbound import Answer, NoAnswer, NotReached

_MOST_CONNECTIONS: Final = 100
_KEEP_SECONDS: Final = 15.0
"""An idle connection is let go of before the servers we know (30 s and more) do, or the two could cross."""
_AGENT: Final = "Daji"
_NEVER_IN_AN_ADDRESS: Final = frozenset(' "<>\\^`{|}')
_NO_CONNECTION: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError)
"""The last is what the resolver says of a name with a part longer than 63 letters."""


class Lines:
    """The kept connections of one event loop."""

    def __init__(self, *, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, keepalive_timeout=_KEEP_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _AGENT},
            skip_auto_headers=("Accept-Encoding",),
            auto_decompress=False,
            middlewares=(_once,),
        )

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        connect_seconds: float,
    ) -> Answer:
        """See `outbound.Outbound.ask`."""
        target = _address(url)
        request = self._session.request(
            method,
            target,
            data=body or None,
            headers=headers,
            timeout=self._timeout(connect_seconds),
            allow_redirects=False,
        )
        try:
            async with asyncio.timeout(seconds), request as response:
                return Answer(
                    status=response.status,
                    headers=response.headers,
                    body=await self._read(response.content),
                )
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise NotReached("not an address") from error
        except (aiohttp.ClientError, OSError) as error:  # a time-out is an OSError
            raise NoAnswer(type(error).__name__) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()

    async def _read(self, stream: aiohttp.StreamReader) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := await stream.readany():
            size += len(part)
            if size > self._most_bytes:
                raise NoAnswer(f"the answer is longer than {self._most_bytes} bytes")
            parts.append(part)
        return b"".join(parts)

    def _timeout(self, connect_seconds: float) -> aiohttp.ClientTimeout:
        made = self._timeouts.get(connect_seconds)
        if made is None:
            made = self._timeouts[connect_seconds] = aiohttp.ClientTimeout(connect=connect_seconds)
        return made


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET whose kept connection broke; it repeats only after errors of its own.

    A signed question must not be put twice: the second would be refused as a replay, and the refusal be taken for the
    answer.
    """
    try:
        return await handler(request)
    except _NO_CONNECTION as error:
        raise NotReached(type(error).__name__) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise NoAnswer(type(error).__name__) from error


def _address(url: str) -> URL:
    """Read an address as it stands: what was signed must be what is sent."""
    if not url.isascii() or not url.isprintable() or not _NEVER_IN_AN_ADDRESS.isdisjoint(url):
        raise NotReached("not an address")
    try:
        made = URL(url, encoded=True)
        made.port  # noqa: B018 - reading it is what checks it
    except ValueError as error:
        raise NotReached("not an address") from error
    return made
