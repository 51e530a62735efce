"""What this room announces. The subject is the sale."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class SaleMoved(Event, frozen=True, kw_only=True):
    """A flash sale went from one status into another."""

    topic: ClassVar[str] = "flash.sale_moved"

    sale_id: UUID
    was: str
    status: str
    moved_at: datetime
