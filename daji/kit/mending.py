"""What a person does about work that stands still: a parked delivery is sent again or given up, a run is resumed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from daji.kit.problems import NotFound

if TYPE_CHECKING:
    from daji.kit.db.session import Tx

SQL_RETRY = """
UPDATE pgqueuer SET status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = NULL
 WHERE id = $1 AND status = 'failed' RETURNING entrypoint, convert_from(payload, 'UTF8') AS payload
"""
SQL_DISCARD = """
DELETE FROM pgqueuer WHERE id = $1 AND status = 'failed'
RETURNING entrypoint, convert_from(payload, 'UTF8') AS payload
"""
SQL_RESUME = """
UPDATE kit.runs SET leased_until = clock_timestamp(), updated_at = clock_timestamp()
 WHERE id = $1 AND status = 'running' AND (leased_until < clock_timestamp() OR last_error IS NOT NULL) RETURNING flow
"""
SQL_WAKE = """
UPDATE kit.timers SET leased_until = NULL, attempts = 0 WHERE id = $1 AND attempts > 0 RETURNING kind
"""


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """What was set going again, or given up: a queue's entrypoint, a flow's name or a timer's kind."""

    what: str
    payload: str | None = None


async def retry_job(tx: Tx, *, job_id: int) -> Mended:
    """Deliver a parked event again, with all its tries. Raises NotFound when it is not parked."""
    row = await tx.row(SQL_RETRY, job_id)
    if row is None:
        raise NotFound
    return Mended(what=row["entrypoint"], payload=row["payload"])


async def discard_job(tx: Tx, *, job_id: int) -> Mended:
    """Give a parked delivery up; the event stays in the outbox. Raises NotFound when it is not parked."""
    row = await tx.row(SQL_DISCARD, job_id)
    if row is None:
        raise NotFound
    return Mended(what=row["entrypoint"], payload=row["payload"])


async def resume_run(tx: Tx, *, run_id: UUID) -> Mended:
    """Let the janitor take a stuck run on its next round. Raises NotFound when it is at work or has ended."""
    flow: str | None = await tx.value(SQL_RESUME, run_id)
    if flow is None:
        raise NotFound
    return Mended(what=flow)


async def wake_timer(tx: Tx, *, timer_id: UUID) -> Mended:
    """Let a failing timer fire at once. Raises NotFound when it has not failed."""
    kind: str | None = await tx.value(SQL_WAKE, timer_id)
    if kind is None:
        raise NotFound
    return Mended(what=kind)
