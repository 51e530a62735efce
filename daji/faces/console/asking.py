"""Who of the staff is asking, with what key, from where: what every handler of the console is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.di import NamedDependency, Provide

from daji.base.identity.api import Permission, Principal
from daji.boot import House
from daji.faces.http import idempotency, state
from daji.kit.problems import Unauthenticated

Asked = Request[Any, Any, Any]
HouseGiven = NamedDependency[House]
Asking = NamedDependency[Principal]
Lang = NamedDependency[str]
Now = NamedDependency[datetime]

P = Permission

PUBLIC = {"permission": "public", "realm": "staff"}
"""The door itself: who comes through it is asked inside."""


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff, or a script with their key, and the request by which they act."""

    staff_id: UUID
    permissions: frozenset[str]
    request_id: str
    ip: str

    @property
    def by(self) -> str:
        """Who did it, for histories."""
        return f"staff:{self.staff_id}"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


Acting = NamedDependency[Actor]
RunKey = idempotency.RunKey
Once = NamedDependency[RunKey]
"""Scope and idempotency key of a write that moves stock or money."""


def can(permission: Permission, *, once: bool = False, **more: object) -> dict[str, object]:
    """What a route declares: the permission it asks for, and whether it takes an idempotency key."""
    return {"permission": permission, **({"idempotent": True} if once else {}), **more}


def find_actor(request: Asked) -> Actor | None:
    """Say who acts; None for anybody but staff and their scripts."""
    known = state.of(request)
    who = known.principal
    if who.kind not in {"staff", "api"} or who.id is None:
        return None
    return Actor(
        staff_id=who.id, permissions=who.permissions, request_id=known.request_id, ip=known.client_ip
    )


def make_actor(request: Asked) -> Actor:
    """Say who acts. Raises Unauthenticated for anybody but staff and their scripts."""
    found = find_actor(request)
    if found is None:
        raise Unauthenticated
    return found


def make_once(request: Asked) -> RunKey:
    """Give scope and key of this write."""
    return idempotency.run_key(request)


DEPENDENCIES = {
    "actor": Provide(make_actor, sync_to_thread=False),
    "once": Provide(make_once, sync_to_thread=False),
}
"""What the console's routers add to what every face gives."""
