"""Change a password, by its owner or for them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.base.identity import rules
from daji.base.identity.commands import attempts
from daji.base.identity.errors import BadCredentials
from daji.base.identity.events import PasswordChanged
from daji.base.identity.passwords import Passwords, shared
from daji.base.identity.store import accounts, sessions
from daji.kit.db import Database, Tx
from daji.kit.problems import NotFound


async def change_password(
    db: Database,
    *,
    account_id: UUID,
    old: str,
    new: str,
    now: datetime,
    keep: UUID | None = None,
    passwords: Passwords | None = None,
) -> None:
    """Set a new password, knowing the old one; every other session, token and key ends.

    `keep` is the session the change is made from. Guesses of the old one count like sign-ins.

    Raises
    ------
    Invalid
        When the new one is easily guessed.
    BadCredentials
        When the old one is wrong, or was changed meanwhile.
    TooManyAttempts
        Before the old one is looked at.
    """
    checker = passwords or shared()
    buckets = ((rules.PER_ACCOUNT, rules.account_key("staff", str(account_id))),)
    async with db.transaction() as tx:
        known = await accounts.password_of(tx, account_id)
    if known is None:
        raise NotFound
    rules.check_password(new, realm=known.realm, known=known.contact, pointer="/new")
    await attempts.take(db, buckets, now)
    if not await checker.check(known.password_hash, old):
        raise BadCredentials
    new_hash = await checker.hash(new)

    async def replace(tx: Tx) -> None:
        if not await accounts.set_password(
            tx, account_id, old_hash=known.password_hash, new_hash=new_hash, now=now
        ):
            raise BadCredentials
        await _end_everything(tx, account_id, keep=keep, now=now)
        await attempts.give_back(tx, buckets)

    await db.run(replace)


async def set_password(
    tx: Tx, *, account_id: UUID, password: str, now: datetime, passwords: Passwords | None = None
) -> None:
    """Set a password without knowing the old one, for recovery by whoever runs the house; ends every session.

    Raises
    ------
    NotFound
        For an account that is closed or was never there.
    Invalid
        When the password is easily guessed.
    """
    known = await accounts.password_of(tx, account_id)
    if known is None:
        raise NotFound
    rules.check_password(password, realm=known.realm, known=known.contact)
    new_hash = await (passwords or shared()).hash(password)
    await accounts.set_password(tx, account_id, old_hash=None, new_hash=new_hash, now=now)
    await _end_everything(tx, account_id, keep=None, now=now)


async def _end_everything(tx: Tx, account_id: UUID, *, keep: UUID | None, now: datetime) -> None:
    await sessions.revoke_all(tx, account_id, keep=keep, now=now)
    tx.emit(PasswordChanged(account_id=account_id), subject=account_id, at=now)
