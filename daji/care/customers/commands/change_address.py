"""Change, choose and drop an address of one's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.customers import rules, store
from daji.care.customers.facts import SavedAddress
from daji.kit.db import Tx
from daji.kit.places import Address
from daji.kit.problems import NotFound


async def update_address(
    tx: Tx, *, shopper_id: UUID, address_id: UUID, address: Address, now: datetime
) -> SavedAddress:
    """Write an address anew. Raises Invalid, and NotFound for what is not the shopper's."""
    saved = await store.update(tx, shopper_id, address_id, rules.clean(address), now)
    if saved is None:
        raise NotFound
    return saved


async def set_default_address(tx: Tx, *, shopper_id: UUID, address_id: UUID, now: datetime) -> SavedAddress:
    """Let checkouts start with this one. Raises NotFound for what is not the shopper's."""
    if not await store.lock_book(tx, shopper_id):
        raise NotFound
    saved = await store.set_default(tx, shopper_id, address_id, now)
    if saved is None:
        raise NotFound
    return saved


async def remove_address(tx: Tx, *, shopper_id: UUID, address_id: UUID, now: datetime) -> None:
    """Drop an address; when it was the default, the one added last becomes it.

    Raises NotFound for what is not the shopper's, or is gone already.
    """
    if not await store.lock_book(tx, shopper_id):
        raise NotFound
    was_default = await store.remove(tx, shopper_id, address_id)
    if was_default is None:
        raise NotFound
    if was_default:
        heir = await store.newest(tx, shopper_id)
        if heir is not None:
            await store.set_default(tx, shopper_id, heir, now)
