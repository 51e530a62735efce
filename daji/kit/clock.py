"""Where time comes from. Only faces, jobs and the command line hold a clock; all else is handed `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SimClock:
    """A clock that moves only when told, and never backwards."""

    def __init__(self, start: datetime) -> None:
        """Start at an aware datetime; ValueError when it is naive."""
        self._now = _utc(start)

    def now(self) -> datetime:
        return self._now

    def set(self, t: datetime) -> None:
        """Jump to `t`; ValueError when it is naive or lies before the present."""
        moved = _utc(t)
        if moved < self._now:
            raise ValueError(f"time does not run backwards: {moved.isoformat()} < {self._now.isoformat()}")
        self._now = moved

    def advance(self, delta: timedelta) -> None:
        """Move on by `delta`; ValueError when it is negative."""
        self.set(self._now + delta)


def _utc(t: datetime) -> datetime:
    if t.utcoffset() is None:
        raise ValueError(f"a time without a zone: {t.isoformat()}")
    return t.astimezone(UTC)
