"""The shop's side of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote

import httpx
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

M = TypeVar("M", Payment, Refund, FaultSettings)


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

    `http` needs the gateway's address as its `base_url`; `seconds` bounds a whole call, `connect_seconds`
    the wait for a connection. Every method raises `GatewayRefused`, `GatewayUnknown` or
    `GatewayUnreachable`.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        keys: Keys,
        clock: Callable[[], datetime],
        seconds: float = 10.0,
        connect_seconds: float = 3.0,
    ) -> None:
        self._http = http
        self._keys = keys
        self._clock = clock
        self._seconds = seconds
        self._timeout = httpx.Timeout(seconds, connect=connect_seconds, pool=connect_seconds)

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
        request = self._http.build_request(method, path, content=body, timeout=self._timeout)
        target = request.url.raw_path.decode("ascii")
        request.headers.update(self._keys.merchant.sign_request(method, target, body, self._clock()))
        request.headers["Content-Type"] = "application/json"
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._http.send(request, follow_redirects=False)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise GatewayUnreachable(f"no connection to the gateway: {type(error).__name__}") from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise GatewayUnknown(f"no answer from the gateway: {type(error).__name__}") from error
        return self._proven(response)

    def _proven(self, response: httpx.Response) -> bytes:
        """Believe only what the gateway signed: a proxy's 404 or 502 says nothing about the payment."""
        body = response.content
        if not (response.is_success or response.is_client_error):
            raise GatewayUnknown(f"the gateway answered {response.status_code}")
        try:
            self._keys.of_gateway.verify_message(response.headers, body, self._clock())
        except SignatureProblem as problem:
            raise GatewayUnknown(f"the answer {response.status_code} is not proven: {problem}") from problem
        if response.is_success:
            return body
        try:
            refusal = msgspec.json.decode(body, type=Problem)
        except msgspec.DecodeError as error:
            raise GatewayUnknown(f"the gateway's refusal cannot be read: {error}") from error
        raise GatewayRefused(response.status_code, refusal.code, refusal.message)


def _same(answer: M, same: bool) -> M:  # noqa: FBT001 - the outcome of a comparison, not a mode
    """Refuse another payment's answer: a signature does not say which question it belongs to."""
    if not same:
        raise GatewayUnknown("the gateway answered another question")
    return answer


def _part(number: str) -> str:
    return quote(number, safe="")
