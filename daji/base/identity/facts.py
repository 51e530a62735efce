"""What others may know of people, and of the one who is asking."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Realm = Literal["shopper", "staff"]
"""Which door an account enters by; one e-mail may have an account behind each."""

PrincipalKind = Literal["anonymous", "guest", "shopper", "staff", "api"]
SessionKind = Literal["web", "bearer", "api"]


class Shopper(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with an account; `phone` is E.164, `email` in lower case."""

    id: UUID
    phone: str | None
    email: str | None
    name: str
    lang: str
    created_at: datetime


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works here."""

    id: UUID
    email: str
    name: str
    roles: tuple[str, ...]
    active: bool


class RoleNow(msgspec.Struct, frozen=True, kw_only=True):
    """What a role holds now; `standard` is what it comes with, `version` 0 says that it was never changed.

    `members` counts the active members of staff who hold it.
    """

    role: str
    permissions: tuple[str, ...]
    standard: tuple[str, ...]
    members: int
    version: int
    changed_by: UUID | None = None
    changed_at: datetime | None = None


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking. `id` is the account's; a guest has a `guest_token` instead, an anonymous visitor neither.

    `api` is a script with a key of the member of staff `id`. `csrf` is what a form of this session must carry.
    `renew` says that a sliding session has grown old enough to be pushed on by `renew_session`.
    """

    kind: PrincipalKind
    id: UUID | None = None
    guest_token: str | None = None
    permissions: frozenset[str] = frozenset()
    csrf: str | None = None
    session_id: UUID | None = None
    renew: bool = False


ANONYMOUS = Principal(kind="anonymous")


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A fresh session or token; `token` is shown this once, only its hash is kept."""

    principal: Principal
    token: str
    expires_at: datetime


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A script's key just made; `token` is shown this once."""

    id: UUID
    label: str
    token: str
    permissions: frozenset[str]
    expires_at: datetime


class SessionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A live session, token or key, as its owner sees it in a list."""

    id: UUID
    kind: SessionKind
    label: str
    permissions: tuple[str, ...] | None
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
