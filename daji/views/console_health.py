"""Is the machinery well: database, workers, queue, timers, journeys. Figures only; what to do is the face's to say."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from daji.kit import heartbeats
from daji.kit.db import Session, health
from daji.kit.heartbeats import Heartbeat
from daji.views.console_machine import Machine, get_machine

_SHOWN = 50

SQL_DATABASE = """
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
       current_setting('max_connections')::int AS most_connections,
       coalesce((SELECT extract(epoch FROM max(clock_timestamp() - a.xact_start))::bigint FROM pg_stat_activity a
                  WHERE a.datname = current_database() AND a.xact_start IS NOT NULL
                    AND a.pid <> pg_backend_pid()), 0) AS longest_transaction_s,
       (SELECT count(*) FROM pg_stat_activity a
         WHERE a.datname = current_database() AND a.wait_event_type = 'Lock') AS waiting_for_locks
"""
SQL_JOBS = (
    "SELECT entrypoint, status::text AS status, count(*) AS jobs FROM pgqueuer GROUP BY 1, 2 ORDER BY 1, 2"
)
SQL_STUCK_RUNS = """
SELECT id, flow, phase, attempts, last_error, created_at, updated_at FROM kit.runs
 WHERE status = 'running' AND (leased_until < clock_timestamp() - interval '60 s' OR last_error IS NOT NULL)
 ORDER BY created_at LIMIT $1
"""
SQL_FAILING_TIMERS = """
SELECT id, kind, subject, due_at, attempts, last_error FROM kit.timers
 WHERE attempts > 0 AND last_error IS NOT NULL ORDER BY due_at LIMIT $1
"""


class DatabaseHealth(msgspec.Struct, frozen=True, kw_only=True):
    """`revision` is the schema's, `expected` this program's; bytes, seconds and counts."""

    version: str
    revision: str
    expected: str
    bytes: int
    connections: int
    most_connections: int
    longest_transaction_s: int
    waiting_for_locks: int


class JobCount(msgspec.Struct, frozen=True, kw_only=True):
    entrypoint: str
    status: str
    jobs: int


class StuckRun(msgspec.Struct, frozen=True, kw_only=True):
    """A journey whose process died, or that failed and waits for its next try."""

    id: UUID
    flow: str
    phase: str
    attempts: int
    last_error: str | None
    created_at: datetime
    updated_at: datetime


class FailingTimer(msgspec.Struct, frozen=True, kw_only=True):
    """A timer whose work failed and is tried again with growing pauses."""

    id: UUID
    kind: str
    due_at: datetime
    attempts: int
    last_error: str


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """At most 50 of each list, the oldest first."""

    database: DatabaseHealth
    processes: tuple[Heartbeat, ...]
    silent_after_s: int
    jobs: tuple[JobCount, ...]
    machine: Machine
    stuck_runs: tuple[StuckRun, ...]
    failing_timers: tuple[FailingTimer, ...]


async def get_health(session: Session, *, at: datetime, expected: str) -> Health:
    """Ten statements, eleven when something is parked; `expected` is the revision this program was made for."""
    found: dict[str, Any] = dict(await session.row(SQL_DATABASE) or {})
    return Health(
        database=DatabaseHealth(**found, revision=await health.revision(session), expected=expected),
        processes=await heartbeats.heard(session),
        silent_after_s=heartbeats.SILENT_SECONDS,
        jobs=tuple(JobCount(**dict(row)) for row in await session.rows(SQL_JOBS)),
        machine=await get_machine(session, at=at),
        stuck_runs=tuple(StuckRun(**dict(row)) for row in await session.rows(SQL_STUCK_RUNS, _SHOWN)),
        failing_timers=tuple(
            FailingTimer(
                id=row["id"],
                kind=row["kind"],
                due_at=row["due_at"],
                attempts=row["attempts"],
                last_error=row["last_error"],
            )
            for row in await session.rows(SQL_FAILING_TIMERS, _SHOWN)
        ),
    )
