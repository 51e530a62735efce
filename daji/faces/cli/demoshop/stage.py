"""What every order of the past takes place on, and what was seen to happen there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from daji.boot import House, Rehearsal
from daji.faces.cli.demoshop.people import NobodyKnows
from daji.kit.clock import SimClock

SCOPE = "demo"


class OwnTime(SimClock):
    """A clock on which every task may have a time of its own: two buyers need not wait for each other.

    The gateway and the carrier live in this process, so that they see the time of the task that calls them.
    """

    mine: ContextVar[datetime] = ContextVar("mine")

    def now(self) -> datetime:
        return self.mine.get(None) or super().now()


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Who does the work, in the words of histories."""

    warehouse: str
    service: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`members` are shopper ids by the buyer's key, and grow; `seen` counts what was done."""

    house: House
    outside: Rehearsal
    staff: Staff
    skus: Mapping[str, UUID]
    members: dict[str, UUID]
    done: Callable[[], None]
    passwords: NobodyKnows = field(default_factory=NobodyKnows)
    seen: Counter[str] = field(default_factory=Counter)
    joining: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def now(self) -> datetime:
        return self.outside.clock.now()
