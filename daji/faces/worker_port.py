"""Where a worker tells its health and figures: three addresses on `DAJI_WORK_PORT`, served beside its work."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Mapping
from contextlib import suppress

import msgspec
import structlog

from daji.faces.http.exposing import figures

log = structlog.get_logger(__name__)

STUCK_SECONDS = 120.0
"""A round of work that has not come to its end for so long is stuck, and the process better started again."""
_HEAD_BYTES = 8192
_PATIENCE_SECONDS = 5.0


class Pulse:
    """When each round of work last came to its end; `ready` once the worker hears its queue."""

    def __init__(self) -> None:
        self.ready = False
        self._ended: dict[str, float] = {}

    def watch(self, name: str) -> None:
        self._ended[name] = time.monotonic()

    def beat(self, name: str) -> None:
        self._ended[name] = time.monotonic()

    def ages(self) -> Mapping[str, float]:
        now = time.monotonic()
        return {name: round(now - ended, 1) for name, ended in self._ended.items()}

    @property
    def alive(self) -> bool:
        return all(age < STUCK_SECONDS for age in self.ages().values())


def may_measure(head: bytes, peer: str, token: str) -> bool:
    """Figures of a shop are nobody's business but the machine's own, and whoever's brings the token."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        scheme, _, given = value.strip().partition(b" ")
        if name.strip().lower() == b"authorization" and scheme.lower() == b"bearer" and token:
            return hmac.compare_digest(given.strip(), token.encode())
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


async def serve(pulse: Pulse, *, host: str, port: int, token: str = "") -> asyncio.Server:
    """Listen until the server that comes back is closed; `token` opens the figures to other machines.

    HTTP/1.0 as far as probes and scrapers need it: a head without a body in, one answer out, the connection ends.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                words = head.split(b"\r\n", 1)[0].split(b" ")
                path = words[1].decode("latin-1").partition("?")[0] if len(words) > 1 else ""
                peer = str((writer.get_extra_info("peername") or ("",))[0])
                if path == "/metrics" and not may_measure(head, peer, token):
                    path = ""
                writer.write(_answer(path, pulse))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, host, port, limit=_HEAD_BYTES)


def _answer(path: str, pulse: Pulse) -> bytes:
    kind = "application/json"
    match path:
        case "/health/live":
            status = 200 if pulse.alive else 503
            body = msgspec.json.encode({"alive": pulse.alive, "rounds": pulse.ages()})
        case "/health/ready":
            status = 200 if pulse.ready else 503
            body = msgspec.json.encode({"ready": pulse.ready})
        case "/metrics":
            status, kind, body = 200, "text/plain; version=0.0.4; charset=utf-8", figures()
        case _:
            status, body = 404, b"{}"
    reason = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}[status]
    head = (
        f"HTTP/1.0 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
