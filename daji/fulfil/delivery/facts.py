"""What this room tells others: frozen values, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit.places import Address

Mode = Literal["table", "carrier"]
Status = Literal[
    "created",
    "booked",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "failed",
    "returning",
    "returned",
    "lost",
    "cancelled",
]


class FreightRule(msgspec.Struct, frozen=True, kw_only=True):
    """The price of a parcel to some regions, in minor units of the template's currency.

    `regions` are countries (`CN`), provinces of a country (`CN-Zhejiang`) or `*`. The first `first_g` grams cost
    `first_fee`, every begun `step_g` after that `step_fee`; goods of `free_from` and more travel free; a parcel
    above `max_g` is not taken.
    """

    regions: tuple[str, ...]
    first_g: int
    first_fee: int
    step_g: int
    step_fee: int
    free_from: int | None = None
    transit_hours: int
    max_g: int | None = None


class FreightTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """How a seller charges for the way: by its own table, or by what the carrier asks."""

    id: UUID
    code: str
    name: str
    currency: str
    mode: Mode
    rules: tuple[FreightRule, ...]


class FreightQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Fee in minor units of the template's currency, and hours on the way."""

    fee: int
    transit_hours: int


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A box of an order that is to go by a carrier, weighed in grams; `at` is when that was decided."""

    shipment_id: UUID
    order_id: UUID
    carrier: str
    address: Address
    weight_g: int
    at: datetime
    package_id: UUID | None = None


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """The carrier's number for a parcel, and when it was told."""

    shipment_id: UUID
    tracking_no: str
    at: datetime


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel with one carrier."""

    id: UUID
    order_id: UUID
    package_id: UUID | None
    carrier: str
    status: Status
    tracking_no: str | None
    address: Address
    weight_g: int
    created_at: datetime
    booked_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What an event did: `fresh` when it was not known, `changed` when the parcel's status moved."""

    shipment: Shipment
    changed: bool
    fresh: bool
