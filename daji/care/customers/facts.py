"""What others may know of an address book."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from daji.kit.places import Address


class SavedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """One address of a shopper's book."""

    id: UUID
    address: Address
    is_default: bool
    created_at: datetime
    updated_at: datetime
