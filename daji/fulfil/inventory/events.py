"""What this room announces."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class StockChanged(Event, frozen=True, kw_only=True):
    """What can be promised of these SKUs has changed; ask the room for the new numbers."""

    topic: ClassVar[str] = "inventory.stock_changed"

    sku_ids: tuple[UUID, ...]
