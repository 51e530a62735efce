"""How much somebody may ask of us: a budget that refills, one number a key, in a store with a bound.

The generic cell rate algorithm (ITU-T I.371, Annex A): a key is remembered as the moment at which its budget will be
whole again. It needs no timer and no window, and a burst is paid back at the rate.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Protocol

import msgspec

MAX_KEYS = 50_000


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """`rate` units a second, `burst` units at once; `name` is told to the client."""

    name: str
    rate: float
    burst: int

    def times(self, scale: float) -> Limit:
        return Limit(name=self.name, rate=self.rate * scale, burst=max(1, round(self.burst * scale)))

    @property
    def seconds(self) -> float:
        """How long an empty budget takes to be whole."""
        return self.burst / self.rate


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`wait` is in seconds until the same request would be taken, 0 when it was; `left` is in units."""

    limit: Limit
    taken: bool
    left: int
    wait: float
    reset: float


class Store(Protocol):
    """Where budgets are kept. One process keeps its own; a shared one makes several processes count together."""

    async def charge(self, key: str, limit: Limit, cost: float, *, now: float) -> Verdict:
        """Take `cost` units from a key's budget, or nothing when there is not enough. `now` in seconds, rising."""
        ...


class MemoryStore:
    """Budgets of one process. The keys that were asked for longest ago are forgotten first.

    Forgetting a key gives it a whole budget, which is why networks are counted together above the size that one owner
    has (see `visitors.networks`).
    """

    def __init__(self, *, most: int = MAX_KEYS) -> None:
        self._most = most
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._whole_at)

    async def charge(self, key: str, limit: Limit, cost: float, *, now: float) -> Verdict:
        """See `Store.charge`."""
        whole_at = self._whole_at.get(key, now)
        # A clock that jumped back would leave a debt that nobody can pay: none is longer than a whole budget.
        whole_at = min(max(whole_at, now), now + limit.seconds)
        after = whole_at + cost / limit.rate
        taken = after - now <= limit.seconds + 1e-9
        if taken:
            whole_at = after
        self._whole_at[key] = whole_at
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > self._most:
            self._whole_at.popitem(last=False)
        return Verdict(
            limit=limit,
            taken=taken,
            left=max(0, math.floor((limit.seconds - (whole_at - now)) * limit.rate + 1e-6)),
            # What costs more than a whole budget is never taken; saying "in a budget's time" keeps clients away.
            wait=0.0 if taken else min(after - now - limit.seconds, limit.seconds),
            reset=whole_at - now,
        )
