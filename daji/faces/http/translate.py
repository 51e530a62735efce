"""From what was raised to what is said: every exception that can reach the edge becomes a Problem."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    SerializationException,
    ValidationException,
)
from litestar.status_codes import (
    HTTP_401_UNAUTHORIZED,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_405_METHOD_NOT_ALLOWED,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_500_INTERNAL_SERVER_ERROR,
)

from daji.faces.http import errors
from daji.kit import runs
from daji.kit.problems import (
    FieldProblem,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooMany,
    Unauthenticated,
    Unavailable,
)

RETRY_SECONDS = 5

# The database is away, overloaded or asked us to come back: the reader's request was fine.
_AWAY: tuple[type[BaseException], ...] = (
    ConnectionError,
    TimeoutError,
    socket.gaierror,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    # No connection, no space, no memory left (class 53).
    asyncpg.InsufficientResourcesError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InternalClientError,
)
# Text with U+0000, half a surrogate, a number beyond 64 bits: nothing our columns can hold, so nothing of ours.
_UNSTORABLE: tuple[type[BaseException], ...] = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
    UnicodeEncodeError,
)

_UNREADABLE = (msgspec.DecodeError, SerializationException, UnicodeDecodeError, RecursionError)

_BY_STATUS: Mapping[int, type[Problem]] = {
    HTTP_401_UNAUTHORIZED: Unauthenticated,
    HTTP_403_FORBIDDEN: Forbidden,
    HTTP_404_NOT_FOUND: NotFound,
    HTTP_405_METHOD_NOT_ALLOWED: errors.MethodNotAllowed,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE: errors.BodyTooLarge,
    HTTP_415_UNSUPPORTED_MEDIA_TYPE: errors.UnsupportedMediaType,
}

_BOUND = re.compile(r"(length )?(>=|<=|>|<) (-?[0-9.]+)")
_NAMED = re.compile(r"(?:missing required|contains unknown) field `(.+?)`")
_PATH = re.compile(r" - at `(?:key in )?\$(.*?)`$")
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.?([^.\[\]]+)")


def to_problem(exc: Exception) -> Problem:
    """Return the refusal that `exc` means; `Internal` when it is a defect of ours."""
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, HTTPException):
        return _from_litestar(exc)
    if isinstance(exc, runs.TryLater | runs.RunLost):
        return Unavailable(retry_after=RETRY_SECONDS)
    return _from_reading(exc) or _from_database(exc) or errors.Internal()


def _from_reading(exc: Exception) -> Problem | None:
    if isinstance(exc, msgspec.ValidationError):
        return Invalid(fields=(field_problem(str(exc)),))
    # Nesting without end exhausts the decoder's stack.
    if isinstance(exc, _UNREADABLE):
        return Invalid(fields=(FieldProblem(pointer="", code="http.not_json"),))
    return None


def _from_database(exc: Exception) -> Problem | None:
    # Of exactly this class when asyncpg itself could not encode an argument; the server's own are subclasses.
    if type(exc) is asyncpg.DataError or isinstance(exc, _UNSTORABLE):
        return Invalid(fields=(FieldProblem(pointer="", code="http.not_text"),))
    if isinstance(exc, (*_AWAY, asyncpg.InterfaceError)):
        return Unavailable(retry_after=RETRY_SECONDS)
    return None


def is_noteworthy(exc: Exception, problem: Problem) -> bool:
    """Tell whether the log should hold the traceback: for defects, for an absent database, and for what only the
    database noticed, which a closer check should have.
    """
    return problem.status >= HTTP_500_INTERNAL_SERVER_ERROR or (
        not isinstance(exc, Problem | HTTPException) and problem.code == Invalid.code
    )


def extra_headers(exc: Exception, problem: Problem) -> dict[str, str]:
    """Headers that the refusal owes: Retry-After, Allow, WWW-Authenticate (RFC 9110)."""
    headers: dict[str, str] = {}
    if "retry_after" in problem.params:
        headers["Retry-After"] = str(problem.params["retry_after"])
    if isinstance(exc, MethodNotAllowedException) and exc.headers:
        headers |= {
            name.title(): value for name, value in dict(exc.headers).items() if name.lower() == "allow"
        }
    if problem.status == HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="daji"'
    return headers


def field_problem(message: str, *, pointer: str | None = None) -> FieldProblem:
    """Read one of msgspec's sentences: which field, which stable code, which bound."""
    path = _PATH.search(message)
    where = to_pointer(path[1] if path else "") if pointer is None else pointer
    named = _NAMED.search(message)
    if named is not None:
        code = "required" if "missing required" in message else "unknown_field"
        return FieldProblem(pointer=f"{where}/{_escape(named[1])}", code=code)
    bound = _BOUND.search(message)
    if bound is not None:
        kind = "minimum" if bound[2].startswith(">") else "maximum"
        size = ("short", "long") if bound[1] else ("small", "large")
        value = float(bound[3]) if "." in bound[3] else int(bound[3])
        return FieldProblem(pointer=where, code=f"too_{size[kind == 'maximum']}", params={kind: value})
    code = "unknown_value" if "Invalid enum value" in message or "Invalid value" in message else "wrong_type"
    return FieldProblem(pointer=where, code=code)


def to_pointer(path: str) -> str:
    """Write msgspec's `.lines[0].qty` as the JSON pointer `/lines/0/qty` (RFC 6901)."""
    return "".join(f"/{_escape(index or name)}" for index, name in _STEP.findall(path))


def _from_litestar(exc: HTTPException) -> Problem:
    if isinstance(exc, NotFoundException):
        return NotFound()
    if exc.status_code == HTTP_429_TOO_MANY_REQUESTS:
        return TooMany(retry_after=RETRY_SECONDS)
    if isinstance(exc, ValidationException):
        return Invalid(fields=_fields(exc.extra))
    if isinstance(exc.__cause__, _UNREADABLE):
        return Invalid(fields=(FieldProblem(pointer="", code="http.not_json"),))
    found = _BY_STATUS.get(exc.status_code)
    if found is not None:
        return found()
    return errors.Internal() if exc.status_code >= HTTP_500_INTERNAL_SERVER_ERROR else errors.BadRequest()


def _fields(extra: Any) -> Sequence[FieldProblem]:
    rows = extra if isinstance(extra, list) else []
    found = [_field(row) for row in rows if isinstance(row, dict)]
    return found or (FieldProblem(pointer="", code="wrong_type"),)


def _field(row: Mapping[str, Any]) -> FieldProblem:
    key, message = str(row.get("key", "")), str(row.get("message", ""))
    if row.get("source") != "body":
        return field_problem(message, pointer=key)
    if key == "data":
        # Litestar reports an absent body as the missing key itself.
        if message == "'data'":
            return FieldProblem(pointer="", code="required")
        return field_problem(message, pointer="")
    return field_problem(message, pointer=to_pointer(key))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
