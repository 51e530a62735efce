"""Write sellers, new and known alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.reach.marketplace import rules, store
from daji.reach.marketplace.facts import NewSeller


async def save_sellers(tx: Tx, *, sellers: Sequence[NewSeller], now: datetime) -> dict[str, UUID]:
    """Create or update by code, all in one statement; ids by code.

    Raises
    ------
    Invalid
        When a row cannot be taken; then none is written.
    """
    ordered = rules.check(sellers)
    return await store.save(tx, ordered, now) if ordered else {}
