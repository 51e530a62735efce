"""A carrier behind a line of its own: a slow or dead one costs its callers little, and the rest of the shop nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar

from daji.fulfil.delivery.ports import (
    Booking,
    BookRequest,
    Carrier,
    CarrierUnknown,
    CarrierUnreachable,
    Rate,
    RateRequest,
    RateUnavailable,
    TrackingEvent,
)
from daji.kit.line import Line, LineDown

T = TypeVar("T")

RATE_SECONDS = 3.0
"""A buyer waits for a price; a booking may take longer."""


class PatientCarrier:
    """Answers as the carrier does; CarrierUnreachable while its line is down, CarrierUnknown when it takes too long.

    A price that does not come in time is RateUnavailable.
    """

    def __init__(self, carrier: Carrier, line: Line | None = None) -> None:
        self._carrier = carrier
        self._line = line or Line(f"carrier:{carrier.code}")

    @property
    def code(self) -> str:
        return self._carrier.code

    async def rates(self, request: RateRequest) -> Rate:
        try:
            return await self._ask(lambda: self._carrier.rates(request), seconds=RATE_SECONDS)
        except (CarrierUnknown, CarrierUnreachable) as silent:
            raise RateUnavailable from silent

    async def book(self, request: BookRequest) -> Booking:
        return await self._ask(lambda: self._carrier.book(request))

    async def find_booking(self, key: str) -> Booking | None:
        return await self._ask(lambda: self._carrier.find_booking(key))

    async def cancel(self, tracking_no: str) -> None:
        await self._ask(lambda: self._carrier.cancel(tracking_no))

    def parse_event(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[TrackingEvent, ...]:
        return self._carrier.parse_event(headers, body, now)

    async def _ask(self, call: Callable[[], Awaitable[T]], *, seconds: float | None = None) -> T:
        try:
            async with self._line.call(CarrierUnknown, CarrierUnreachable, seconds=seconds):
                return await call()
        except LineDown as down:
            raise CarrierUnreachable(str(down)) from down
        except TimeoutError as late:
            raise CarrierUnknown("no answer in time") from late
