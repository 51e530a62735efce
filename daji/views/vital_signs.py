"""The few figures that alarms stand on, cheap enough to be asked every quarter of a minute on a big shop.

Counts stop at `MOST`: an alarm needs to know that it is too many, not how many exactly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from daji.kit.db import Session

MOST = 10_000
TENDERS_BEGAN = timedelta(minutes=20)
TENDERS_ENDED = timedelta(minutes=5)
"""Which tenders count: begun this long ago, so that who pays slowly is not counted as refused."""

SQL_QUEUES = """
SELECT (SELECT count(*) FROM pgqueuer WHERE entrypoint = 'outbox.deliver' AND status IN ('queued', 'picked'))
           AS outbox_waiting,
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created)), 0)::float8 FROM pgqueuer
         WHERE entrypoint = 'outbox.deliver' AND status IN ('queued', 'picked')) AS outbox_oldest_s,
       (SELECT count(*) FROM pgqueuer WHERE status = 'failed') AS parked,
       (SELECT count(*) FROM kit.timers WHERE due_at < $1) AS timers_overdue,
       (SELECT coalesce(extract(epoch FROM $1 - min(due_at)), 0)::float8 FROM kit.timers WHERE due_at < $1)
           AS timers_oldest_s,
       (SELECT count(*) FROM kit.runs WHERE status = 'running' AND leased_until < clock_timestamp()) AS runs_stale,
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM kit.runs
         WHERE status = 'running' AND leased_until < clock_timestamp()) AS runs_oldest_s,
       (SELECT count(*) FROM kit.heartbeat WHERE kind = 'worker' AND seen_at > clock_timestamp() - interval '20 s')
           AS workers_alive,
       (SELECT count(*) FROM kit.heartbeat WHERE seen_at < clock_timestamp() - interval '20 s') AS processes_silent
"""
SQL_DATABASE = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::float8
           / current_setting('max_connections')::float8 AS connections_share,
       (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()) AS longest_transaction_s,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
           AS waiting_for_locks,
       pg_database_size(current_database()) AS bytes,
       (SELECT coalesce(max(age(datfrozenxid)), 0) FROM pg_database)::float8 / 2000000000 AS wraparound_share
"""
SQL_CARRIED = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - o.recorded_at)), 0)::float8
  FROM kit.carriage c
  JOIN LATERAL (SELECT recorded_at FROM kit.outbox WHERE seq > c.seq ORDER BY seq LIMIT 1) o ON true
 WHERE c.seen_at > clock_timestamp() - interval '5 min'
"""
SQL_TENDERS = """
SELECT count(*) FILTER (WHERE status = 'captured') AS captured,
       count(*) FILTER (WHERE status = 'declined') AS declined,
       count(*) FILTER (WHERE status IN ('created', 'unknown')) AS unknown
  FROM payments.tender WHERE id BETWEEN $1 AND $2
"""
SQL_OVERSOLD = "SELECT coalesce(sum(held - on_hand), 0)::bigint FROM inventory.balance WHERE held > on_hand"
SQL_LATE = """
SELECT count(*) FROM (
    SELECT 1 FROM orders."order" WHERE delivery IN ('released', 'picking', 'packed', 'shipped')
       AND status NOT IN ('cancelled', 'closed') AND promised_by < $1 AND placed_at > $1 - interval '60 days' LIMIT $2
) AS late
"""


class VitalSigns(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, counts, bytes and shares of one; `tenders_*` are those begun in the period that was asked for."""

    outbox_waiting: int
    outbox_oldest_s: float
    parked: int
    timers_overdue: int
    timers_oldest_s: float
    runs_stale: int
    runs_oldest_s: float
    workers_alive: int
    processes_silent: int
    connections_share: float
    longest_transaction_s: float
    waiting_for_locks: int
    bytes: int
    wraparound_share: float
    replica_lag_s: float
    carrier_behind_s: float


class SlowSigns(msgspec.Struct, frozen=True, kw_only=True):
    """What takes a look at larger tables: asked once a minute."""

    captured: int
    declined: int
    unknown: int
    oversold: int
    late: int


async def get_vital_signs(session: Session, *, at: datetime, behind_s: float) -> VitalSigns:
    """Three statements; `behind_s` is how far the reading server is behind."""
    queues, database = await session.row(SQL_QUEUES, at), await session.row(SQL_DATABASE)
    carried = float(await session.value(SQL_CARRIED))
    return VitalSigns(
        **dict(queues or {}), **dict(database or {}), replica_lag_s=behind_s, carrier_behind_s=carried
    )


def first_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


async def get_slow_signs(session: Session, *, at: datetime) -> SlowSigns:
    """Three statements; the ids of tenders begin with their time, so the newest are found without an index of it."""
    tenders = await session.row(SQL_TENDERS, first_id(at - TENDERS_BEGAN), first_id(at - TENDERS_ENDED))
    return SlowSigns(
        **dict(tenders or {}),
        oversold=int(await session.value(SQL_OVERSOLD)),
        late=int(await session.value(SQL_LATE, at, MOST)),
    )
