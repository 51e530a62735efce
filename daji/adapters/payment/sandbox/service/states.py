"""The life of a payment, as data."""

from __future__ import annotations

from typing import Final, Literal

from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.wire import PaymentStatus

Verb = Literal["submit", "authorise", "capture", "decline", "void", "expire", "refund_part", "refund_rest"]

TRANSITIONS: Final[dict[tuple[PaymentStatus, Verb], PaymentStatus]] = {
    ("created", "submit"): "pending",
    ("created", "authorise"): "authorised",
    ("pending", "authorise"): "authorised",
    ("authorised", "capture"): "captured",
    ("created", "decline"): "declined",
    ("pending", "decline"): "declined",
    ("created", "void"): "voided",
    ("pending", "void"): "voided",
    ("authorised", "void"): "voided",
    ("created", "expire"): "expired",
    ("pending", "expire"): "expired",
    ("captured", "refund_part"): "part_refunded",
    ("part_refunded", "refund_part"): "part_refunded",
    ("captured", "refund_rest"): "refunded",
    ("part_refunded", "refund_rest"): "refunded",
}
OPEN: Final[tuple[PaymentStatus, ...]] = ("created", "pending")


def move(status: PaymentStatus, verb: Verb) -> PaymentStatus:
    """Return the status after `verb`; raises a 409 `invalid_state` when there is none."""
    after = TRANSITIONS.get((status, verb))
    if after is None:
        raise Refusal(409, "invalid_state", f"a payment that is {status} does not take {verb}")
    return after
