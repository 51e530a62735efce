"""End, renew and clean up sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from daji.base.identity import rules, tokens
from daji.base.identity.facts import Realm
from daji.base.identity.store import sessions as store
from daji.base.identity.store import throttle
from daji.kit.db import Tx
from daji.kit.problems import NotFound

KEEP_ENDED = timedelta(days=30)


async def logout(tx: Tx, *, token: str, now: datetime) -> None:
    """End the session or token; unknown and ended ones are fine."""
    if tokens.well_formed(token):
        await store.revoke_token(tx, tokens.digest(token), now)


async def renew_session(tx: Tx, *, realm: Realm, session_id: UUID, now: datetime) -> datetime | None:
    """Push a web session's end on; the new end, or None when it needs none or has ended meanwhile."""
    return await store.renew(tx, session_id, idle=rules.lifetime(realm, "web").idle, now=now)


async def revoke_session(tx: Tx, *, account_id: UUID, session_id: UUID, now: datetime) -> None:
    """End one of the account's own sessions, tokens or keys; NotFound for anybody else's (U-114)."""
    if not await store.revoke_one(tx, account_id, session_id, now):
        raise NotFound


async def revoke_sessions(tx: Tx, *, account_id: UUID, now: datetime, keep: UUID | None = None) -> int:
    """End everything that stands for the account, but for `keep`; how many ended."""
    return await store.revoke_all(tx, account_id, keep=keep, now=now)


async def purge(tx: Tx, *, now: datetime) -> int:
    """Drop sessions that ended a month ago and buckets that are quiet; how many rows went."""
    return await store.purge(tx, now - KEEP_ENDED) + await throttle.purge(tx, now)
