"""A gateway behind a line of its own: a slow or dead one costs its callers little, and the rest of the shop nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from daji.kit.line import Line, LineDown
from daji.trade.payments.ports import (
    CreatePayment,
    Found,
    Gateway,
    GatewayUnknown,
    GatewayUnreachable,
    Notice,
    RefundAnswer,
    RefundRequest,
    Submitted,
)

T = TypeVar("T")


class PatientGateway:
    """Answers as the gateway does; GatewayUnreachable while its line is down, GatewayUnknown when it takes too long."""

    def __init__(self, gateway: Gateway, line: Line | None = None) -> None:
        self._gateway = gateway
        self._line = line or Line(f"gateway:{gateway.code}")

    @property
    def code(self) -> str:
        return self._gateway.code

    async def create(self, request: CreatePayment) -> Submitted:
        return await self._ask(lambda: self._gateway.create(request))

    async def query(self, key: str) -> Found | None:
        return await self._ask(lambda: self._gateway.query(key))

    async def capture(self, key: str, amount: int) -> Found:
        return await self._ask(lambda: self._gateway.capture(key, amount))

    async def void(self, key: str) -> Found | None:
        return await self._ask(lambda: self._gateway.void(key))

    async def refund(self, request: RefundRequest) -> RefundAnswer:
        return await self._ask(lambda: self._gateway.refund(request))

    async def query_refund(self, key: str) -> RefundAnswer | None:
        return await self._ask(lambda: self._gateway.query_refund(key))

    def parse_notification(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        return self._gateway.parse_notification(headers, body, now)

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            async with self._line.call(GatewayUnknown, GatewayUnreachable):
                return await call()
        except LineDown as down:
            raise GatewayUnreachable(str(down)) from down
        except TimeoutError as late:
            raise GatewayUnknown("no answer in time") from late
