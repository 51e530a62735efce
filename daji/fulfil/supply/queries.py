"""What is announced, and how far it is."""

from __future__ import annotations

from uuid import UUID

from daji.fulfil.supply import store
from daji.fulfil.supply.facts import Notice
from daji.kit.db import Session
from daji.kit.problems import NotFound


async def get_notice(session: Session, *, notice_id: UUID) -> Notice:
    """One notice with its lines, in one statement. Raises NotFound."""
    found = await store.find(session, notice_id=notice_id)
    if found is None:
        raise NotFound
    return found
