"""The door of the API: who asks, is it fresh, is it the first time; and every answer signed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.types import ExceptionHandler

from daji.adapters.payment.sandbox.service.core import Sandbox
from daji.adapters.payment.sandbox.service.faults import Manners
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.signing import FRESH_SECONDS, ReplayedNonce, SignatureProblem, Stamp
from daji.adapters.payment.sandbox.wire import Problem

SQL_REMEMBER = "INSERT INTO nonce (nonce, forget_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
SQL_FORGET = "DELETE FROM nonce WHERE forget_at < ?"
MAX_BODY: Final = 64 * 1024
Asked = Request[Any, Any, State]
T = TypeVar("T", bound=msgspec.Struct)


def sandbox_of(request: Asked) -> Sandbox:
    """Give the service that a request came to."""
    sandbox = request.app.state.sandbox
    if not isinstance(sandbox, Sandbox):
        raise TypeError("the application was not made by create_app")
    return sandbox


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """A request that the merchant signed, and what tells it from its own repetition."""

    body: bytes
    stamp: Stamp


async def proven(request: Asked, now: datetime) -> Proven:
    """Prove who asks; raises a `SignatureProblem`. Whether it is the first time, `first_time` knows."""
    sandbox = sandbox_of(request)
    body = await request.body()
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = (path + (b"?" + query if query else b"")).decode("latin-1")
    stamp = sandbox.keys.of_merchant.verify_request(request.method, target, dict(request.headers), body, now)
    return Proven(body=body, stamp=stamp)


@contextmanager
def first_time(request: Asked, asked: Proven, now: datetime) -> Generator[sqlite3.Connection]:
    """Give the one transaction of a proven request; raises `ReplayedNonce` the second time.

    Work that fails is undone, while the request stays remembered: refused once, it is no fresh request the next time.
    """
    failed: Exception | None = None
    with sandbox_of(request).db.transaction() as connection:
        _once(connection, asked.stamp, now)
        connection.execute("SAVEPOINT work")
        try:
            yield connection
        except Exception as error:  # noqa: BLE001 - raised again below, when the nonce is kept
            connection.execute("ROLLBACK TO work")
            failed = error
    if failed is not None:
        raise failed


def _once(connection: sqlite3.Connection, stamp: Stamp, now: datetime) -> None:
    connection.execute(SQL_FORGET, (int(now.timestamp()),))
    # A message is fresh until this second, so the nonce is remembered through it.
    forget_at = stamp.timestamp + FRESH_SECONDS
    if not connection.execute(SQL_REMEMBER, (stamp.nonce, forget_at)).rowcount:
        raise ReplayedNonce("this nonce was used before")


def decoded(body: bytes, shape: type[T]) -> T:
    """Read a request; raises 400 `bad_request` naming the field."""
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "bad_request", str(error)) from error


def answer(request: Asked, message: msgspec.Struct, status: int = 200) -> Response[bytes]:
    """Sign a JSON answer."""
    return signed(request, msgspec.json.encode(message), status, MediaType.JSON)


def signed(request: Asked, body: bytes, status: int, media_type: str) -> Response[bytes]:
    """Sign any answer."""
    sandbox = sandbox_of(request)
    headers = {**sandbox.keys.gateway.sign_message(body, sandbox.clock()), "Cache-Control": "no-store"}
    return Response(body, status_code=status, media_type=media_type, headers=headers)


async def worked(request: Asked, manners: Manners, message: msgspec.Struct, status: int) -> Response[bytes]:
    """Answer a call that did its work, in the way the payment's fault wants it."""
    fault, settings = manners.fault, manners.settings
    if fault == "http500":
        return Response(b"upstream connect error", status_code=500, media_type=MediaType.TEXT)
    if fault == "slow":
        await asyncio.sleep(settings.slow_ms / 1000)
    if fault == "never":
        await asyncio.sleep(settings.never_ms / 1000)
        return Response(b"upstream request timeout", status_code=504, media_type=MediaType.TEXT)
    return answer(request, message, status)


def _refused(request: Asked, error: Refusal) -> Response[bytes]:
    return answer(request, Problem(code=error.code, message=error.message), error.status)


def _unproven(request: Asked, error: SignatureProblem) -> Response[bytes]:
    return answer(request, Problem(code=error.code, message=str(error)), 401)


HANDLERS: Final[dict[int | type[Exception], ExceptionHandler[Any]]] = {
    Refusal: _refused,
    SignatureProblem: _unproven,
}
