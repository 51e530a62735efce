"""Facts that pricing tells."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class PricesChanged(Event, frozen=True, kw_only=True):
    """Prices of these SKUs change in this list at `valid_from`."""

    topic: ClassVar[str] = "pricing.prices_changed"

    list_id: UUID
    sku_ids: tuple[UUID, ...]
    valid_from: datetime
