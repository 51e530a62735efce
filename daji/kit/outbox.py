"""Outbox and inbox: a fact commits with the change that made it true, and each listener hears it once.

The outbox row and the delivery jobs are written on the very connection whose transaction makes the change; on any
other connection a job would survive the rollback. One job per (event, listener), so that a failing listener holds
up nobody else; the inbox row, written with the listener's own change, makes the second delivery a no-op.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import msgspec

from daji.kit import events, ids, telemetry, tracing

if TYPE_CHECKING:
    from daji.kit.db.pool import Database
    from daji.kit.db.session import Tx

E = TypeVar("E", bound=events.Event)

ENTRYPOINT = "outbox.deliver"

SQL_ADD = """
INSERT INTO kit.outbox (id, topic, version, subject, payload, occurred_at, request_id, trace)
SELECT i, t, v, s, p::jsonb, o, q, w
  FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::text[], $6::timestamptz[], $7::text[], $8::text[])
       AS e(i, t, v, s, p, o, q, w)
"""
SQL_LOAD = "SELECT topic, version, subject, payload::text AS payload, occurred_at, trace FROM kit.outbox WHERE id = $1"
SQL_RECEIVE = """
INSERT INTO kit.inbox (listener, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING event_id
"""
SQL_LIST_BY_SUBJECT = """
SELECT id, topic, version, payload::text AS payload, occurred_at FROM kit.outbox
 WHERE subject = $1 ORDER BY seq
"""
SQL_LAG = """
SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created)), 0)::float8 AS oldest_s
  FROM pgqueuer WHERE entrypoint = 'outbox.deliver' AND status IN ('queued', 'picked')
"""
SQL_HELD = "SELECT count(*) FROM pgqueuer WHERE status = 'failed'"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of a delivery job."""

    event_id: UUID
    listener: str


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener is told besides the event itself."""

    event_id: UUID
    subject: UUID
    occurred_at: datetime
    now: datetime


Reaction = Callable[["Tx", E, Heard], Awaitable[None]]


class Listeners:
    """Who hears what; filled by `boot`, read by the flush and by the worker."""

    def __init__(self) -> None:
        self._by_topic: dict[tuple[str, int], list[str]] = {}
        self._reactions: dict[str, Reaction[events.Event]] = {}

    def on(self, kind: type[E], name: str, reaction: Reaction[E]) -> None:
        """Register `reaction` under a unique, stable `name`; the name is the inbox key, never reuse one."""
        if name in self._reactions:
            raise ValueError(f"listener {name!r} is registered twice")
        self._reactions[name] = reaction  # type: ignore[assignment]
        self._by_topic.setdefault((kind.topic, kind.version), []).append(name)

    def names(self, event: events.Event) -> tuple[str, ...]:
        return tuple(self._by_topic.get((event.topic, event.version), ()))

    def reaction(self, name: str) -> Reaction[events.Event]:
        return self._reactions[name]


Added = list[tuple[UUID, UUID, events.Event, datetime]]
"""Events with the ids they get: (id, subject, event, occurred at)."""


def gathered(tx: Tx) -> Added:
    """Take the events a transaction gathered."""
    added = [(ids.new_id(), subject, event, at) for subject, event, at in tx.events]
    tx.events.clear()
    tx.told += added
    return added


def columns(added: Added) -> tuple[list[object], ...]:
    """The events as the columns that `SQL_ADD` takes first."""
    return (
        [row[0] for row in added],
        [row[2].topic for row in added],
        [row[2].version for row in added],
        [row[1] for row in added],
        [msgspec.json.encode(row[2]).decode() for row in added],
        [row[3] for row in added],
    )


def requests(tx: Tx, added: Added) -> tuple[list[str | None], list[str | None]]:
    """The request and the trace that each event belongs to, as the columns that `SQL_ADD` takes last."""
    known: dict[UUID, tuple[str | None, str | None]] = {}
    here = (telemetry.request_id(), telemetry.trace_parent()) if added else (None, None)
    found: list[tuple[str | None, str | None]] = []
    for _, subject, _, _ in added:
        context = tx.contexts.get(subject)
        if context is None:
            found.append(here)
            continue
        if subject not in known:
            known[subject] = (context.run(telemetry.request_id), context.run(telemetry.trace_parent))
        found.append(known[subject])
    return [request for request, _ in found], [trace for _, trace in found]


async def flush(tx: Tx, listeners: Listeners) -> None:
    """Write the events a transaction gathered, and one delivery job per listener, in two statements."""
    if not tx.events:
        return
    added = gathered(tx)
    await tx.execute(SQL_ADD, *columns(added), *requests(tx, added))
    await enqueue(tx, listeners, added)


async def enqueue(tx: Tx, listeners: Listeners, added: Added) -> None:
    """Add one job per event and listener, on the transaction's own connection."""
    jobs = [Delivery(event_id=row[0], listener=name) for row in added for name in listeners.names(row[2])]
    if jobs:
        # Ten megabytes with all that it imports, which processes whose events nobody waits for need not hold.
        from pgqueuer.queries import Queries  # noqa: PLC0415 - see above

        tx.note("-- pgqueuer: enqueue")
        await Queries.from_asyncpg_connection(tx.connection).enqueue(  # type: ignore[arg-type]
            [ENTRYPOINT] * len(jobs), [msgspec.json.encode(job) for job in jobs], [0] * len(jobs)
        )


async def deliver(db: Database, listeners: Listeners, payload: bytes, *, now: datetime) -> bool:
    """Run one delivery; False when this listener had already heard the event."""
    job = msgspec.json.decode(payload, type=Delivery)
    reaction = listeners.reaction(job.listener)

    async def work(tx: Tx) -> bool:
        if await tx.value(SQL_RECEIVE, job.listener, job.event_id) is None:
            return False
        row = await tx.row(SQL_LOAD, job.event_id)
        if row is None:
            raise LookupError(f"outbox row {job.event_id} is gone")
        event = events.decode(row["topic"], row["version"], row["payload"])
        heard = Heard(event_id=job.event_id, subject=row["subject"], occurred_at=row["occurred_at"], now=now)
        with tracing.hearing(row["trace"], topic=row["topic"], listener=job.listener):
            await reaction(tx, event, heard)
        return True

    return await db.run(work)
