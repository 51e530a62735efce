"""What the shop and the gateway say to each other.

Amounts are integers of minor units of an ISO 4217 currency. Times are aware and travel as RFC 3339.
How each side proves that it said it stands in `signing`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

OutNo = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
"""The merchant's own number for a payment or a refund: the idempotency key of the wire."""
Amount = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000_000)]
Currency = Annotated[str, msgspec.Meta(pattern=r"\A[A-Z]{3}\Z")]
Url = Annotated[str, msgspec.Meta(min_length=8, max_length=1024)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]

Method = Literal["wallet", "credit_card", "debit_card", "boleto", "voucher", "bank_transfer"]
Capture = Literal["auto", "manual"]
PaymentStatus = Literal[
    "created",
    "pending",
    "authorised",
    "captured",
    "part_refunded",
    "refunded",
    "voided",
    "expired",
    "declined",
]
RefundStatus = Literal["processing", "succeeded", "failed"]
Fault = Literal[
    "decline",
    "slow",
    "never",
    "http500",
    "notify_twice",
    "notify_late",
    "notify_short",
    "drop_notification",
    "forged_notification",
]
"""How the gateway may misbehave for one payment, or for the whole service.

`decline`: the buyer's attempt is refused. `slow`, `never`, `http500`: a call that changes something
does its work, then answers late, not in time, or with an unsigned 500; asking again gets the answer.
A buyer who chooses `never` on the page has paid, and no notification tells. `notify_short`: less than
the amount asked is captured. `drop_notification`: nothing is sent. `forged_notification`: nothing is
paid, but somebody without the gateway's key sends a `payment.captured`.
"""
Action = Literal[
    "approve",
    "decline",
    "slow",
    "never",
    "http500",
    "notify_twice",
    "notify_late",
    "notify_short",
    "drop_notification",
    "forged_notification",
]
"""What the buyer does: `approve` pays and nothing more; every other value pays under that fault."""
Script = Literal[
    "approve",
    "pending",
    "decline",
    "slow",
    "never",
    "http500",
    "notify_twice",
    "notify_late",
    "notify_short",
    "drop_notification",
    "forged_notification",
]
"""A buyer's action that happens at creation, without a page; `pending` waits for `act`."""
RefundScript = Literal["succeed", "processing", "fail", "fail_late"]
EventType = Literal[
    "payment.authorised",
    "payment.captured",
    "payment.declined",
    "payment.expired",
    "refund.succeeded",
    "refund.failed",
]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Request(Message, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A misspelt optional field must not pass silently, so requests refuse what they do not know."""


class CreatePayment(Request, frozen=True, kw_only=True):
    """Ask for money: the same `out_no` with the same content is answered with the same payment."""

    merchant_id: OutNo
    merchant_name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    out_no: OutNo
    amount: Amount
    currency: Currency
    method: Method
    instalments: Annotated[int, msgspec.Meta(ge=1, le=24)] = 1
    capture: Capture = "auto"
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    notify_url: Url
    return_url: Url
    expires_at: Moment
    script: Script | None = None


class CapturePayment(Request, frozen=True, kw_only=True):
    """Take an authorised amount, once; what is left of the authorisation is released."""

    amount: Amount


class VoidPayment(Request, frozen=True, kw_only=True):
    """Close an unpaid payment, or release an authorisation."""


class CreateRefund(Request, frozen=True, kw_only=True):
    """Give back a part of what was captured.

    Without a `script` a reason of `sandbox:processing`, `sandbox:fail` or `sandbox:fail_late` does the
    same, so that a shop can be tried through its own screens.
    """

    out_refund_no: OutNo
    gateway_no: OutNo
    amount: Amount
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    script: RefundScript | None = None


class Act(Request, frozen=True, kw_only=True):
    """The buyer's action on a payment, for tests that have no browser."""

    action: Action


class FaultSettings(Request, frozen=True, kw_only=True):
    """What the service does to every payment that has no fault of its own; delays are milliseconds."""

    fault: Fault | None = None
    slow_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 3_000
    never_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 120_000
    notify_late_ms: Annotated[int, msgspec.Meta(ge=0, le=604_800_000)] = 60_000
    refund_processing_ms: Annotated[int, msgspec.Meta(ge=0, le=604_800_000)] = 5_000


class Payment(Message, frozen=True, kw_only=True, tag_field="kind", tag="payment"):
    """A payment as the gateway knows it. The two page addresses are absent from notifications."""

    gateway_no: str
    merchant_id: str
    out_no: str
    status: PaymentStatus
    amount: int
    currency: str
    method: Method
    instalments: int
    capture: Capture
    subject: str
    authorised_amount: int
    captured_amount: int
    refunded_amount: int
    decline_code: str | None
    created_at: Moment
    expires_at: Moment
    authorised_at: Moment | None
    captured_at: Moment | None
    closed_at: Moment | None
    pay_url: str | None = None
    qr_text: str | None = None


class Refund(Message, frozen=True, kw_only=True, tag_field="kind", tag="refund"):
    gateway_refund_no: str
    out_refund_no: str
    gateway_no: str
    out_no: str
    amount: int
    currency: str
    status: RefundStatus
    reason: str
    failure_code: str | None
    created_at: Moment
    finished_at: Moment | None


class Notification(Message, frozen=True, kw_only=True):
    """Sent at least once, in no promised order: `notification_id` is what a receiver deduplicates by."""

    notification_id: str
    event_type: EventType
    occurred_at: Moment
    resource: Payment | Refund


class Problem(Message, frozen=True, kw_only=True):
    """Every refusal of the API: a stable code, and a sentence for a log."""

    code: str
    message: str
