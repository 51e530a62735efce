"""Timers: rows that ask to be woken at a business time, fired by whichever clock is in charge.

A worker fires them with the real clock, a replay or a journey test with a simulated one (ADR 0009). A claim is a
lease in the database's own time, so that a killed worker's timer comes back; the row goes when its work is done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog

from daji.kit import ids

if TYPE_CHECKING:
    from daji.kit.db.pool import Database
    from daji.kit.db.session import Tx

log = structlog.get_logger(__name__)

Handler = Callable[[UUID, datetime], Awaitable[None]]
"""Work of one timer: (subject, now). Idempotent, since a lease may run out while it works."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A timer whose time has come."""

    id: UUID
    kind: str
    subject: UUID
    due_at: datetime


Together = Callable[[Sequence[Due]], Awaitable[None]]
"""Work of many timers of one kind, each at the time it was due for. Idempotent as well."""

LEASE_SECONDS = 120
RETRY_SECONDS = 30

SQL_SET = """
INSERT INTO kit.timers (id, kind, subject, due_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[])
ON CONFLICT (kind, subject) DO UPDATE
   SET due_at = excluded.due_at, leased_until = NULL, attempts = 0, last_error = NULL
"""
SQL_CLEAR = """
DELETE FROM kit.timers t USING unnest($1::text[], $2::uuid[]) AS gone(kind, subject)
 WHERE t.kind = gone.kind AND t.subject = gone.subject
"""
SQL_CLAIM = """
UPDATE kit.timers SET leased_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
 WHERE id IN (SELECT id FROM kit.timers
               WHERE due_at <= $1 AND kind = ANY($4::text[])
                 AND (leased_until IS NULL OR leased_until < clock_timestamp())
               ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, subject, due_at, attempts
"""
SQL_DONE = "DELETE FROM kit.timers WHERE id = $1 AND due_at = $2"
SQL_FAILED = """
UPDATE kit.timers SET leased_until = clock_timestamp() + make_interval(secs => $2), last_error = $3 WHERE id = $1
"""
SQL_DUE = """
SELECT id, kind, subject, due_at FROM kit.timers
 WHERE due_at <= $1 AND kind = ANY($2::text[]) AND attempts < $3 ORDER BY due_at, id
"""
SQL_CLAIM_THESE = """
UPDATE kit.timers SET leased_until = clock_timestamp() + make_interval(secs => $2), attempts = attempts + 1
 WHERE id = ANY($1::uuid[]) AND (leased_until IS NULL OR leased_until < clock_timestamp())
RETURNING id
"""
SQL_DONE_THESE = """
DELETE FROM kit.timers t USING unnest($1::uuid[], $2::timestamptz[]) AS d(id, due_at)
 WHERE t.id = d.id AND t.due_at = d.due_at
"""
SQL_FAILED_THESE = """
UPDATE kit.timers SET leased_until = clock_timestamp() + make_interval(secs => $2), last_error = $3
 WHERE id = ANY($1::uuid[])
"""


class TimerChange(msgspec.Struct, frozen=True, kw_only=True):
    """A timer to set, or to clear when `due_at` is None."""

    kind: str
    subject: UUID
    due_at: datetime | None


class FireReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one round of firing did."""

    done: int
    failed: int


def last_words(tx: Tx) -> tuple[list[TimerChange], list[TimerChange]]:
    """Take the timers a transaction gathered: those to clear, those to set; the last word on a timer holds."""
    last = {(change.kind, change.subject): change for change in tx.timer_changes}
    tx.timer_changes.clear()
    return (
        [change for change in last.values() if change.due_at is None],
        [change for change in last.values() if change.due_at is not None],
    )


async def flush(tx: Tx) -> None:
    """Write the timers a transaction gathered."""
    if not tx.timer_changes:
        return
    gone, keep = last_words(tx)
    if gone:
        await tx.execute(SQL_CLEAR, [c.kind for c in gone], [c.subject for c in gone])
    if keep:
        await tx.execute(
            SQL_SET,
            [ids.new_id() for _ in keep],
            [c.kind for c in keep],
            [c.subject for c in keep],
            [c.due_at for c in keep],
        )


async def fire_due(
    db: Database, handlers: Mapping[str, Handler], *, now: datetime, limit: int = 50
) -> FireReport:
    """Run the work of every timer due at `now`, oldest first; each with `now` = the time it was due for.

    A handler that raises leaves its timer to be tried again after `RETRY_SECONDS`; the error stays on the row.
    """
    async with db.fresh() as session:
        claimed = await session.rows(SQL_CLAIM, now, limit, LEASE_SECONDS, list(handlers))
    done = failed = 0
    for row in sorted(claimed, key=lambda row: (row["due_at"], row["id"])):
        try:
            await handlers[row["kind"]](row["subject"], row["due_at"])
        except Exception as error:
            failed += 1
            log.exception(
                "timer_failed", kind=row["kind"], subject=str(row["subject"]), attempts=row["attempts"]
            )
            async with db.fresh() as session:
                await session.rows(SQL_FAILED, row["id"], RETRY_SECONDS * row["attempts"], repr(error)[:500])
        else:
            done += 1
            async with db.fresh() as session:
                await session.rows(SQL_DONE, row["id"], row["due_at"])
    return FireReport(done=done, failed=failed)


async def list_due(
    db: Database, kinds: tuple[str, ...], *, until: datetime, max_attempts: int = 3
) -> tuple[Due, ...]:
    """Timers due at `until` or before, oldest first; those that keep failing are left out, so that a replay cannot
    stand still.
    """
    async with db.fresh() as session:
        rows = await session.rows(SQL_DUE, until, list(kinds), max_attempts)
    return tuple(Due(**row) for row in rows)


async def fire_together(db: Database, handlers: Mapping[str, Together], chosen: Sequence[Due]) -> int:
    """Run the work of these timers, all of a kind at once; how many there were that nobody else is at.

    Raises
    ------
    Exception
        What a handler raised: its timers are tried again later, and say why on their rows.
    """
    async with db.fresh() as session:
        rows = await session.rows(SQL_CLAIM_THESE, [due.id for due in chosen], LEASE_SECONDS)
    claimed = {row["id"] for row in rows}
    mine = [due for due in chosen if due.id in claimed]
    for kind in dict.fromkeys(due.kind for due in mine):
        group = [due for due in mine if due.kind == kind]
        try:
            await handlers[kind](group)
        except Exception as error:
            log.exception("timers_failed", kind=kind, count=len(group))
            async with db.fresh() as session:
                ids_ = [due.id for due in group]
                await session.rows(SQL_FAILED_THESE, ids_, RETRY_SECONDS, repr(error)[:500])
            raise
        async with db.fresh() as session:
            await session.rows(SQL_DONE_THESE, [due.id for due in group], [due.due_at for due in group])
    return len(mine)


def one_by_one(handler: Handler) -> Together:
    """Have a handler of single timers take many, oldest first."""

    async def together(group: Sequence[Due]) -> None:
        for due in group:
            await handler(due.subject, due.due_at)

    return together
