"""A small HTTP/1.1 client for load: keeps one connection and its cookies, and costs little beside the server."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any, Self


class Refused(Exception):
    """An answer outside 2xx and 3xx: `status`, and the problem's code where there is one."""

    def __init__(self, status: int, code: str, body: bytes) -> None:
        super().__init__(f"{status} {code} {body[:200]!r}")
        self.status = status
        self.code = code


class Client:
    """One buyer's browser, as far as a server can tell."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._cookies: dict[str, str] = {}
        self.csrf = ""
        """What staff's pages send along with whatever changes something."""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connection; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Send one request; the decoded JSON of the answer, None when it is empty. Raises as `ask`."""
        answer = await self.ask(method, path, body, key)
        return json.loads(answer) if answer else None

    async def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> bytes:
        """Send one request; the answer as it comes.

        Raises
        ------
        Refused
            For 4xx and 5xx.
        """
        status, answer = await self._exchange(method, path, body, key)
        if status >= 400:
            try:
                code = json.loads(answer).get("code", "")
            except (ValueError, AttributeError):
                code = ""
            raise Refused(status, code, answer)
        return answer

    async def _exchange(self, method: str, path: str, body: Any, key: str | None) -> tuple[int, bytes]:
        reader, writer = await self._connect()
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        origin = f"http://{self._host}:{self._port}"
        head = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Origin: {origin}"]
        head += ["User-Agent: daji-bench", "Accept: application/json", f"Content-Length: {len(content)}"]
        head += ["Content-Type: application/json"] if content else []
        head += [f"Idempotency-Key: {key}"] if key else []
        head += [f"X-CSRF-Token: {self.csrf}"] if self.csrf else []
        if self._cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()))
        writer.write("\r\n".join([*head, "", ""]).encode() + content)
        return await self._answer(reader)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or self._writer.is_closing():
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        return self._reader, self._writer

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        length, chunked = 0, False
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            name = name.lower()
            if name == "content-length":
                length = int(value)
            elif name == "transfer-encoding":
                chunked = value == "chunked"
            elif name == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self._cookies[cookie] = content
            elif name == "connection" and value == "close" and self._writer is not None:
                self._writer.close()
        if not chunked:
            return status, await reader.readexactly(length)
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return status, b"".join(parts)
