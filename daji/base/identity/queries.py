"""Who is asking, and who is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.base.identity import rules, tokens
from daji.base.identity.facts import ANONYMOUS, Principal, RoleNow, SessionInfo, SessionKind, Shopper, Staff
from daji.base.identity.permissions import Role, permissions_of
from daji.base.identity.store import accounts, sessions
from daji.base.identity.store import staff as staff_store
from daji.kit import paging
from daji.kit.db import Session
from daji.kit.paging import Cursor, Page
from daji.kit.problems import NotFound

_MAX_SESSIONS_SHOWN = 200


async def authenticate_session(session: Session, *, token: str, now: datetime) -> Principal:
    """Who a browser's session stands for, in one statement; anonymous when for nobody (none for nonsense)."""
    return await _authenticate(session, token, ("web",), now)


async def authenticate_bearer(session: Session, *, token: str, now: datetime) -> Principal:
    """Who a bearer token or API key stands for; anonymous when for nobody."""
    return await _authenticate(session, token, ("bearer", "api"), now)


async def _authenticate(
    session: Session, token: str, kinds: Sequence[SessionKind], now: datetime
) -> Principal:
    if not tokens.well_formed(token):
        return ANONYMOUS
    live = await sessions.authenticate(session, tokens.digest(token), kinds, now)
    if live is None:
        return ANONYMOUS
    held: frozenset[str] = frozenset(
        str(permission) for permission in permissions_of(live.roles, live.custom)
    )
    if live.permissions is not None:
        held &= frozenset(live.permissions)
    return Principal(
        kind="api" if live.kind == "api" else live.realm,
        id=live.account_id,
        permissions=held,
        session_id=live.id,
        renew=live.kind == "web"
        and rules.due_for_renewal(rules.lifetime(live.realm, live.kind), seen_at=live.seen_at, now=now),
    )


async def get_shopper(session: Session, *, shopper_id: UUID) -> Shopper:
    """Raise NotFound for an id that names no shopper."""
    found = await accounts.shoppers(session, [shopper_id])
    if not found:
        raise NotFound
    return found[0]


async def shoppers(session: Session, *, ids: Sequence[UUID]) -> tuple[Shopper, ...]:
    """Those of `ids` that exist, in one statement."""
    return await accounts.shoppers(session, ids)


async def find_shopper(session: Session, *, contact: str) -> Shopper | None:
    """Find by phone or e-mail; for staff, since it tells who has an account."""
    return await accounts.find_shopper(session, rules.handle(contact))


async def list_shoppers(
    session: Session, *, text: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Shopper]:
    """Newest first; `text` is looked for in name, e-mail and phone. Raises BadCursor."""
    size = paging.limit(limit)
    after = Cursor.decode(cursor, (datetime, UUID)) if cursor else None
    found = await accounts.list_shoppers(session, text.strip().lower() if text else None, after, size + 1)
    last = found[size - 1] if len(found) > size else None
    return Page(
        items=tuple(found[:size]),
        next_cursor=None if last is None else Cursor.encode((last.created_at, last.id)),
    )


async def get_staff(session: Session, *, staff_id: UUID) -> Staff:
    """Raise NotFound for an id that names no member of staff."""
    found = await staff_store.get(session, staff_id)
    if found is None:
        raise NotFound
    return found


async def list_staff(
    session: Session, *, active: bool | None = None, cursor: str | None = None, limit: int | None = None
) -> Page[Staff]:
    """By e-mail. Raises BadCursor."""
    size = paging.limit(limit)
    after = Cursor.decode(cursor, (str,))[0] if cursor else ""
    found = await staff_store.list_staff(session, active, after, size + 1)
    more = len(found) > size
    return Page(
        items=tuple(found[:size]),
        next_cursor=Cursor.encode((found[size - 1].email,)) if more else None,
    )


async def list_roles(session: Session) -> tuple[RoleNow, ...]:
    """Every role with what it holds now and how many active members of staff hold it."""
    custom = await staff_store.role_settings(session)
    members = await staff_store.members(session)
    given = {name: setting.permissions for name, setting in custom.items()}
    return tuple(
        RoleNow(
            role=role,
            permissions=tuple(sorted(permissions_of([role], given))),
            standard=tuple(sorted(permissions_of([role]))),
            members=members.get(role, 0),
            version=custom[role].version if role in custom else 0,
            changed_by=custom[role].changed_by if role in custom else None,
            changed_at=custom[role].changed_at if role in custom else None,
        )
        for role in Role
    )


async def list_sessions(session: Session, *, account_id: UUID, now: datetime) -> tuple[SessionInfo, ...]:
    """The account's live sessions, tokens and keys, newest first, at most 200."""
    return await sessions.list_live(session, account_id, now, _MAX_SESSIONS_SHOWN)
