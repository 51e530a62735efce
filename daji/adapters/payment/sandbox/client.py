"""The shop's side of the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from daji.adapters.payment.sandbox.keys import Keys
from daji.adapters.payment.sandbox.signing import SignatureProblem
from daji.adapters.payment.sandbox.wire import (
    Act,
    Action,
    CapturePayment,
    CreatePayment,
    CreateRefund,
    FaultSettings,
    Message,
    Notification,
    Payment,
    Problem,
    Refund,
    VoidPayment,
)
from daji.kit.outbound import CONNECT_SECONDS, Answer, NoAnswer, NotReached, Outbound

M = TypeVar("M", Payment, Refund, FaultSettings)
_REFUSALS = range(400, 500)


class GatewayError(Exception):
    """No good answer from the gateway."""


class GatewayRefused(GatewayError):
    """The gateway answered no, and proved that it was the gateway: nothing changed."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class GatewayUnknown(GatewayError):
    """The request may or may not have been carried out: ask with `query` or repeat it unchanged."""


class GatewayUnreachable(GatewayError):
    """No connection, nothing was sent: safe to repeat."""


class ForgedNotification(GatewayError):
    """A notification that the gateway did not send, or sent too long ago; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class SandboxGateway:
    """Calls the gateway, signed both ways.

    `base_url` is the gateway's address; `seconds` bounds a whole call, `connect_seconds` the wait for a connection. Every method raises `GatewayRefused`, `GatewayUnknown` or
    `GatewayUnreachable`.
    """

    def __init__(
        self,
        *,
        http: Outbound,
        base_url: str,
        keys: Keys,
        clock: Callable[[], datetime],
        seconds: float = 10.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._base_path = urlsplit(self._base_url).path
        self._keys = keys
        self._clock = clock
        self._seconds = seconds
        self._connect_seconds = connect_seconds

    async def create_payment(self, request: CreatePayment) -> Payment:
        """Create, or be given again, the payment of this `out_no`."""
        payment = await self._ask("POST", "/v1/payments", request, Payment)
        return _same(payment, payment.out_no == request.out_no)

    async def query(self, out_no: str) -> Payment:
        """Ask; `payment_not_found` in a `GatewayRefused` means that the creation never arrived."""
        payment = await self._ask("GET", f"/v1/payments/by-out-no/{_part(out_no)}", None, Payment)
        return _same(payment, payment.out_no == out_no)

    async def capture(self, gateway_no: str, amount: int) -> Payment:
        """Take an authorised amount (minor units), once."""
        path = f"/v1/payments/{_part(gateway_no)}/capture"
        payment = await self._ask("POST", path, CapturePayment(amount=amount), Payment)
        return _same(payment, payment.gateway_no == gateway_no)

    async def void(self, gateway_no: str) -> Payment:
        """Close an unpaid payment or release an authorisation."""
        payment = await self._ask("POST", f"/v1/payments/{_part(gateway_no)}/void", VoidPayment(), Payment)
        return _same(payment, payment.gateway_no == gateway_no)

    async def refund(self, request: CreateRefund) -> Refund:
        """Give back, or be given again, the refund of this `out_refund_no`; it may be `processing`."""
        refund = await self._ask("POST", "/v1/refunds", request, Refund)
        return _same(refund, refund.out_refund_no == request.out_refund_no)

    async def query_refund(self, out_refund_no: str) -> Refund:
        """Ask; `refund_not_found` in a `GatewayRefused` means that the refund never arrived."""
        refund = await self._ask("GET", f"/v1/refunds/by-out-no/{_part(out_refund_no)}", None, Refund)
        return _same(refund, refund.out_refund_no == out_refund_no)

    async def bill(self, day: date) -> str:
        """Fetch the CSV of a day that is over at UTC+8; else `bill_not_ready`."""
        return (await self._call("GET", f"/v1/bills/{day.isoformat()}", b"")).decode()

    async def act(self, gateway_no: str, action: Action) -> Payment:
        """Play the buyer."""
        return await self._ask(
            "POST", f"/v1/sandbox/payments/{_part(gateway_no)}/act", Act(action=action), Payment
        )

    async def set_faults(self, settings: FaultSettings) -> FaultSettings:
        """Make the whole gateway misbehave, or behave again with `FaultSettings()`."""
        return await self._ask("POST", "/v1/sandbox/faults", settings, FaultSettings)

    def parse_notification(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notification:
        """Read a notification that the gateway signed lately; raises `ForgedNotification`."""
        try:
            self._keys.of_gateway.verify_message(headers, body, now)
        except SignatureProblem as problem:
            raise ForgedNotification(problem.code, str(problem)) from problem
        try:
            return msgspec.json.decode(body, type=Notification)
        except msgspec.DecodeError as error:
            raise ForgedNotification("bad_body", str(error)) from error

    async def _ask(self, method: str, path: str, message: Message | None, shape: type[M]) -> M:
        body = b"" if message is None else msgspec.json.encode(message)
        answer = await self._call(method, path, body)
        try:
            return msgspec.json.decode(answer, type=shape)
        except msgspec.DecodeError as error:
            raise GatewayUnknown(f"the gateway's answer cannot be read: {error}") from error

    async def _call(self, method: str, path: str, body: bytes) -> bytes:
        signed = self._keys.merchant.sign_request(method, self._base_path + path, body, self._clock())
        try:
            answer = await self._http.ask(
                method,
                self._base_url + path,
                headers={**signed, "Content-Type": "application/json"},
                body=body,
                seconds=self._seconds,
                connect_seconds=self._connect_seconds,
            )
        except NotReached as error:
            raise GatewayUnreachable(f"no connection to the gateway: {error}") from error
        except NoAnswer as error:
            raise GatewayUnknown(f"no answer from the gateway: {error}") from error
        return self._proven(answer)

    def _proven(self, answer: Answer) -> bytes:
        """Believe only what the gateway signed: a proxy's 404 or 502 says nothing about the payment."""
        if not (answer.ok or answer.status in _REFUSALS):
            raise GatewayUnknown(f"the gateway answered {answer.status}")
        try:
            self._keys.of_gateway.verify_message(answer.headers, answer.body, self._clock())
        except SignatureProblem as problem:
            raise GatewayUnknown(f"the answer {answer.status} is not proven: {problem}") from problem
        if answer.ok:
            return answer.body
        try:
            refusal = msgspec.json.decode(answer.body, type=Problem)
        except msgspec.DecodeError as error:
            raise GatewayUnknown(f"the gateway's refusal cannot be read: {error}") from error
        raise GatewayRefused(answer.status, refusal.code, refusal.message)


def _same(answer: M, same: bool) -> M:  # noqa: FBT001 - the outcome of a comparison, not a mode
    """Refuse another payment's answer: a signature does not say which question it belongs to."""
    if not same:
        raise GatewayUnknown("the gateway answered another question")
    return answer


def _part(number: str) -> str:
    return quote(number, safe="")
