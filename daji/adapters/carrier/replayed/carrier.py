"""The recorded carrier behind our port.

Whoever replays a history tells it, before a quote, what freight was charged then for a unit of each SKU and which day
was promised. It keeps no file: tracking numbers follow from the shop's own keys, so that a killed replay finds
every parcel again, and its scans are fed to the shop by the replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from daji.fulfil.delivery.ports import (
    Booking,
    BookRequest,
    ForgedEvent,
    Rate,
    RateRequest,
    RateUnavailable,
    TrackingEvent,
)

_DIGITS = 16


class ReplayedRates:
    """Asks exactly the recorded freight; books what it is told to, and drives nowhere by itself."""

    def __init__(self, *, code: str = "replayed") -> None:
        self._code = code
        self._told: dict[tuple[datetime, UUID], tuple[int, datetime]] = {}

    @property
    def code(self) -> str:
        return self._code

    def recorded(self, *, at: datetime, unit_fees: Mapping[UUID, int], promised_by: datetime) -> None:
        """Say what parcels asked for at `at` cost: minor units for one unit of each SKU, and the promise."""
        for sku_id, fee in unit_fees.items():
            self._told[at, sku_id] = (fee, promised_by)

    def forget(self) -> None:
        """Let go of all that was said."""
        self._told.clear()

    async def rates(self, request: RateRequest) -> Rate:
        """Price a parcel as it was priced then. Raises RateUnavailable for a SKU that nothing is recorded of."""
        told = {sku_id: self._told.get((request.at, sku_id)) for sku_id, _ in request.lines}
        known = {sku_id: one for sku_id, one in told.items() if one is not None}
        if len(known) != len(told) or not known:
            raise RateUnavailable
        return Rate(
            fee=sum(known[sku_id][0] * qty for sku_id, qty in request.lines),
            promised_by=max(promised_by for _, promised_by in known.values()),
            unit_fees=tuple((sku_id, known[sku_id][0]) for sku_id, qty in request.lines for _ in range(qty)),
        )

    async def book(self, request: BookRequest) -> Booking:
        return _booking(request.key)

    async def find_booking(self, key: str) -> Booking | None:
        return _booking(key)

    async def cancel(self, tracking_no: str) -> None:
        """Nothing drives, so nothing is to be called off."""

    def parse_event(
        self,
        headers: Mapping[str, str],  # noqa: ARG002 - the port's signature
        body: bytes,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> tuple[TrackingEvent, ...]:
        """Refuse every message: this carrier sends none, so whatever comes in its name is forged."""
        raise ForgedEvent


def _booking(key: str) -> Booking:
    number = f"RP{sha256(key.encode()).hexdigest()[:_DIGITS].upper()}"
    return Booking(tracking_no=number, label_ref=f"label/{number}")
