"""What this room tells; the subject of each is the trade."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from daji.kit.events import Event


class PaymentCaptured(Event, frozen=True, kw_only=True):
    """Money came in: `amount` by this message, `outcome` as in `rules`."""

    topic: ClassVar[str] = "payments.payment_captured"
    trade_id: UUID
    tender_id: UUID
    gateway: str
    method: str
    amount: int
    currency: str
    outcome: str
    captured_total: int
    due: int


class PaymentFailed(Event, frozen=True, kw_only=True):
    """A tender brings no money: `status` is declined, voided or expired, `code` the gateway's word."""

    topic: ClassVar[str] = "payments.payment_failed"
    trade_id: UUID
    tender_id: UUID
    gateway: str
    method: str
    amount: int
    currency: str
    status: str
    code: str


class RefundPlanned(Event, frozen=True, kw_only=True):
    """`amount` of this trade is promised back under `ref`."""

    topic: ClassVar[str] = "payments.refund_planned"
    trade_id: UUID
    ref: str
    amount: int
    currency: str


class RefundFinished(Event, frozen=True, kw_only=True):
    """One refund is certain: `status` is done or failed."""

    topic: ClassVar[str] = "payments.refund_finished"
    trade_id: UUID
    tender_id: UUID
    refund_id: UUID
    ref: str
    amount: int
    currency: str
    status: str
    code: str
