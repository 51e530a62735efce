"""What a reader must be shown, where a replica may be behind: what they have written themselves, or nothing in particular."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec


class Reader(msgspec.Struct, kw_only=True):
    """One who reads, say a request. `after` is a position in the log of the writing server that must be shown.

    `own` reads where writing happens, which is also where whoever has just written reads (`wrote`).
    """

    after: int = 0
    own: bool = False
    wrote: bool = False


_ANYBODY = Reader()
_reader: ContextVar[Reader | None] = ContextVar("daji_reader", default=None)


def current() -> Reader:
    """Who reads in this context; not to be changed when it is nobody in particular."""
    return _reader.get() or _ANYBODY


def note_write() -> None:
    """Note that something was committed in this context."""
    found = _reader.get()
    if found is not None:
        found.wrote = True


@contextmanager
def reading_as(reader: Reader) -> Iterator[Reader]:
    """Everything that is read in this context, and in tasks that begin in it, is read as this one."""
    token = _reader.set(reader)
    try:
        yield reader
    finally:
        _reader.reset(token)
