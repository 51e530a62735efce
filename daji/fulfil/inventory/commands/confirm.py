"""A paid order's promise no longer expires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory.store import holds
from daji.kit.db import Tx


async def confirm(tx: Tx, *, holder: UUID, now: datetime) -> bool:  # noqa: ARG001 - every command is given the time
    """Make pending holds firm; repeating it is True again.

    False, and nothing changed, when the holder holds nothing or its latest holding has lost or shipped any piece.
    No movement is written, because neither what is on hand nor what is held changes.
    """
    return holder in await confirm_many(tx, holders=[holder])


async def confirm_many(tx: Tx, *, holders: Sequence[UUID]) -> set[UUID]:
    """The same for many, in one statement; those for whom it is True."""
    return await holds.confirm(tx, holders=holders)
