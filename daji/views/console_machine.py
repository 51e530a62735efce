"""How the machinery behind the shop is doing: events, timers, journeys that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit.db import Session
from daji.kit.outbox import Delivery

_SHOWN = 50

SQL_LAG = """
SELECT count(*) FILTER (WHERE status IN ('queued', 'picked')) AS waiting,
       coalesce(extract(epoch FROM clock_timestamp() - min(created) FILTER (WHERE status IN ('queued', 'picked'))), 0)::bigint
           AS oldest_s,
       count(*) FILTER (WHERE status = 'failed') AS parked
  FROM pgqueuer WHERE entrypoint = 'outbox.deliver'
"""
SQL_PARKED = """
SELECT id, created, payload FROM pgqueuer WHERE status = 'failed' AND entrypoint = 'outbox.deliver'
 ORDER BY id DESC LIMIT $1
"""
SQL_EVENTS = "SELECT id, topic, subject, occurred_at FROM kit.outbox WHERE id = ANY($1::uuid[])"
SQL_TIMERS = """
SELECT kind, count(*) AS waiting, count(*) FILTER (WHERE due_at < $1) AS overdue,
       count(*) FILTER (WHERE attempts > 0 AND last_error IS NOT NULL) AS failing, min(due_at) AS next_due
  FROM kit.timers GROUP BY kind ORDER BY kind
"""
SQL_RUNS = """
SELECT flow, count(*) AS open, count(*) FILTER (WHERE leased_until < clock_timestamp()) AS stale,
       max(attempts) AS most_attempts, min(created_at) AS oldest
  FROM kit.runs WHERE status = 'running' GROUP BY flow ORDER BY flow
"""


class Parked(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a listener failed to take, after all tries."""

    job_id: int
    listener: str
    topic: str | None
    subject: UUID | None
    occurred_at: datetime | None


class TimerKind(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    waiting: int
    overdue: int
    failing: int
    next_due: datetime


class OpenRuns(msgspec.Struct, frozen=True, kw_only=True):
    """Journeys under way; `stale` ones wait for the janitor."""

    flow: str
    open: int
    stale: int
    most_attempts: int
    oldest: datetime


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """`oldest_s` is the age of the oldest undelivered event, in seconds; at most 50 parked ones are shown."""

    waiting: int
    oldest_s: int
    parked_count: int
    parked: tuple[Parked, ...]
    timers: tuple[TimerKind, ...]
    runs: tuple[OpenRuns, ...]


async def get_machine(session: Session, *, at: datetime) -> Machine:
    """Four statements, five when something is parked."""
    lag = await session.row(SQL_LAG)
    if lag is None:
        raise AssertionError("an aggregate has a row")
    return Machine(
        waiting=lag["waiting"],
        oldest_s=lag["oldest_s"],
        parked_count=lag["parked"],
        parked=await _parked(session),
        timers=tuple(TimerKind(**dict(row)) for row in await session.rows(SQL_TIMERS, at)),
        runs=tuple(OpenRuns(**dict(row)) for row in await session.rows(SQL_RUNS)),
    )


async def _parked(session: Session) -> tuple[Parked, ...]:
    jobs = [(row["id"], _delivery(row["payload"])) for row in await session.rows(SQL_PARKED, _SHOWN)]
    wanted = [delivery.event_id for _, delivery in jobs if delivery is not None]
    rows = await session.rows(SQL_EVENTS, wanted) if wanted else []
    events: dict[UUID, Any] = {row["id"]: row for row in rows}
    found = []
    for job_id, delivery in jobs:
        event = events.get(delivery.event_id) if delivery is not None else None
        found.append(
            Parked(
                job_id=job_id,
                listener=delivery.listener if delivery is not None else "",
                topic=event["topic"] if event else None,
                subject=event["subject"] if event else None,
                occurred_at=event["occurred_at"] if event else None,
            )
        )
    return tuple(found)


def _delivery(payload: bytes | None) -> Delivery | None:
    try:
        return msgspec.json.decode(payload or b"", type=Delivery)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
