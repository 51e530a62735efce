"""Facts that the catalogue tells."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class ProductChanged(Event, frozen=True, kw_only=True):
    """Something a reader of the shop could notice; `sku_ids` are all SKUs of the product, `status` the new one."""

    topic: ClassVar[str] = "catalog.product_changed"

    product_id: UUID
    sku_ids: tuple[UUID, ...]
    status: str
