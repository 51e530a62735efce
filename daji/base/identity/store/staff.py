"""Staff and their roles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.base.identity.facts import Staff
from daji.kit.db import Row, Session, Tx

# One queue for everybody who changes roles: two administrators who demote each other meet here.
SQL_LOCK_ROLES = "SELECT pg_advisory_xact_lock(hashtextextended('identity.roles', 0))"
SQL_SET_ROLES = """
WITH gone AS (
    DELETE FROM identity.staff_role WHERE account_id = $1 AND role <> ALL($2::text[])
)
INSERT INTO identity.staff_role (account_id, role, granted_by, granted_at)
SELECT $1, role, $3, $4 FROM unnest($2::text[]) AS role
ON CONFLICT (account_id, role) DO NOTHING
"""
SQL_OTHER_ADMINS = """
SELECT count(*) FROM identity.staff_role r JOIN identity.account a ON a.id = r.account_id
 WHERE r.role = 'admin' AND a.active AND a.id IS DISTINCT FROM $1
"""
SQL_GET_STAFF = """
SELECT a.id, a.email, a.name, a.active,
       array(SELECT r.role FROM identity.staff_role r WHERE r.account_id = a.id ORDER BY r.role) AS roles
  FROM identity.account a WHERE a.id = $1 AND a.kind = 'staff'
"""
SQL_LIST_STAFF = """
SELECT a.id, a.email, a.name, a.active,
       array(SELECT r.role FROM identity.staff_role r WHERE r.account_id = a.id ORDER BY r.role) AS roles
  FROM identity.account a
 WHERE a.kind = 'staff' AND ($1::bool IS NULL OR a.active = $1) AND a.email > $2
 ORDER BY a.email LIMIT $3
"""

SQL_ROLE_SETTINGS = "SELECT role, permissions, version, changed_by, changed_at FROM identity.role_setting"
SQL_MEMBERS = """
SELECT r.role, count(*) AS members FROM identity.staff_role r JOIN identity.account a ON a.id = r.account_id
 WHERE a.active GROUP BY r.role
"""
SQL_SET_PERMISSIONS = """
INSERT INTO identity.role_setting AS r (role, permissions, version, changed_by, changed_at)
SELECT $1::text, $2::text[], 1, $3::uuid, $4::timestamptz
 WHERE $5::int = 0 OR EXISTS (SELECT 1 FROM identity.role_setting WHERE role = $1::text)
ON CONFLICT (role) DO UPDATE
   SET permissions = excluded.permissions, version = r.version + 1, changed_by = excluded.changed_by,
       changed_at = excluded.changed_at
 WHERE r.version = $5::int
RETURNING version
"""


class RoleSetting(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop gave to a role instead of what it comes with."""

    role: str
    permissions: list[str]
    version: int
    changed_by: UUID | None
    changed_at: datetime


def _staff(row: Row) -> Staff:
    return Staff(
        id=row["id"], email=row["email"], name=row["name"], active=row["active"], roles=tuple(row["roles"])
    )


async def lock_roles(tx: Tx) -> None:
    tx.locking("identity.account")
    await tx.execute(SQL_LOCK_ROLES)


async def set_roles(tx: Tx, staff_id: UUID, roles: Sequence[str], *, by: UUID | None, now: datetime) -> None:
    """Hold exactly `roles` from now on; what was held before keeps its giver and time."""
    await tx.execute(SQL_SET_ROLES, staff_id, list(roles), by, now)


async def other_admins(session: Session, staff_id: UUID | None) -> int:
    """Active administrators besides this one; under `lock_roles` the number cannot change."""
    count: int = await session.value(SQL_OTHER_ADMINS, staff_id)
    return count


async def get(session: Session, staff_id: UUID) -> Staff | None:
    row = await session.row(SQL_GET_STAFF, staff_id)
    return None if row is None else _staff(row)


async def list_staff(session: Session, active: bool | None, after: str, limit: int) -> list[Staff]:  # noqa: FBT001 - a filter, not a mode
    return [_staff(row) for row in await session.rows(SQL_LIST_STAFF, active, after, limit)]


async def role_settings(session: Session) -> dict[str, RoleSetting]:
    """By role; roles that are as they came are not in it."""
    return {row["role"]: RoleSetting(**dict(row)) for row in await session.rows(SQL_ROLE_SETTINGS)}


async def given_permissions(session: Session) -> dict[str, list[str]]:
    """What `permissions_of` takes as `custom`."""
    return {name: setting.permissions for name, setting in (await role_settings(session)).items()}


async def members(session: Session) -> dict[str, int]:
    """How many active members of staff hold each role."""
    return {row["role"]: row["members"] for row in await session.rows(SQL_MEMBERS)}


async def set_permissions(
    tx: Tx, role: str, permissions: Sequence[str], *, version: int, by: UUID | None, now: datetime
) -> bool:
    """Write if `version` is the one that stands (0: none); under `lock_roles`."""
    return await tx.value(SQL_SET_PERMISSIONS, role, list(permissions), by, now, version) is not None
