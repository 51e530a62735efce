"""Begin to import a source."""

from __future__ import annotations

from datetime import datetime

from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.catalog.facts import ImportJob
from daji.shop.catalog.problems import JobRunning
from daji.shop.catalog.store import jobs


async def start_job(tx: Tx, *, source: str, digest: str, by: str, now: datetime) -> ImportJob:
    """Open a job at position 0; one of the same digest that still runs is abandoned, and can advance no more.

    Raises
    ------
    JobRunning
        A rival opened one at this very moment.
    """
    await jobs.abandon(tx, digest, now)
    job_id = ids.new_id()
    if not await jobs.insert(tx, job_id=job_id, source=source, digest=digest, by=by, now=now):
        raise JobRunning
    started = await jobs.job(tx, job_id)
    if started is None:
        raise NotFound(kind="job")
    return started
