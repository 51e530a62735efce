"""Who works here, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.base.identity import rules
from daji.base.identity.commands import giving
from daji.base.identity.errors import AlreadyRegistered, LastAdmin
from daji.base.identity.facts import Staff
from daji.base.identity.passwords import Passwords, shared
from daji.base.identity.permissions import Role, permissions_of
from daji.base.identity.store import accounts, sessions
from daji.base.identity.store import staff as store
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid, NotFound


async def create_staff(
    tx: Tx,
    *,
    email: str,
    name: str,
    password: str,
    roles: Sequence[str],
    by: UUID | None,
    now: datetime,
    lang: str = "zh",
    passwords: Passwords | None = None,
) -> Staff:
    """Add a member of staff; `by` is who gives the roles, None for the house itself (set-up, command line).

    Raises
    ------
    Invalid
        With the fields that cannot be taken.
    BeyondGiver
        When a role holds what its giver does not.
    AlreadyRegistered
        When the e-mail belongs to a member of staff.
    """
    held = _roles(roles)
    contact = rules.contact(phone_text=None, email_text=email or "-")
    rules.check_password(password, realm="staff", known=contact)
    account = accounts.NewAccount(
        id=ids.new_id(),
        realm="staff",
        contact=contact,
        name=rules.text_field(name, pointer="/name", maximum=rules.MAX_NAME),
        lang=rules.language(lang),
        password_hash=await (passwords or shared()).hash(password),
    )
    await store.lock_roles(tx)
    await _check_giver(tx, by, held)
    added, _ = await accounts.add(tx, account, now)
    if not added:
        raise AlreadyRegistered
    await store.set_roles(tx, account.id, held, by=by, now=now)
    return Staff(id=account.id, email=contact.email or "", name=account.name, roles=held, active=True)


async def ensure_first_admin(
    tx: Tx,
    *,
    email: str,
    password: str,
    now: datetime,
    name: str = "Admin",
    lang: str = "zh",
    passwords: Passwords | None = None,
) -> Staff | None:
    """Create an administrator when there is none, else None; several processes may ask at the same time.

    Raises Invalid and AlreadyRegistered like `create_staff`.
    """
    if await store.other_admins(tx, None):
        return None
    await store.lock_roles(tx)
    if await store.other_admins(tx, None):
        return None
    return await create_staff(
        tx,
        email=email,
        name=name,
        password=password,
        roles=(Role.ADMIN,),
        by=None,
        now=now,
        lang=lang,
        passwords=passwords,
    )


async def set_roles(tx: Tx, *, staff_id: UUID, roles: Sequence[str], by: UUID | None, now: datetime) -> Staff:
    """Let somebody hold exactly these roles; works at once for sessions and keys that are open.

    Raises
    ------
    NotFound, BeyondGiver
        Also for taking a role away that the taker could not give.
    LastAdmin
        When no active administrator would be left.
    """
    held = _roles(roles)
    await store.lock_roles(tx)
    before = await _get(tx, staff_id)
    await _check_giver(tx, by, tuple(set(held) ^ set(before.roles)))
    if Role.ADMIN in before.roles and Role.ADMIN not in held and before.active:
        await _check_not_last(tx, staff_id)
    await store.set_roles(tx, staff_id, held, by=by, now=now)
    return Staff(id=staff_id, email=before.email, name=before.name, roles=held, active=before.active)


async def deactivate_staff(tx: Tx, *, staff_id: UUID, by: UUID | None, now: datetime) -> Staff:
    """Close somebody's account and end all that stands for it.

    Raises
    ------
    NotFound, BeyondGiver
        Nobody closes the account of somebody who holds more.
    LastAdmin
        When no active administrator would be left.
    """
    await store.lock_roles(tx)
    before = await _get(tx, staff_id)
    await _check_giver(tx, by, before.roles)
    if Role.ADMIN in before.roles and before.active:
        await _check_not_last(tx, staff_id)
    await accounts.set_active(tx, staff_id, active=False, now=now)
    await sessions.revoke_all(tx, staff_id, keep=None, now=now)
    return Staff(id=staff_id, email=before.email, name=before.name, roles=before.roles, active=False)


async def activate_staff(tx: Tx, *, staff_id: UUID, by: UUID | None, now: datetime) -> Staff:
    """Open a closed account again, with the roles it had. Raises NotFound and BeyondGiver."""
    await store.lock_roles(tx)
    before = await _get(tx, staff_id)
    await _check_giver(tx, by, before.roles)
    await accounts.set_active(tx, staff_id, active=True, now=now)
    return Staff(id=staff_id, email=before.email, name=before.name, roles=before.roles, active=True)


def _roles(roles: Sequence[str]) -> tuple[str, ...]:
    unknown = [n for n, role in enumerate(roles) if role not in set(Role)]
    if unknown:
        raise Invalid(fields=[FieldProblem(pointer=f"/roles/{n}", code="unknown_value") for n in unknown])
    return tuple(sorted(set(roles)))


async def _get(tx: Tx, staff_id: UUID) -> Staff:
    found = await store.get(tx, staff_id)
    if found is None:
        raise NotFound
    return found


async def _check_giver(tx: Tx, by: UUID | None, roles: Sequence[str]) -> None:
    await giving.check(tx, by, lambda custom: permissions_of(roles, custom))


async def _check_not_last(tx: Tx, staff_id: UUID) -> None:
    if not await store.other_admins(tx, staff_id):
        raise LastAdmin
