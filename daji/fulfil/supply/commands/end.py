"""A notice ends before everything came: the rest will not come, or nothing of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from daji.fulfil.supply import store
from daji.fulfil.supply.commands._claimed import locked
from daji.fulfil.supply.facts import Notice
from daji.fulfil.supply.queries import get_notice
from daji.kit.db import Tx


async def end(tx: Tx, *, notice_id: UUID, verb: Literal["close", "cancel"], now: datetime) -> Notice:
    """Close a notice, or cancel one of which nothing came yet. Raises NotFound and NoticeEnded."""
    status = await locked(tx, notice_id=notice_id, verb=verb)
    await store.move(tx, notice_id=notice_id, status=status, verb=verb, now=now)
    return await get_notice(tx, notice_id=notice_id)
