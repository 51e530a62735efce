"""Every refusal the engine can give, as data: a stable code, an HTTP status and parameters.

The wire form follows RFC 9457 (Problem Details for HTTP APIs). The sentence a reader sees is not in here:
faces look it up by code in the message catalogue (`problems.<code>.title` and `.detail`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

import msgspec

_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_ERROR_STATUSES = range(400, 600)
_STANDARD_MEMBERS = frozenset(
    {"type", "title", "status", "detail", "instance", "code", "request_id", "fields"},
)


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one input: a JSON pointer (RFC 6901) or field name, a stable code, its parameters."""

    pointer: str
    code: str
    params: Mapping[str, object] = {}


class Problem(Exception):
    """A refusal with a stable code. Subclass it with `code` and `status`, raise it with keyword parameters.

    Parameters are public: they fill the message and travel to the client as extension members, so no secret
    and nobody else's data may be put into them.

    Declaring a subclass raises TypeError when the code is missing, malformed or taken, or when the status is
    no HTTP error status.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    _by_code: ClassVar[dict[str, type[Problem]]] = {}

    params: Mapping[str, object]
    fields: tuple[FieldProblem, ...]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        code, status = cls.__dict__.get("code"), getattr(cls, "status", None)
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise TypeError(f"{cls.__qualname__} declares no well-formed code of its own: {code!r}")
        if not isinstance(status, int) or status not in _ERROR_STATUSES:
            raise TypeError(f"{cls.__qualname__} declares no HTTP error status: {status!r}")
        if code in Problem._by_code:
            raise TypeError(f"{cls.__qualname__}: code {code!r} is taken by {Problem._by_code[code]!r}")
        Problem._by_code[code] = cls

    def __init__(self, *, fields: Sequence[FieldProblem] = (), **params: object) -> None:
        if type(self) is Problem:
            raise TypeError("raise a subclass that declares a code")
        super().__init__(self.code)
        self.fields = tuple(fields)
        self.params = MappingProxyType(params)

    def __str__(self) -> str:
        parts = [f"{name}={value!r}" for name, value in self.params.items()]
        parts += [f"{field.pointer}: {field.code}" for field in self.fields]
        return f"{self.code} ({', '.join(parts)})" if parts else self.code

    @classmethod
    def catalogue(cls) -> Mapping[str, type[Problem]]:
        """Every problem declared so far, by code."""
        return MappingProxyType(Problem._by_code)

    @classmethod
    def rebuild(cls, code: str, params: Mapping[str, object], fields: Sequence[FieldProblem] = ()) -> Problem:
        """Make again a problem that was stored as an answer; KeyError when nobody declares its code any more."""
        return Problem._by_code[code](fields=fields, **params)


class Invalid(Problem):
    code = "invalid"
    status = 422


class NotFound(Problem):
    code = "not_found"
    status = 404


class Conflict(Problem):
    code = "conflict"
    status = 409


class Forbidden(Problem):
    code = "forbidden"
    status = 403


class Unauthenticated(Problem):
    code = "unauthenticated"
    status = 401


class TooMany(Problem):
    """Too many requests; `retry_after` is in whole seconds and belongs into the Retry-After header too."""

    code = "too_many"
    status = 429

    def __init__(
        self,
        *,
        retry_after: int,
        fields: Sequence[FieldProblem] = (),
        **params: object,
    ) -> None:
        super().__init__(fields=fields, retry_after=retry_after, **params)
        self.retry_after = retry_after


class Unavailable(Problem):
    code = "unavailable"
    status = 503


class KeyReused(Problem):
    """The idempotency key came before with another body."""

    code = "idempotency_key_reused"
    status = 422


class InProgress(Problem):
    """The same idempotency key is being worked on right now."""

    code = "request_in_progress"
    status = 409


class Stale(Problem):
    """The writer's copy is older than what is stored."""

    code = "stale_version"
    status = 409


def to_body(
    problem: Problem,
    *,
    title: str,
    detail: str,
    request_id: str,
    instance: str,
    field_details: Sequence[str] = (),
) -> dict[str, object]:
    """Build the `application/problem+json` object of RFC 9457, section 3.

    Parameters become extension members at the top level (section 3.2). A parameter that bears the name of a
    standard member keeps its value as `param_<name>`, because a client must be able to trust `status`.
    `field_details` are the translated sentences for `problem.fields`, in the same order; ValueError when
    there are some but not one for each field.
    """
    if field_details and len(field_details) != len(problem.fields):
        raise ValueError(f"{len(field_details)} sentences for {len(problem.fields)} fields")
    body: dict[str, object] = {
        "type": f"urn:daji:problem:{problem.code}",
        "title": title,
        "status": problem.status,
        "detail": detail,
        "instance": instance,
        "code": problem.code,
        "request_id": request_id,
    }
    for name, value in problem.params.items():
        body[f"param_{name}" if name in _STANDARD_MEMBERS else name] = value
    if problem.fields:
        rows: list[dict[str, object]] = [
            {"pointer": field.pointer, "code": field.code, "params": dict(field.params)}
            for field in problem.fields
        ]
        for row, sentence in zip(rows, field_details, strict=False):
            row["detail"] = sentence
        body["fields"] = rows
    return body
