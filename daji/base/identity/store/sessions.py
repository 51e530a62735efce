"""Sessions, bearer tokens and API keys: one table, since all are a secret that stands for an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.identity.facts import Realm, SessionInfo, SessionKind
from daji.kit.db import Session, Tx

# The share lock makes a sign-in wait for a change of password under way and then see that it came too late.
SQL_OPEN = """
INSERT INTO identity.session
       (id, account_id, kind, token_hash, label, permissions, created_at, seen_at, expires_at, ends_at)
SELECT $1, a.id, $4, $5, $6, $7::text[], $8, $8, $9, $10
  FROM (SELECT id FROM identity.account
         WHERE id = $2 AND active AND ($3::text IS NULL OR password_hash = $3) FOR SHARE) AS a
"""
SQL_AUTHENTICATE = """
SELECT s.id, s.kind, s.account_id, s.permissions, s.seen_at, a.kind AS realm,
       array(SELECT r.role FROM identity.staff_role r WHERE r.account_id = a.id) AS roles,
       (SELECT jsonb_object_agg(c.role, c.permissions) FROM identity.role_setting c WHERE a.kind = 'staff') AS custom
  FROM identity.session s JOIN identity.account a ON a.id = s.account_id
 WHERE s.token_hash = $1 AND s.kind = ANY($2::text[]) AND s.revoked_at IS NULL AND s.expires_at > $3 AND a.active
"""
SQL_RENEW = """
UPDATE identity.session SET seen_at = $2, expires_at = least($2 + $3::interval, ends_at)
 WHERE id = $1 AND seen_at < $2 AND revoked_at IS NULL AND expires_at > $2
RETURNING expires_at
"""
SQL_REVOKE_TOKEN = "UPDATE identity.session SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL"  # noqa: S105 - SQL
SQL_REVOKE_ONE = """
UPDATE identity.session SET revoked_at = $3 WHERE id = $2 AND account_id = $1 AND revoked_at IS NULL
"""
SQL_REVOKE_ALL = """
UPDATE identity.session SET revoked_at = $3
 WHERE account_id = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL AND expires_at > $3
"""
SQL_LIST = """
SELECT id, kind, label, permissions, created_at, seen_at, expires_at FROM identity.session
 WHERE account_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT $3
"""
SQL_PURGE = "DELETE FROM identity.session WHERE expires_at < $1 OR revoked_at < $1"


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """`verified_hash` is the password that was checked: a session is not opened when it has changed since."""

    id: UUID
    account_id: UUID
    kind: SessionKind
    token_hash: bytes
    verified_hash: str | None
    expires_at: datetime
    ends_at: datetime
    label: str = ""
    permissions: Sequence[str] | None = None


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """A session that stands, with the roles its account holds today, and what the shop gave to roles itself."""

    id: UUID
    kind: SessionKind
    account_id: UUID
    permissions: Sequence[str] | None
    seen_at: datetime
    realm: Realm
    roles: Sequence[str]
    custom: Mapping[str, Sequence[str]] | None


async def open_session(tx: Tx, new: NewSession, now: datetime) -> bool:
    """Open a session; False when the account is closed or its password is another one by now."""
    tx.locking("identity.account")
    opened = await tx.execute(
        SQL_OPEN,
        new.id,
        new.account_id,
        new.verified_hash,
        new.kind,
        new.token_hash,
        new.label,
        None if new.permissions is None else list(new.permissions),
        now,
        new.expires_at,
        new.ends_at,
    )
    return opened == 1


async def authenticate(
    session: Session, token_hash: bytes, kinds: Sequence[SessionKind], now: datetime
) -> Live | None:
    row = await session.row(SQL_AUTHENTICATE, token_hash, list(kinds), now)
    return None if row is None else Live(**row)


async def renew(tx: Tx, session_id: UUID, *, idle: object, now: datetime) -> datetime | None:
    """Push the idle end on, never past the final end; None when there was nothing to push."""
    expires_at: datetime | None = await tx.value(SQL_RENEW, session_id, now, idle)
    return expires_at


async def revoke_token(tx: Tx, token_hash: bytes, now: datetime) -> bool:
    return await tx.execute(SQL_REVOKE_TOKEN, token_hash, now) == 1


async def revoke_one(tx: Tx, account_id: UUID, session_id: UUID, now: datetime) -> bool:
    """Only the account's own (U-114)."""
    return await tx.execute(SQL_REVOKE_ONE, account_id, session_id, now) == 1


async def revoke_all(tx: Tx, account_id: UUID, *, keep: UUID | None, now: datetime) -> int:
    return await tx.execute(SQL_REVOKE_ALL, account_id, keep, now)


async def list_live(session: Session, account_id: UUID, now: datetime, limit: int) -> tuple[SessionInfo, ...]:
    rows = await session.rows(SQL_LIST, account_id, now, limit)
    return tuple(
        SessionInfo(
            id=row["id"],
            kind=row["kind"],
            label=row["label"],
            permissions=None if row["permissions"] is None else tuple(row["permissions"]),
            created_at=row["created_at"],
            seen_at=row["seen_at"],
            expires_at=row["expires_at"],
        )
        for row in rows
    )


async def purge(tx: Tx, before: datetime) -> int:
    return await tx.execute(SQL_PURGE, before)
