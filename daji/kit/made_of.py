"""Of which things an answer is made, so that whoever keeps the answer knows when it is no longer true.

What reads things for readers says so by `note`; outside of `gathering` that costs nothing and means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_gathered: ContextVar[set[UUID] | None] = ContextVar("daji_made_of", default=None)


def note(ids: Iterable[UUID]) -> None:
    """Say that what is being answered shows these things."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update(ids)


@contextmanager
def gathering() -> Iterator[set[UUID]]:
    """The things that are noted within; the set fills while the block runs."""
    found: set[UUID] = set()
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)
