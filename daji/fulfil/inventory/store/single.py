"""Whose one hold is, and the locks that whoever changes a few places takes first."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.inventory.store.holds import SQL_LOCK_PLACES
from daji.kit.db import Session, Tx

SQL_HOLDER_OF = "SELECT holder FROM inventory.hold WHERE id = $1"


async def lock_places(tx: Tx, sku_ids: Sequence[UUID], site_ids: Sequence[UUID]) -> None:
    """Lock the balances of these (SKU, place) pairs, in the written order."""
    tx.locking("inventory.balance")
    await tx.rows(SQL_LOCK_PLACES, list(sku_ids), list(site_ids))


async def holder_of(session: Session, hold_id: UUID) -> UUID | None:
    found: UUID | None = await session.value(SQL_HOLDER_OF, hold_id)
    return found
