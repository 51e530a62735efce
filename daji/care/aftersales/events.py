"""What this room tells; the subject of each is the case."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class CaseOpened(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "aftersales.case_opened"
    case_id: UUID
    trade_id: UUID
    order_id: UUID
    kind: str
    reason: str
    amount: int
    currency: str
    units: int


class CaseMoved(Event, frozen=True, kw_only=True):
    """A case took a step: `verb` led to `status`."""

    topic: ClassVar[str] = "aftersales.case_moved"
    case_id: UUID
    trade_id: UUID
    order_id: UUID
    verb: str
    status: str
    amount: int
    refunded_amount: int
    currency: str
