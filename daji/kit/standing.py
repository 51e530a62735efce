"""What stands still and will not go on by itself: parked deliveries, timers that keep failing, journeys nobody takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from daji.kit.db.session import Session

TRIES = 3
"""Failures after which a timer counts as standing still; it is tried again all the same, with growing pauses."""

SQL_PARKED = """
SELECT coalesce(convert_from(payload, 'UTF8'), entrypoint) AS what FROM pgqueuer WHERE status = 'failed' ORDER BY id
"""
SQL_TIMERS = """
SELECT concat_ws(' ', kind, subject, last_error) AS what FROM kit.timers
 WHERE attempts >= $1 AND last_error IS NOT NULL ORDER BY due_at
"""
# The janitor comes every quarter of a minute: who is not taken in five, will not be.
SQL_RUNS = """
SELECT concat_ws(' ', flow, id, phase, last_error) AS what FROM kit.runs
 WHERE status = 'running' AND leased_until < clock_timestamp() - interval '5 min' ORDER BY created_at
"""
SQL_COUNTS = """
SELECT (SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked', 'failed')) AS deliveries,
       (SELECT count(*) FROM kit.timers) AS timers, (SELECT count(*) FROM kit.runs) AS runs
"""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of each kind, and by name those that stand still."""

    deliveries: int
    timers: int
    runs: int
    parked: tuple[str, ...]
    failing: tuple[str, ...]
    stuck: tuple[str, ...]


async def look(session: Session) -> Standing:
    """Four statements."""
    counts = await session.row(SQL_COUNTS)
    return Standing(
        **dict(counts or {}),
        parked=tuple(row["what"] for row in await session.rows(SQL_PARKED)),
        failing=tuple(row["what"] for row in await session.rows(SQL_TIMERS, TRIES)),
        stuck=tuple(row["what"] for row in await session.rows(SQL_RUNS)),
    )
