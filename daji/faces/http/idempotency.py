"""The Idempotency-Key of a request (IETF draft-ietf-httpapi-idempotency-key-header), and whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from daji.faces.http import state
from daji.faces.http.csrf import form_field
from daji.faces.http.errors import IdempotencyKeyMalformed, IdempotencyKeyMissing

HEADER = "idempotency-key"
FIELD = "_idempotency_key"
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_FOUND = "daji_idempotency_key"


class RunKey(msgspec.Struct, frozen=True, kw_only=True):
    """What `kit.runs.start` takes: two people may use the same key, so the scope says whose it is."""

    scope: str
    key: str


async def check(request: state.AnyRequest, opt: Mapping[str, Any]) -> None:
    """Read the key where the route needs one. Raises IdempotencyKeyMissing, IdempotencyKeyMalformed."""
    if not opt.get("idempotent"):
        return
    given = request.headers.get(HEADER)
    if given is None:
        given = await form_field(request, FIELD)
    if given is None:
        raise IdempotencyKeyMissing
    if not _VISIBLE.fullmatch(given):
        raise IdempotencyKeyMalformed
    request.scope["state"][_FOUND] = given


def run_key(request: state.AnyRequest) -> RunKey:
    """Scope and key of this request; a visitor without identity gets one here, so that a retry finds its run.

    Raises
    ------
    IdempotencyKeyMissing
        On a route that does not declare `idempotent`.
    """
    key = request.scope["state"].get(_FOUND)
    if key is None:
        raise IdempotencyKeyMissing
    return RunKey(scope=state.actor(state.ensure_guest(request)), key=key)
