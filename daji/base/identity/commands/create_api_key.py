"""Give a script a key of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from daji.base.identity import rules, tokens
from daji.base.identity.errors import BeyondGiver
from daji.base.identity.facts import ApiKey
from daji.base.identity.permissions import Permission, permissions_of
from daji.base.identity.store import sessions
from daji.base.identity.store import staff as staff_store
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid, NotFound


async def create_api_key(
    tx: Tx,
    *,
    staff_id: UUID,
    label: str,
    permissions: Iterable[str],
    lives: timedelta,
    now: datetime,
) -> ApiKey:
    """Make a key that may do part of what its owner may; it loses what the owner loses, at once.

    Raises
    ------
    Invalid
        For an empty label, no or unknown permissions, or a life that is not within a year.
    BeyondGiver
        For a permission the owner does not hold.
    NotFound
        When the owner is closed or no member of staff.
    """
    name = rules.text_field(label, pointer="/label", maximum=rules.MAX_LABEL)
    wanted = _permissions(permissions)
    if not timedelta(0) < lives <= rules.MAX_KEY_LIFE:
        limit = {"maximum": rules.MAX_KEY_LIFE.days}
        raise Invalid(fields=(FieldProblem(pointer="/lives", code="too_large", params=limit),))
    owner = await staff_store.get(tx, staff_id)
    if owner is None:
        raise NotFound
    missing = wanted - permissions_of(owner.roles, await staff_store.given_permissions(tx))
    if missing:
        raise BeyondGiver(permissions=sorted(missing))
    token = tokens.fresh(bearer=True)
    new = sessions.NewSession(
        id=ids.new_id(),
        account_id=staff_id,
        kind="api",
        token_hash=tokens.digest(token),
        verified_hash=None,
        expires_at=now + lives,
        ends_at=now + lives,
        label=name,
        permissions=sorted(wanted),
    )
    if not await sessions.open_session(tx, new, now):
        raise NotFound
    return ApiKey(
        id=new.id, label=name, token=token, permissions=frozenset(wanted), expires_at=new.expires_at
    )


def _permissions(given: Iterable[str]) -> frozenset[Permission]:
    names = tuple(given)
    known = set(Permission)
    wrong = [
        FieldProblem(pointer=f"/permissions/{n}", code="unknown_value")
        for n, name in enumerate(names)
        if name not in known
    ]
    if not names:
        wrong = [FieldProblem(pointer="/permissions", code="required")]
    if wrong:
        raise Invalid(fields=wrong)
    return frozenset(Permission(name) for name in names)
