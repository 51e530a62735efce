"""Nobody gives, takes or overrules what they do not hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from daji.base.identity.errors import BeyondGiver
from daji.base.identity.permissions import Permission, permissions_of
from daji.base.identity.store import staff as store
from daji.kit.db import Tx

Custom = Mapping[str, Sequence[str]]


async def check(tx: Tx, by: UUID | None, asked: Callable[[Custom], frozenset[Permission]]) -> None:
    """Refuse a giver who lacks something of what is asked; `by` None is the house itself. Raises BeyondGiver."""
    if by is None:
        return
    custom = await store.given_permissions(tx)
    giver = await store.get(tx, by)
    own = permissions_of(giver.roles, custom) if giver is not None and giver.active else frozenset()
    missing = asked(custom) - own
    if missing:
        raise BeyondGiver(permissions=sorted(missing))
