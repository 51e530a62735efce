"""What this room tells others: frozen values, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Status = Literal["announced", "receiving", "closed", "cancelled"]


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of a SKU: announced, and counted at the gate so far."""

    sku_id: UUID
    expected: int
    received: int = 0


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a supplier has announced for a site, and what came of it."""

    id: UUID
    number: str
    supplier: str
    site_id: UUID
    expected_at: datetime
    status: Status
    note: str
    lines: tuple[NoticeLine, ...]
    created_at: datetime
    ended_at: datetime | None


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it comes in: pieces by SKU."""

    number: str
    supplier: str
    site_id: UUID
    expected_at: datetime
    lines: tuple[tuple[UUID, int], ...]
    note: str = ""
