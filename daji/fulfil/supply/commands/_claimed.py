"""What every verb begins with: the notice, locked, in a state that allows it."""

from __future__ import annotations

from uuid import UUID

from daji.fulfil.supply import store
from daji.fulfil.supply.errors import NoticeEnded
from daji.fulfil.supply.facts import Status
from daji.fulfil.supply.states import NOTICE
from daji.kit.db import Tx
from daji.kit.problems import NotFound


async def locked(tx: Tx, *, notice_id: UUID, verb: str) -> Status:
    """Lock a notice and say where it is. Raises NotFound, and NoticeEnded when it is too late for `verb`."""
    status = await store.lock(tx, notice_id)
    if status is None:
        raise NotFound
    if not NOTICE.allows(status, verb):
        raise NoticeEnded(notice_status=status)
    return status
