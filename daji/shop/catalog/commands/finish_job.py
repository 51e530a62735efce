"""Close an import whose source has been read to its end."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.kit.problems import NotFound
from daji.shop.catalog.facts import ImportJob
from daji.shop.catalog.store import jobs


async def finish_job(tx: Tx, *, job_id: UUID, now: datetime) -> ImportJob:
    """Mark the job done; one that has ended already is given back as it is. Raises NotFound."""
    await jobs.finish(tx, job_id=job_id, now=now)
    finished = await jobs.job(tx, job_id)
    if finished is None:
        raise NotFound(kind="job")
    return finished
