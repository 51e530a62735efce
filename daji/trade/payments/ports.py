"""What a payment gateway must be able to do for us, in our words.

A gateway knows a payment by the key that we gave it (`Tender.key`) and a refund by ours (`Refund.key`), so that every call may be repeated and every outcome asked for again. All amounts are minor units.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from daji.kit.problems import Problem

PaymentState = Literal["pending", "authorised", "captured", "declined", "voided", "expired"]
NoticeKind = Literal["authorised", "captured", "declined", "expired", "refund_done", "refund_failed"]
Unknown = Literal["unknown"]
"""No clear answer: the call may or may not have been carried out."""
RefundState = Literal["processing", "succeeded", "failed"]


class CreatePayment(msgspec.Struct, frozen=True, kw_only=True):
    """Ask a buyer for money. `key` is `Tender.key`; the same key never makes a second payment.

    `subject` is what the buyer reads at the gateway; `script` steers a simulator and is ignored by real gateways.
    """

    key: str
    amount: int
    currency: str
    method: str
    subject: str
    notify_url: str
    return_url: str
    expires_at: datetime
    instalments: int = 1
    script: str | None = None


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway has the payment; `pay_url` is where the buyer goes on, None when there is nothing to do.

    `found` is all that the answer proved, as a question right afterwards would find it; a gateway that proves only the
    submission leaves it out, and is asked.
    """

    gateway_no: str
    status: PaymentState
    pay_url: str | None = None
    found: Found | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway said no, and nothing changed there; `code` is its own word."""

    code: str
    message: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as the gateway knows it now; `captured` is the total ever taken, refunds not subtracted."""

    status: PaymentState
    gateway_no: str
    currency: str
    captured: int = 0
    authorised: int = 0
    code: str = ""


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Give money back. `key` is `Refund.key`, `payment_key` its tender's."""

    key: str
    payment_key: str
    gateway_no: str
    amount: int
    currency: str
    reason: str


class RefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`processing` is decided later: by notice, or by asking."""

    status: RefundState
    gateway_refund_no: str = ""
    code: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the gateway proved to be its own.

    `notice_id` stays the same when the gateway repeats it. `amount` is the total authorised or captured so far,
    or the refund's amount; 0 where money is not the matter. `refund_key` is ours, None for payments.
    """

    notice_id: str
    kind: NoticeKind
    key: str
    amount: int
    currency: str
    gateway_no: str
    occurred_at: datetime
    refund_key: str | None = None
    code: str = ""


class GatewayError(Exception):
    """No good answer from the gateway; flows decide what that means, so it is no `Problem`."""


class GatewayUnknown(GatewayError):
    """The call may or may not have been carried out: record "unknown" and ask later."""


class GatewayUnreachable(GatewayError):
    """Nothing was sent: safe to repeat."""


class GatewayRefused(GatewayError):
    """The gateway proved itself and said no: nothing changed there."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message

    @property
    def refusal(self) -> Refusal:
        """The refusal as a value, for `record_submission` and `record_refund`."""
        return Refusal(code=self.code, message=self.message)


class ForgedNotice(Problem):
    """Somebody without the gateway's key, or an old message sent again; `reason` says which check failed.

    A `Problem`, since a face answers it as it is: nothing is stored, nothing changes.
    """

    code = "payments.forged_notice"
    status = 401


class Gateway(Protocol):
    """One payment gateway. Calls raise `GatewayUnknown`, `GatewayUnreachable` or `GatewayRefused`.

    No method may be called while a transaction is open.
    """

    @property
    def code(self) -> str:
        """Short name, `[a-z][a-z0-9_]*`: the `gateway` of tenders, and an account in the ledger."""
        ...

    async def create(self, request: CreatePayment) -> Submitted:
        """Create the payment of this key, or be given it again."""
        ...

    async def query(self, key: str) -> Found | None:
        """Ask for a payment; None when it never arrived."""
        ...

    async def capture(self, key: str, amount: int) -> Found:
        """Take an authorised amount; the same amount again is the same answer."""
        ...

    async def void(self, key: str) -> Found | None:
        """Close an unpaid payment or release an authorisation; None when it never arrived.

        A payment that was captured meanwhile is not refused but reported as it is, so that no money is lost
        sight of.
        """
        ...

    async def refund(self, request: RefundRequest) -> RefundAnswer:
        """Make the refund of this key, or be given it again."""
        ...

    async def query_refund(self, key: str) -> RefundAnswer | None:
        """Ask for a refund; None when it never arrived: send it again with the same key."""
        ...

    def parse_notification(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Prove and read a message. Raises `ForgedNotice`."""
        ...
