"""Say what a role holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.base.identity.commands import giving
from daji.base.identity.errors import AdminFixed
from daji.base.identity.facts import RoleNow
from daji.base.identity.permissions import Permission, Role, permissions_of
from daji.base.identity.queries import list_roles
from daji.base.identity.store import staff as store
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid, NotFound, Stale


async def set_role_permissions(
    tx: Tx, *, role: str, permissions: Sequence[str], version: int, by: UUID | None, now: datetime
) -> RoleNow:
    """Let a role hold exactly these permissions; works on the next request of everybody who has it.

    Raises
    ------
    NotFound, Invalid
        No such role; an unknown permission.
    AdminFixed
        For the administrator's role.
    BeyondGiver
        When something is given or taken that the giver does not hold.
    Stale
        When somebody else changed the role since `version`.
    """
    if role not in set(Role):
        raise NotFound
    known = set(Permission)
    unknown = [n for n, name in enumerate(permissions) if name not in known]
    if unknown:
        raise Invalid(
            fields=[FieldProblem(pointer=f"/permissions/{n}", code="unknown_value") for n in unknown]
        )
    if role == Role.ADMIN:
        raise AdminFixed
    wanted = frozenset(Permission(name) for name in permissions)
    await store.lock_roles(tx)
    await giving.check(tx, by, lambda custom: wanted ^ permissions_of([role], custom))
    if not await store.set_permissions(tx, role, sorted(wanted), version=version, by=by, now=now):
        raise Stale
    return next(found for found in await list_roles(tx) if found.role == role)
