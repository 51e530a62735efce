"""Take an attempt from every bucket it counts in, before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daji.base.identity import rules
from daji.base.identity.errors import TooManyAttempts
from daji.base.identity.store import throttle
from daji.kit.db import Database, Tx

Bucket = tuple[rules.Pace, bytes]


async def take(db: Database, buckets: Sequence[Bucket], now: datetime) -> None:
    """Commit one attempt in each bucket, also when another one is full.

    Raises
    ------
    TooManyAttempts
        With the seconds to wait until all of them take an attempt again.
    """

    async def count(tx: Tx) -> int:
        waits = [0]
        for pace, key in buckets:
            quiet_at = await throttle.take(tx, pace, key, now)
            if quiet_at is not None:
                waits.append(rules.wait_seconds(pace, tat=quiet_at, now=now))
        return max(waits)

    wait = await db.run(count)
    if wait:
        raise TooManyAttempts(retry_after=wait)


async def give_back(tx: Tx, buckets: Sequence[Bucket]) -> None:
    """Return an attempt that proved to be no guess; same order of rows as `take`."""
    for pace, key in buckets:
        await throttle.give_back(tx, pace, key)
