"""How fast one may guess: a row per bucket, so that a restart forgives nothing (GCRA, ITU-T I.371).

`tat`, the theoretical arrival time, is when the bucket will be quiet again. An attempt is taken before the password
is looked at, in one conditional statement, so that parallel guesses cannot slip past a count.
"""

from __future__ import annotations

from datetime import datetime

from daji.base.identity.rules import Pace
from daji.kit.db import Tx

SQL_TAKE = """
INSERT INTO identity.throttle AS t (kind, key, tat) VALUES ($1, $2, $3::timestamptz + $4::interval)
ON CONFLICT (kind, key) DO UPDATE SET tat = greatest(t.tat, $3::timestamptz) + $4::interval
 WHERE t.tat <= $3::timestamptz + $5::interval
RETURNING tat
"""
SQL_WHEN_QUIET = "SELECT tat FROM identity.throttle WHERE kind = $1 AND key = $2"
SQL_GIVE_BACK = "UPDATE identity.throttle SET tat = tat - $3::interval WHERE kind = $1 AND key = $2"
SQL_PURGE = "DELETE FROM identity.throttle WHERE tat < $1"


async def take(tx: Tx, pace: Pace, key: bytes, now: datetime) -> datetime | None:
    """Take one attempt: None when granted, else when the bucket will be quiet."""
    if await tx.value(SQL_TAKE, pace.kind, key, now, pace.step, pace.slack) is not None:
        return None
    quiet_at: datetime | None = await tx.value(SQL_WHEN_QUIET, pace.kind, key)
    return quiet_at or now + pace.slack


async def give_back(tx: Tx, pace: Pace, key: bytes) -> None:
    """Return an attempt that proved to be no guess."""
    await tx.execute(SQL_GIVE_BACK, pace.kind, key, pace.step)


async def purge(tx: Tx, now: datetime) -> int:
    return await tx.execute(SQL_PURGE, now)
