"""Help somebody in who forgot their password, or shut out whoever has their things."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.identity.commands import giving
from daji.base.identity.commands.passwords import set_password
from daji.base.identity.facts import Staff
from daji.base.identity.passwords import Passwords
from daji.base.identity.permissions import permissions_of
from daji.base.identity.store import sessions
from daji.base.identity.store import staff as store
from daji.kit.db import Tx
from daji.kit.problems import NotFound


async def set_staff_password(
    tx: Tx,
    *,
    staff_id: UUID,
    password: str,
    by: UUID | None,
    now: datetime,
    passwords: Passwords | None = None,
) -> Staff:
    """Give somebody a password to begin with; everything that stood for them ends.

    Raises
    ------
    NotFound, Invalid
        No such active member of staff; a password that is easily guessed.
    BeyondGiver
        Nobody gets into the account of somebody who holds more.
    """
    staff = await _within_reach(tx, staff_id, by)
    await set_password(tx, account_id=staff_id, password=password, now=now, passwords=passwords)
    return staff


async def end_staff_sessions(
    tx: Tx, *, staff_id: UUID, session_id: UUID | None, by: UUID | None, now: datetime
) -> int:
    """End one session, token or key of somebody, or with None all of them; how many ended.

    Raises
    ------
    NotFound
        No such member of staff, or no such live session of theirs.
    BeyondGiver
    """
    await _within_reach(tx, staff_id, by)
    if session_id is None:
        return await sessions.revoke_all(tx, staff_id, keep=None, now=now)
    if not await sessions.revoke_one(tx, staff_id, session_id, now):
        raise NotFound
    return 1


async def _within_reach(tx: Tx, staff_id: UUID, by: UUID | None) -> Staff:
    await store.lock_roles(tx)
    staff = await store.get(tx, staff_id)
    if staff is None:
        raise NotFound
    await giving.check(tx, by, lambda custom: permissions_of(staff.roles, custom))
    return staff
