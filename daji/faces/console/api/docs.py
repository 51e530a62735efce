"""What the OpenAPI file says of a console route besides its parameters."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from daji.faces.console.wire import shown


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Problem details (RFC 9457). `code` is stable; `title` and `detail` are in the reader's language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    fields: list[dict[str, Any]] = []


_WHY = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the token has ended.",
    403: "The permission is missing.",
    404: "There is no such thing.",
    409: "It does not fit with how things stand now.",
    413: "The body is too large.",
    415: "The body is of another kind than this route takes.",
    422: "Something in the input is wrong; `fields` says what.",
    429: "Too many attempts; wait as long as Retry-After says.",
    503: "The outside did not answer; the same key asks again.",
}


def answers(
    kind: Any, description: str, *refusals: int, status: int = 200, login: bool = True
) -> dict[int, ResponseSpec]:
    """A route's answers: the good one and its refusals."""
    found = {status: shown(kind, description)}
    for code in sorted({*refusals, *((401, 403) if login else ())}):
        found[code] = ResponseSpec(
            data_container=Refused,
            description=_WHY[code],
            media_type="application/problem+json",
            generate_examples=False,
        )
    return found
