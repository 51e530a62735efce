"""Claim the right to refund a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.aftersales import store
from daji.care.aftersales.commands.moving import take_step
from daji.care.aftersales.facts import Case
from daji.kit.db import Tx


async def start_refund(tx: Tx, *, case_id: UUID, now: datetime, by: str = "system") -> Case:
    """Move received, or approved when no goods come back, to refunding: whoever wins may send the money.

    Raises
    ------
    NoCase, IllegalTransition
    """
    return await take_step(tx, await store.lock(tx, case_id), "start_refund", by=by, now=now)
