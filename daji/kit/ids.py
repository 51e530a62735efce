"""Identifiers: UUIDv7 inside (RFC 9562, so rows of one time lie together), a prefixed text outside."""

from __future__ import annotations

import re
import uuid
from uuid import UUID

from uuid_utils.compat import uuid7

from daji.kit.problems import Problem

# Crockford's base 32 (https://www.crockford.com/base32.html), lower case: no i, l, o, u to misread.
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
# 26 symbols carry 130 bits and an id has 128, so the first symbol is never above 7. Two symbols at a time.
_SHIFTS = range(120, -1, -10)
_BODY = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_TO_PYTHON = bytes.maketrans(_CROCKFORD.encode(), b"0123456789abcdefghijklmnopqrstuv")


class BadId(Problem):
    """The text is no id of the wanted kind. Answers 404, so that it tells no more than a foreign id does."""

    code = "id_unknown"
    status = 404


def new_id() -> UUID:
    """A fresh UUIDv7; ids made by one process grow strictly."""
    return uuid7()


def show(prefix: str, id: UUID) -> str:  # noqa: A002 - the natural word, and part of the agreed signature
    """Write an id for the wire: `ord_` and 26 lower-case Crockford symbols."""
    bits = id.int
    return f"{prefix}_{''.join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])}"


def read(prefix: str, text: str) -> UUID:
    """Read what `show` wrote, and nothing else: there is one text per id. Raises BadId."""
    head = f"{prefix}_"
    if not text.startswith(head) or not _BODY.fullmatch(text, len(head)):
        raise BadId
    return UUID(int=int(text[len(head) :].encode().translate(_TO_PYTHON), 32))


def derived_id(namespace: UUID, name: str) -> UUID:
    """The same id for the same outside name, every time (UUIDv5), so that an import can be repeated."""
    return uuid.uuid5(namespace, name)
