"""What may enter at all: sizes, media types, and text that can be stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar.enums import RequestEncodingType
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import BodyKwarg
from litestar.types import Scope

from daji.faces.http import state
from daji.faces.http.csrf import SAFE
from daji.faces.http.errors import AddressTooLong, BadRequest, HeadersTooLarge, UnsupportedMediaType
from daji.kit.problems import FieldProblem, Invalid, Problem

MAX_BODY = 1024 * 1024
"""Bytes; a route that takes files says more by `request_max_body_size`."""

_MAX_HEADERS = 100
_MAX_HEADER_BYTES = 32 * 1024
_MAX_PATH = 2048
_MAX_QUERY = 8 * 1024
_ONCE = (b"host", b"authorization", b"content-length", b"content-type", b"idempotency-key", b"x-csrf-token")
_ENCODED_NUL = re.compile(rb"%00|\x00")
_JSON = RequestEncodingType.JSON.value


def check_head(scope: Scope) -> Problem | None:
    """Look at the request line and headers before anything reads them; the problem, or None."""
    headers = list(scope["headers"])
    if (
        len(headers) > _MAX_HEADERS
        or sum(len(name) + len(value) for name, value in headers) > _MAX_HEADER_BYTES
    ):
        return HeadersTooLarge()
    if len(scope.get("raw_path") or scope["path"]) > _MAX_PATH or len(scope["query_string"]) > _MAX_QUERY:
        return AddressTooLong()
    names = [name.lower() for name, _ in headers]
    if any(names.count(name) > 1 for name in _ONCE):
        return BadRequest()
    if "\0" in scope["path"] or _ENCODED_NUL.search(scope["query_string"]):
        return Invalid(fields=(FieldProblem(pointer="", code="http.not_text"),))
    return None


async def check_body(request: state.AnyRequest, handler: BaseRouteHandler) -> None:
    """Refuse a body of the wrong kind, and text that PostgreSQL cannot keep (U+0000).

    Raises
    ------
    UnsupportedMediaType
        When the route's `data` is of another kind.
    Invalid
        With a pointer to each text that holds a NUL.
    """
    if request.method in SAFE or not isinstance(handler, HTTPRouteHandler):
        return
    accepted = _accepted(handler)
    if not accepted:
        return
    sent = request.content_type[0]
    # Nothing sent is no wrong kind: the handler says which field is missing.
    if sent not in accepted and (sent or await request.body()):
        raise UnsupportedMediaType(accepts=sorted(accepted))
    if sent == _JSON and b"\\u0000" in (body := await request.body()):
        _refuse_nul(body)
    if sent == RequestEncodingType.URL_ENCODED.value and _ENCODED_NUL.search(await request.body()):
        raise Invalid(fields=(FieldProblem(pointer="", code="http.not_text"),))


def _accepted(handler: HTTPRouteHandler) -> frozenset[str]:
    given = handler.opt.get("accepts")
    if given is not None:
        return frozenset(given)
    field = handler.parsed_data_field
    if field is None:
        return frozenset()
    kwarg = field.kwarg_definition
    if isinstance(kwarg, BodyKwarg) and kwarg.media_type:
        media_type = kwarg.media_type
        return frozenset(
            {media_type.value if isinstance(media_type, RequestEncodingType) else str(media_type)}
        )
    return frozenset({_JSON})


def _refuse_nul(body: bytes) -> None:
    try:
        found = _nul_pointers(msgspec.json.decode(body), "")
    except (ValueError, RecursionError):
        # Not JSON at all: whoever reads it next says so.
        return
    if found:
        raise Invalid(fields=[FieldProblem(pointer=pointer, code="http.not_text") for pointer in found])


def _nul_pointers(value: object, pointer: str) -> list[str]:
    if isinstance(value, str):
        return [pointer] if "\0" in value else []
    children: Mapping[Any, Any] = {}
    if isinstance(value, dict):
        if any("\0" in key for key in value):
            return [pointer]
        children = value
    elif isinstance(value, list):
        children = dict(enumerate(value))
    return [
        found
        for key, child in children.items()
        for found in _nul_pointers(child, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    ]
