"""Keep an address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.care.customers import rules, store
from daji.care.customers.errors import AddressBookFull
from daji.care.customers.facts import SavedAddress
from daji.kit import ids
from daji.kit.db import Tx
from daji.kit.places import Address


async def add_address(
    tx: Tx, *, shopper_id: UUID, address: Address, now: datetime, make_default: bool = False
) -> SavedAddress:
    """Add to the book; the first one becomes the default.

    Raises
    ------
    Invalid
        With the fields that cannot be kept.
    AddressBookFull
        At 50 addresses.
    """
    kept = rules.clean(address)
    entries = await store.open_place(tx, shopper_id)
    if entries is None:
        raise AddressBookFull(maximum=rules.MAX_ADDRESSES)
    address_id = ids.new_id()
    await store.add(tx, address_id, shopper_id, kept, now)
    if make_default or entries == 1:
        await store.set_default(tx, shopper_id, address_id, now)
    return SavedAddress(
        id=address_id,
        address=kept,
        is_default=make_default or entries == 1,
        created_at=now,
        updated_at=now,
    )
