"""Accounts: shoppers and staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.identity.facts import Realm, Shopper
from daji.base.identity.rules import Contact
from daji.kit.db import Row, Session, Tx

SQL_ADD = """
WITH added AS (
    INSERT INTO identity.account
           (id, kind, phone, email, name, lang, password_hash, created_at, updated_at, password_changed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8)
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT id, true AS added FROM added
UNION ALL
SELECT id, false FROM identity.account
 WHERE kind = $2 AND (phone = $3 OR email = $4) ORDER BY id
"""
SQL_BY_CONTACT = """
SELECT id, password_hash, lang FROM identity.account
 WHERE kind = $1 AND active AND (phone = $2 OR email = $3)
"""
SQL_PASSWORD_OF = "SELECT kind, phone, email, password_hash FROM identity.account WHERE id = $1 AND active"  # noqa: S105 - SQL
SQL_SET_PASSWORD = """
UPDATE identity.account SET password_hash = $3, password_changed_at = $4, updated_at = $4
 WHERE id = $1 AND active AND ($2::text IS NULL OR password_hash = $2)
"""  # noqa: S105 - SQL
SQL_REHASH = "UPDATE identity.account SET password_hash = $3 WHERE id = $1 AND password_hash = $2"
SQL_SHOPPERS = """
SELECT id, phone, email, name, lang, created_at FROM identity.account
 WHERE id = ANY($1::uuid[]) AND kind = 'shopper' ORDER BY id
"""
SQL_FIND_SHOPPER = """
SELECT id, phone, email, name, lang, created_at FROM identity.account
 WHERE kind = 'shopper' AND (phone = $1 OR email = $2)
"""
SQL_LIST_SHOPPERS = """
SELECT id, phone, email, name, lang, created_at FROM identity.account
 WHERE kind = 'shopper'
   AND ($1::text IS NULL OR strpos(lower(name), $1) > 0 OR strpos(email, $1) > 0 OR strpos(phone, $1) > 0)
   AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
 ORDER BY created_at DESC, id DESC LIMIT $4
"""
SQL_UPDATE_PROFILE = """
UPDATE identity.account SET name = $2, lang = $3, updated_at = $4
 WHERE id = $1 AND kind = 'shopper' AND active
RETURNING id, phone, email, name, lang, created_at
"""
SQL_SET_ACTIVE = "UPDATE identity.account SET active = $2, updated_at = $3 WHERE id = $1 AND active <> $2"


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    realm: Realm
    contact: Contact
    name: str
    lang: str
    password_hash: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What signing in needs of an account; never leaves the room."""

    id: UUID
    password_hash: str
    lang: str


class WithPassword(msgspec.Struct, frozen=True, kw_only=True):
    realm: Realm
    contact: Contact
    password_hash: str


def _shopper(row: Row) -> Shopper:
    return Shopper(**row)


async def add(tx: Tx, account: NewAccount, now: datetime) -> tuple[bool, tuple[UUID, ...]]:
    """Add an account unless the contact is taken: (added, ids of the new or of the known accounts).

    A rival's commit between our look and our insert is seen on the second try.
    """
    tx.locking("identity.account")
    rows: list[Row] = []
    for _ in range(2):
        rows = await tx.rows(
            SQL_ADD,
            account.id,
            account.realm,
            account.contact.phone,
            account.contact.email,
            account.name,
            account.lang,
            account.password_hash,
            now,
        )
        if rows:
            break
    return any(row["added"] for row in rows), tuple(row["id"] for row in rows)


async def by_contact(session: Session, realm: Realm, contact: Contact) -> Known | None:
    row = await session.row(SQL_BY_CONTACT, realm, contact.phone, contact.email)
    return None if row is None else Known(**row)


async def password_of(session: Session, account_id: UUID) -> WithPassword | None:
    row = await session.row(SQL_PASSWORD_OF, account_id)
    if row is None:
        return None
    return WithPassword(
        realm=row["kind"],
        contact=Contact(phone=row["phone"], email=row["email"]),
        password_hash=row["password_hash"],
    )


async def set_password(
    tx: Tx, account_id: UUID, *, old_hash: str | None, new_hash: str, now: datetime
) -> bool:
    """Replace a password; with `old_hash` only when it is still that one."""
    tx.locking("identity.account")
    return await tx.execute(SQL_SET_PASSWORD, account_id, old_hash, new_hash, now) == 1


async def rehash(tx: Tx, account_id: UUID, *, old_hash: str, new_hash: str) -> None:
    """Store the same password at today's cost; loses silently against a change of password."""
    tx.locking("identity.account")
    await tx.execute(SQL_REHASH, account_id, old_hash, new_hash)


async def shoppers(session: Session, ids: Sequence[UUID]) -> tuple[Shopper, ...]:
    return tuple(_shopper(row) for row in await session.rows(SQL_SHOPPERS, list(ids)))


async def find_shopper(session: Session, contact: Contact) -> Shopper | None:
    row = await session.row(SQL_FIND_SHOPPER, contact.phone, contact.email)
    return None if row is None else _shopper(row)


async def list_shoppers(
    session: Session, text: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Shopper]:
    at, after_id = after or (None, None)
    return [_shopper(row) for row in await session.rows(SQL_LIST_SHOPPERS, text, at, after_id, limit)]


async def update_profile(tx: Tx, shopper_id: UUID, *, name: str, lang: str, now: datetime) -> Shopper | None:
    tx.locking("identity.account")
    row = await tx.row(SQL_UPDATE_PROFILE, shopper_id, name, lang, now)
    return None if row is None else _shopper(row)


async def set_active(tx: Tx, account_id: UUID, *, active: bool, now: datetime) -> bool:
    """Open or close an account; False when it is so already."""
    tx.locking("identity.account")
    return await tx.execute(SQL_SET_ACTIVE, account_id, active, now) == 1
