"""What the trail tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed; `before` and `after` are JSON objects of what changed, None where there was nothing."""

    seq: int
    id: UUID
    staff_id: UUID | None
    action: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    ip: str | None
    at: datetime


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the chain: number and hexadecimal hash of the last entry; 0 and "" while there is none."""

    seq: int
    hash: str


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk along the chain found: `broken_at` is the first entry that does not fit, None when all do."""

    entries: int
    head: Head
    broken_at: int | None

    @property
    def intact(self) -> bool:
        return self.broken_at is None
