"""Of which things an answer is made, so that whoever keeps the answer knows when it is no longer true.

What reads things for readers says so by `note`; what counts how often something is asked leaves word by `repeat`, for an
answer that is given again without asking. Outside of `gathering` both cost nothing and mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID


class Gathered:
    """The things that an answer shows, and what to call each time it is given again."""

    def __init__(self) -> None:
        self.ids: set[UUID] = set()
        self.repeats: list[Callable[[], None]] = []


_gathered: ContextVar[Gathered | None] = ContextVar("daji_made_of", default=None)


def note(ids: Iterable[UUID]) -> None:
    """Say that what is being answered shows these things."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.ids.update(ids)


def repeat(call: Callable[[], None]) -> None:
    """Have `call` called, which must be quick and never fail, when this answer is given again."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.repeats.append(call)


@contextmanager
def gathering() -> Iterator[Gathered]:
    """What is noted within; it fills while the block runs."""
    found = Gathered()
    token = _gathered.set(found)
    try:
        yield found
    finally:
        _gathered.reset(token)
