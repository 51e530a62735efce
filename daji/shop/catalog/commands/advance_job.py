"""Note how far an import has come, in the transaction of the batch it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.shop.catalog.ports import RowError
from daji.shop.catalog.problems import JobMoved
from daji.shop.catalog.store import jobs

MAX_STORED_ERRORS = 1_000
"""A file that is wrong throughout would otherwise fill the table; the counts stay exact."""


async def advance_job(
    tx: Tx,
    *,
    job_id: UUID,
    since: int,
    position: int,
    ok: int,
    failed: int,
    errors: Sequence[RowError],
    now: datetime,
) -> None:
    """Move the job from `since` to `position`, of which `ok` rows were taken and `failed` refused.

    Raises
    ------
    JobMoved
        The job is not at `since`: another process works on it, and this batch must not count.
    """
    if not await jobs.advance(
        tx, job_id=job_id, since=since, position=position, ok=ok, failed=failed, now=now
    ):
        raise JobMoved
    if errors:
        await jobs.add_errors(tx, job_id=job_id, errors=errors, maximum=MAX_STORED_ERRORS)
