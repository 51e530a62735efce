"""Pages by cursor: the next page starts after a row, not after a count, so new rows never shift it."""

from __future__ import annotations

import binascii
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar, overload
from uuid import UUID

import msgspec

from daji.kit.problems import FieldProblem, Invalid, Problem

T = TypeVar("T")
A = TypeVar("A", UUID, datetime, int, str)
B = TypeVar("B", UUID, datetime, int, str)
C = TypeVar("C", UUID, datetime, int, str)

CursorValue = UUID | datetime | int | str

_MAX_CURSOR_CHARS = 2_000
_MAX_TEXT_CHARS = 300

# What PostgreSQL can compare: a cursor comes from outside, and a value it cannot take must end here.
_WIRE_TYPES: dict[type, Any] = {
    UUID: UUID,
    datetime: Annotated[datetime, msgspec.Meta(tz=True)],
    int: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    str: Annotated[str, msgspec.Meta(max_length=_MAX_TEXT_CHARS, pattern=r"^[^\x00]*\Z")],
}


class BadCursor(Problem):
    """The text is no cursor of this list."""

    code = "bad_cursor"
    status = 422


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is None on the last."""

    items: tuple[T, ...]
    next_cursor: str | None = None


class Cursor:
    """The sort key of the last row seen, as opaque URL-safe text."""

    @staticmethod
    def encode(values: tuple[CursorValue, ...]) -> str:
        """Write the sort key of the last row; ValueError for a naive datetime."""
        wired: list[CursorValue] = []
        for value in values:
            if isinstance(value, datetime):
                if value.utcoffset() is None:
                    raise ValueError(f"a time without a zone: {value.isoformat()}")
                wired.append(value.astimezone(UTC).isoformat())
            else:
                wired.append(value)
        return urlsafe_b64encode(msgspec.json.encode(wired)).rstrip(b"=").decode()

    @overload
    @staticmethod
    def decode(text: str, kinds: tuple[type[A]]) -> tuple[A]: ...
    @overload
    @staticmethod
    def decode(text: str, kinds: tuple[type[A], type[B]]) -> tuple[A, B]: ...
    @overload
    @staticmethod
    def decode(text: str, kinds: tuple[type[A], type[B], type[C]]) -> tuple[A, B, C]: ...
    @overload
    @staticmethod
    def decode(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]: ...
    @staticmethod
    def decode(text: str, kinds: tuple[type, ...]) -> tuple[Any, ...]:
        """Read a cursor whose values are of exactly these kinds, datetimes as UTC. Raises BadCursor."""
        if len(text) > _MAX_CURSOR_CHARS:
            raise BadCursor
        try:
            raw = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            values: tuple[Any, ...] = _decoder(kinds).decode(raw)
            return tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in values)
        except (binascii.Error, ValueError, OverflowError):
            raise BadCursor from None


def limit(value: int | None, default: int = 20, maximum: int = 100) -> int:
    """Return the page size: the default when none is asked for, capped at the maximum. Invalid below one."""
    if value is None:
        return default
    if value < 1:
        raise Invalid(
            fields=(FieldProblem(pointer="limit", code="too_small", params={"minimum": 1, "value": value}),),
        )
    return min(value, maximum)


@lru_cache(maxsize=64)
def _decoder(kinds: tuple[type, ...]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(tuple[tuple(_WIRE_TYPES[kind] for kind in kinds)])  # type: ignore[misc]
