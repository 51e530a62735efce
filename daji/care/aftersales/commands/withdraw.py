"""Take a wish back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.aftersales import store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.facts import Case
from daji.kit.db import Tx


async def withdraw(tx: Tx, *, case_id: UUID, by: str, now: datetime) -> Case:
    """Move requested or approved to withdrawn; its units are free again. Raises NoCase, IllegalTransition."""
    return await take_step(tx, await store.lock(tx, case_id), "withdraw", by=by, now=now)
