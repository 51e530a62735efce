"""The shop's own till behind our port.

What is asked of it counts as paid at once, because whoever asks is trusted: a clerk who has the cash in hand, an account
that is paid by invoice. So it serves only where `DAJI_PAYMENTS=till` says that this shop settles by itself. It has no wire
and no books of its own: its numbers follow from the shop's keys, so that asking again, after a crash say, says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from daji.trade.payments.ports import (
    CreatePayment,
    ForgedNotice,
    Found,
    GatewayRefused,
    Notice,
    RefundAnswer,
    RefundRequest,
    Submitted,
)

CODE = "till"
_DIGITS = 20


class Till:
    """Takes every payment and gives every refund at once."""

    @property
    def code(self) -> str:
        return CODE

    async def create(self, request: CreatePayment) -> Submitted:
        number = _number("TP", request.key)
        found = Found(
            status="captured",
            gateway_no=number,
            currency=request.currency,
            captured=request.amount,
            authorised=request.amount,
        )
        return Submitted(gateway_no=number, status="captured", found=found)

    async def query(self, key: str) -> Found | None:  # noqa: ARG002 - the port's signature
        """Know nothing: what was asked of it was answered at once, and nothing is ever on its way."""
        return None

    async def capture(self, key: str, amount: int) -> Found:  # noqa: ARG002 - the port's signature
        """Refuse: nothing is ever authorised here and not yet taken. Raises GatewayRefused."""
        raise GatewayRefused("not_authorised")

    async def void(self, key: str) -> Found | None:  # noqa: ARG002 - the port's signature
        return None

    async def refund(self, request: RefundRequest) -> RefundAnswer:
        return RefundAnswer(status="succeeded", gateway_refund_no=_number("TR", request.key))

    async def query_refund(self, key: str) -> RefundAnswer | None:
        return RefundAnswer(status="succeeded", gateway_refund_no=_number("TR", key))

    def parse_notification(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - the port's signature
        body: bytes,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Notice:
        """Refuse every message: nobody sends any in its name. Raises ForgedNotice."""
        raise ForgedNotice(reason="no_wire")


def _number(prefix: str, key: str) -> str:
    return f"{prefix}{sha256(key.encode()).hexdigest()[:_DIGITS].upper()}"
