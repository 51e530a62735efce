"""The recorded gateway behind our port.

Whoever replays a history says when a payment was made, and is given the gateway's notice of it; the port, the states,
the ledger and the booking of notices are those of every gateway. What it does not have is a wire: nothing is signed
and nothing comes over the net, so it proves nothing about either; the sandbox is there for that. It keeps no file.
Its numbers follow from the shop's own keys, and after a kill it is told what the shop has on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from daji.trade.payments.ports import (
    CreatePayment,
    ForgedNotice,
    Found,
    GatewayRefused,
    Notice,
    PaymentState,
    RefundAnswer,
    RefundRequest,
    Submitted,
)

CODE = "replayed"
_DIGITS = 20


class _Payment(msgspec.Struct, kw_only=True):
    amount: int
    currency: str
    status: PaymentState = "pending"

    @property
    def captured(self) -> int:
        return self.amount if self.status == "captured" else 0


class RecordedPayments:
    """Keeps payments open until it is told that they were made; pays refunds at once."""

    def __init__(self) -> None:
        self._payments: dict[str, _Payment] = {}
        self._refunds: dict[str, RefundAnswer] = {}

    @property
    def code(self) -> str:
        return CODE

    def recall(self, *, key: str, amount: int, currency: str, status: PaymentState) -> None:
        """Know a payment that was created before this process began; one that is known stays as it is."""
        self._payments.setdefault(key, _Payment(amount=amount, currency=currency, status=status))

    def pay(self, key: str, *, at: datetime) -> Notice:
        """The buyer paid then: the notice of it, the same however often. Raises GatewayRefused for what is not open."""
        payment = self._payments.get(key)
        if payment is None or payment.status not in ("pending", "captured"):
            raise GatewayRefused("not_open")
        payment.status = "captured"
        return Notice(
            notice_id=_number("RN", key),
            kind="captured",
            key=key,
            amount=payment.amount,
            currency=payment.currency,
            gateway_no=_number("RP", key),
            occurred_at=at,
        )

    async def create(self, request: CreatePayment) -> Submitted:
        known = self._payments.setdefault(
            request.key, _Payment(amount=request.amount, currency=request.currency)
        )
        if (known.amount, known.currency) != (request.amount, request.currency):
            raise GatewayRefused("key_reused")
        return Submitted(gateway_no=_number("RP", request.key), status=known.status)

    async def query(self, key: str) -> Found | None:
        payment = self._payments.get(key)
        if payment is None:
            return None
        return Found(
            status=payment.status,
            gateway_no=_number("RP", key),
            currency=payment.currency,
            captured=payment.captured,
            authorised=payment.captured,
        )

    async def capture(self, key: str, amount: int) -> Found:  # noqa: ARG002 - the port's signature
        """Refuse: nothing is ever authorised here and not yet taken. Raises GatewayRefused."""
        raise GatewayRefused("not_authorised")

    async def void(self, key: str) -> Found | None:
        payment = self._payments.get(key)
        if payment is not None and payment.status == "pending":
            payment.status = "voided"
        return await self.query(key)

    async def refund(self, request: RefundRequest) -> RefundAnswer:
        answer = RefundAnswer(status="succeeded", gateway_refund_no=_number("RR", request.key))
        return self._refunds.setdefault(request.key, answer)

    async def query_refund(self, key: str) -> RefundAnswer | None:
        return self._refunds.get(key)

    def parse_notification(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - the port's signature
        body: bytes,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Notice:
        """Refuse every message: this gateway has no wire, so whatever comes in its name is forged."""
        raise ForgedNotice(reason="no_wire")


def _number(prefix: str, key: str) -> str:
    return f"{prefix}{sha256(key.encode()).hexdigest()[:_DIGITS].upper()}"
