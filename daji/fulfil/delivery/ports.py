"""What this house asks of a carrier, and what a carrier may answer. Adapters import this file and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec

from daji.kit.places import Address
from daji.kit.problems import Problem

EventCode = Literal[
    "booked",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "failed",
    "returning",
    "returned",
    "lost",
]
# PostgreSQL text holds no NUL, so what comes from outside must not either.
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120, pattern=r"^[^\x00]*\Z")]
Free = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00]*\Z")]


class RateUnavailable(Problem):
    """The carrier gives no price now, or none for this way; ask again, or send by another one."""

    code = "delivery.rate_unavailable"
    status = 503


class ForgedEvent(Problem):
    """A tracking message that this carrier did not send, or sent too long ago."""

    code = "delivery.forged_event"
    status = 401


class UnreadableEvent(Problem):
    """A tracking message that is genuine and makes no sense."""

    code = "delivery.unreadable_event"
    status = 422


class CarrierError(Exception):
    """No good answer from the carrier."""


class CarrierUnknown(CarrierError):
    """The request may or may not have been carried out: repeat it with the same key, or ask by the key."""


class CarrierUnreachable(CarrierError):
    """Nothing was sent: safe to repeat."""


class CarrierRefused(CarrierError):
    """The carrier said no, and did nothing. `code` is the carrier's own word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel is fetched."""

    site_id: UUID
    name: str
    postcode: str
    city: str
    lat: float | None
    lon: float | None


class RateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a parcel would cost: grams, (SKU, pieces) inside, degrees in WGS 84."""

    seller_id: UUID | None
    site_id: UUID
    origin_postcode: str
    origin_lat: float | None
    origin_lon: float | None
    address: Address
    weight_g: int
    lines: tuple[tuple[UUID, int], ...]
    currency: str
    at: datetime


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A price in minor units of the currency asked for. `unit_fees`: (SKU, fee of one piece), summing to `fee`."""

    fee: int
    promised_by: datetime
    unit_fees: tuple[tuple[UUID, int], ...] | None = None


class BookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel to be fetched. The same `key` always means the same parcel."""

    shipment_id: UUID
    key: str
    origin: Origin
    destination: Address
    weight_g: int
    at: datetime


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier's word that it will come."""

    tracking_no: str
    label_ref: str


class TrackingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One scan, named by the carrier; the same name is the same scan, however often it is told."""

    event_id: Name
    tracking_no: Name
    code: EventCode
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    place: Free = ""
    note: Free = ""


class Carrier(Protocol):
    """A company that moves parcels. Never called inside a transaction."""

    @property
    def code(self) -> str:
        """Name under which shipments, events and settings know this carrier."""
        ...

    async def rates(self, request: RateRequest) -> Rate:
        """Price a parcel. Raises RateUnavailable."""
        ...

    async def book(self, request: BookRequest) -> Booking:
        """Order a pick-up; the same key gives the same booking.

        Raises CarrierUnreachable (nothing was sent), CarrierUnknown (ask again) and CarrierRefused.
        """
        ...

    async def find_booking(self, key: str) -> Booking | None:
        """The booking made under a key, if the carrier has it. Raises CarrierUnreachable and CarrierUnknown."""
        ...

    async def cancel(self, tracking_no: str) -> None:
        """Call a pick-up off; repeating it is harmless. Raises CarrierRefused once the parcel is on its way."""
        ...

    def parse_event(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> tuple[TrackingEvent, ...]:
        """Prove a webhook and read it. Raises ForgedEvent, and UnreadableEvent for a body that makes no sense."""
        ...
