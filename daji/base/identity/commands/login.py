"""Sign in with a contact and a password."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from daji.base.identity import rules, tokens
from daji.base.identity.commands import attempts
from daji.base.identity.errors import BadCredentials
from daji.base.identity.facts import Realm, SignedIn
from daji.base.identity.passwords import Passwords, shared
from daji.base.identity.queries import authenticate_bearer, authenticate_session
from daji.base.identity.store import accounts, sessions
from daji.kit import ids
from daji.kit.db import Database, Tx


async def login(
    db: Database,
    *,
    realm: Realm,
    account: str,
    password: str,
    ip: str,
    now: datetime,
    kind: Literal["web", "bearer"] = "web",
    replaces: str | None = None,
    passwords: Passwords | None = None,
) -> SignedIn:
    """Check a password and open a session (`web`) or issue a token (`bearer`).

    No transaction is open while the password is checked: a storm of sign-ins must not hold the connections that
    orders need. `replaces` is the session the browser came with; it ends here, so that a session fixed by somebody
    else before is worth nothing.

    Raises
    ------
    BadCredentials
        For an unknown account, a closed one and a wrong password alike, after the same work (U-112).
    TooManyAttempts
        Before any of that is looked at.
    """
    checker = passwords or shared()
    buckets = (
        (rules.PER_ACCOUNT, rules.account_key(realm, account)),
        (rules.PER_ADDRESS, rules.address_key(ip)),
    )
    await attempts.take(db, buckets, now)
    async with db.transaction() as tx:
        # On the writing side: a replica may not know yet who registered a moment ago.
        known = await accounts.by_contact(tx, realm, rules.handle(account))
    if not await checker.check(known.password_hash if known else None, password) or known is None:
        raise BadCredentials
    renewed_hash = await checker.hash(password) if checker.outdated(known.password_hash) else None
    token = tokens.fresh(bearer=kind == "bearer")
    life = rules.lifetime(realm, kind)

    async def finish(tx: Tx) -> SignedIn:
        opened = await sessions.open_session(
            tx,
            sessions.NewSession(
                id=ids.new_id(),
                account_id=known.id,
                kind=kind,
                token_hash=tokens.digest(token),
                verified_hash=known.password_hash,
                expires_at=now + life.idle,
                ends_at=now + life.total,
            ),
            now,
        )
        if not opened:
            raise BadCredentials
        if renewed_hash is not None:
            await accounts.rehash(tx, known.id, old_hash=known.password_hash, new_hash=renewed_hash)
        if replaces is not None and tokens.well_formed(replaces):
            await sessions.revoke_token(tx, tokens.digest(replaces), now)
        await attempts.give_back(tx, buckets)
        authenticate = authenticate_session if kind == "web" else authenticate_bearer
        return SignedIn(
            principal=await authenticate(tx, token=token, now=now), token=token, expires_at=now + life.idle
        )

    return await db.run(finish)
