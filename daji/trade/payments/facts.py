"""The frozen facts of this room. Amounts are minor units of the currency beside them, times aware UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

TenderStatus = Literal[
    "created", "unknown", "pending", "authorised", "captured", "declined", "voided", "expired"
]
RefundStatus = Literal["requested", "unknown", "processing", "done", "failed"]
PayableStatus = Literal["open", "paid", "closed"]
Early = Literal["early"]
"""Of a message that came before the gateway's own answer was noted."""
Outcome = Literal[
    "captured",
    "authorised",
    "duplicate",
    "short",
    "over",
    "late",
    "declined",
    "expired",
    "voided",
    "pending",
    "unknown_payment",
    "refund_done",
    "refund_failed",
]


class NewTender(msgspec.Struct, frozen=True, kw_only=True):
    """One means that is to pay `amount`; `instalments` 1..48, `method` and `gateway` lower-case codes.

    `amount` None means all that is still open and that no other one of the same call pays.
    """

    method: str
    amount: int | None
    gateway: str
    instalments: int = 1


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """`due` (minor units) is owed for a trade since `at`."""

    trade_id: UUID
    due: int
    currency: str
    at: datetime
    channel: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Means that are to pay a trade, chosen at `at`."""

    trade_id: UUID
    tenders: tuple[NewTender, ...]
    at: datetime


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    """One means that pays part of a trade.

    What went back is another axis than `status`: `refunding` is planned and not yet certain, `refunded` is done.
    `code` is the gateway's word for a decline.
    """

    id: UUID
    trade_id: UUID
    gateway: str
    method: str
    amount: int
    currency: str
    instalments: int
    status: TenderStatus
    authorised: int
    captured: int
    refunding: int
    refunded: int
    created_at: datetime
    gateway_no: str | None = None
    pay_url: str | None = None
    code: str = ""
    submitted_at: datetime | None = None
    captured_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the gateway knows this tender by: its id as text."""
        return str(self.id)


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """What `reserve` did: wrote `tenders`, or wrote nothing because earlier ones are still `waiting`."""

    tenders: tuple[Tender, ...] = ()
    waiting: tuple[Tender, ...] = ()


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """Money on its way back through the tender it came by; `gateway` and `gateway_no` are the tender's."""

    id: UUID
    trade_id: UUID
    tender_id: UUID
    ref: str
    reason: str
    amount: int
    currency: str
    status: RefundStatus
    gateway: str
    gateway_no: str
    requested_at: datetime
    gateway_refund_no: str | None = None
    code: str = ""
    finished_at: datetime | None = None

    @property
    def key(self) -> str:
        """What the gateway knows this refund by: its id as text."""
        return str(self.id)

    @property
    def payment_key(self) -> str:
        return str(self.tender_id)


class Payable(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed for one trade, and what came of it.

    `refunded` went back, `refunding` is promised back. `status` is `closed` when no more money is asked, else
    `paid` when what the shop keeps covers `due`, else `open`.
    """

    trade_id: UUID
    due: int
    currency: str
    captured: int
    refunding: int
    refunded: int
    status: PayableStatus
    opened_at: datetime
    channel: str = ""
    closed_at: datetime | None = None
    tenders: tuple[Tender, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def kept(self) -> int:
        """Captured, less what went back or is promised back."""
        return self.captured - self.refunding - self.refunded

    @property
    def settled(self) -> bool:
        return self.kept >= self.due

    @property
    def excess(self) -> int:
        """What the shop holds beyond `due`."""
        return max(0, self.kept - self.due)


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What a message or an answer of the gateway came to; the table of outcomes is in `rules`.

    `tender` and `payable` are None only for a message that fits no payment of ours; `payable` comes with all its
    refunds when a refund ended, else without tenders and refunds. `received` is the money that this very message added, `excess` what the payable now
    holds beyond what is due.
    """

    outcome: Outcome
    tender: Tender | None
    payable: Payable | None
    captured_total: int
    refunded_total: int
    settled: bool
    received: int = 0
    excess: int = 0
    refund: Refund | None = None


class NoticeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it was received, with its outcome; `detail` says why when it fitted nothing."""

    id: UUID
    gateway: str
    notice_id: str
    kind: str
    key: str
    amount: int
    currency: str
    outcome: Outcome
    detail: str
    occurred_at: datetime
    received_at: datetime
    trade_id: UUID | None = None
    tender_id: UUID | None = None
    refund_id: UUID | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a posting: `amount` above zero is a debit, below zero a credit."""

    id: UUID
    posting_id: UUID
    kind: str
    account: str
    amount: int
    currency: str
    trade_id: UUID
    tender_id: UUID
    refund_id: UUID | None
    posted_at: datetime


class MethodTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What one method brought in one currency; `tenders` counts those with money."""

    method: str
    currency: str
    tenders: int
    captured: int
    refunded: int
    instalments: int
