"""The sandbox behind the shop's own port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Final, cast

from daji.adapters.payment.sandbox import client, wire
from daji.trade.payments.ports import (
    CreatePayment,
    ForgedNotice,
    Found,
    GatewayRefused,
    GatewayUnknown,
    GatewayUnreachable,
    Notice,
    NoticeKind,
    PaymentState,
    RefundAnswer,
    RefundRequest,
    Submitted,
)

CODE: Final = "sandbox"
_STATES: Final[Mapping[wire.PaymentStatus, PaymentState]] = {
    "created": "pending",
    "pending": "pending",
    "authorised": "authorised",
    "captured": "captured",
    "part_refunded": "captured",
    "refunded": "captured",
    "voided": "voided",
    "expired": "expired",
    "declined": "declined",
}
_PAYMENT_KINDS: Final[Mapping[wire.EventType, NoticeKind]] = {
    "payment.authorised": "authorised",
    "payment.captured": "captured",
    "payment.declined": "declined",
    "payment.expired": "expired",
}
_REFUND_KINDS: Final[Mapping[wire.EventType, NoticeKind]] = {
    "refund.succeeded": "refund_done",
    "refund.failed": "refund_failed",
}
_SUBJECT_CHARS: Final = 128
_REASON_CHARS: Final = 200


class SandboxPort:
    """Speaks the wire of `client` and answers in the words of `trade.payments.ports.Gateway`."""

    def __init__(
        self, gateway: client.SandboxGateway, *, merchant_id: str = "daji", merchant_name: str = "大集"
    ) -> None:
        self._gateway = gateway
        self._merchant_id = merchant_id
        self._merchant_name = merchant_name

    @property
    def code(self) -> str:
        return CODE

    async def create(self, request: CreatePayment) -> Submitted:
        # What the wire cannot carry (a method, more than 24 instalments) is refused by the service, in its words.
        wanted = wire.CreatePayment(
            merchant_id=self._merchant_id,
            merchant_name=self._merchant_name,
            out_no=request.key,
            amount=request.amount,
            currency=request.currency,
            method=cast("wire.Method", request.method),
            instalments=request.instalments,
            subject=request.subject[:_SUBJECT_CHARS],
            notify_url=request.notify_url,
            return_url=request.return_url,
            expires_at=request.expires_at,
            script=cast("wire.Script | None", request.script),
        )
        with _our_errors():
            payment = await self._gateway.create_payment(wanted)
        found = _found(payment)
        return Submitted(
            gateway_no=payment.gateway_no, status=found.status, pay_url=payment.pay_url, found=found
        )

    async def query(self, key: str) -> Found | None:
        try:
            with _our_errors():
                return _found(await self._gateway.query(key))
        except GatewayRefused as refused:
            if refused.code == "payment_not_found":
                return None
            raise

    async def capture(self, key: str, amount: int) -> Found:
        found = await self.query(key)
        if found is None:
            raise GatewayRefused("payment_not_found")
        with _our_errors():
            return _found(await self._gateway.capture(found.gateway_no, amount))

    async def void(self, key: str) -> Found | None:
        found = await self.query(key)
        if found is None or found.status not in ("pending", "authorised"):
            return found
        try:
            with _our_errors():
                return _found(await self._gateway.void(found.gateway_no))
        except GatewayRefused as refused:
            # The buyer was quicker: what it became between the question and the call is the answer.
            if refused.code == "invalid_state":
                return await self.query(key)
            raise

    async def refund(self, request: RefundRequest) -> RefundAnswer:
        wanted = wire.CreateRefund(
            out_refund_no=request.key,
            gateway_no=request.gateway_no,
            amount=request.amount,
            reason=request.reason[:_REASON_CHARS],
        )
        with _our_errors():
            return _answer(await self._gateway.refund(wanted))

    async def query_refund(self, key: str) -> RefundAnswer | None:
        try:
            with _our_errors():
                return _answer(await self._gateway.query_refund(key))
        except GatewayRefused as refused:
            if refused.code == "refund_not_found":
                return None
            raise

    def parse_notification(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        try:
            told = self._gateway.parse_notification(headers, body, now)
        except client.ForgedNotification as forged:
            raise ForgedNotice(reason=forged.code) from forged
        about = told.resource
        if isinstance(about, wire.Payment) and told.event_type in _PAYMENT_KINDS:
            amounts = {"authorised": about.authorised_amount, "captured": about.captured_amount}
            kind = _PAYMENT_KINDS[told.event_type]
            return Notice(
                notice_id=told.notification_id,
                kind=kind,
                key=about.out_no,
                amount=amounts.get(kind, 0),
                currency=about.currency,
                gateway_no=about.gateway_no,
                occurred_at=told.occurred_at,
                code=about.decline_code or "",
            )
        if isinstance(about, wire.Refund) and told.event_type in _REFUND_KINDS:
            return Notice(
                notice_id=told.notification_id,
                kind=_REFUND_KINDS[told.event_type],
                key=about.out_no,
                refund_key=about.out_refund_no,
                amount=about.amount,
                currency=about.currency,
                gateway_no=about.gateway_no,
                occurred_at=told.occurred_at,
                code=about.failure_code or "",
            )
        raise ForgedNotice(reason="bad_body")


def _found(payment: wire.Payment) -> Found:
    return Found(
        status=_STATES[payment.status],
        gateway_no=payment.gateway_no,
        currency=payment.currency,
        captured=payment.captured_amount,
        authorised=payment.authorised_amount,
        code=payment.decline_code or "",
    )


def _answer(refund: wire.Refund) -> RefundAnswer:
    return RefundAnswer(
        status=refund.status, gateway_refund_no=refund.gateway_refund_no, code=refund.failure_code or ""
    )


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except client.GatewayRefused as refused:
        raise GatewayRefused(refused.code, refused.message) from refused
    except client.GatewayUnreachable as unreachable:
        raise GatewayUnreachable(str(unreachable)) from unreachable
    except client.GatewayUnknown as unknown:
        raise GatewayUnknown(str(unknown)) from unknown
