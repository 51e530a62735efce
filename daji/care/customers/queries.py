"""Reading one's own address book."""

from __future__ import annotations

from uuid import UUID

from daji.care.customers import store
from daji.care.customers.facts import SavedAddress
from daji.kit.db import Session
from daji.kit.problems import NotFound


async def get_address(session: Session, *, shopper_id: UUID, address_id: UUID) -> SavedAddress:
    """Raise NotFound for what is not the shopper's (U-114)."""
    found = await store.get(session, shopper_id, address_id)
    if found is None:
        raise NotFound
    return found


async def find_default_address(session: Session, *, shopper_id: UUID) -> SavedAddress | None:
    return await store.default(session, shopper_id)


async def list_addresses(session: Session, *, shopper_id: UUID) -> tuple[SavedAddress, ...]:
    """The whole book, at most 50: the default first, then the newest."""
    return await store.list_all(session, shopper_id)
