"""Say yes to a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.aftersales import store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.facts import Case
from daji.kit.db import Tx


async def approve(tx: Tx, *, case_id: UUID, by: str, now: datetime, note: str = "") -> Case:
    """Move requested to approved: of two who decide at once, one wins. Raises NoCase, IllegalTransition."""
    return await take_step(tx, await store.lock(tx, case_id), "approve", by=by, note=note, now=now)
