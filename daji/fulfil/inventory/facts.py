"""What this room tells others: frozen values, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

SiteKind = Literal["warehouse", "shop"]
HoldState = Literal["pending", "confirmed", "shipped", "released"]
Grade = Literal["restock", "quarantine", "scrap"]
BucketVerb = Literal["quarantine", "restock", "scrap"]
AdjustReason = Literal["found", "lost", "damaged", "count", "correction"]
MovementKind = Literal[
    "receive",
    "adjust",
    "hold",
    "release",
    "move_out",
    "move_in",
    "ship",
    "unship",
    "take_back",
    "quarantine",
    "restock",
    "scrap",
]


class NewSite(msgspec.Struct, frozen=True, kw_only=True):
    """A place to open; `code` is its stable name outside. Degrees are WGS 84; a higher priority ships first."""

    code: str
    name: str
    kind: SiteKind
    seller_id: UUID | None = None
    country: str
    region: str
    city: str
    postcode: str = ""
    lat: float | None = None
    lon: float | None = None
    priority: int = 0


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place that keeps goods: a warehouse or a shop."""

    id: UUID
    code: str
    name: str
    kind: SiteKind
    seller_id: UUID | None
    country: str
    region: str
    city: str
    postcode: str
    lat: float | None
    lon: float | None
    priority: int
    active: bool


class StockLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one SKU."""

    sku_id: UUID
    qty: int


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of one SKU at one place."""

    sku_id: UUID
    site_id: UUID
    qty: int


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that are to be held for `holder` since `at`; `buyer_keys` name the buyer in several ways.

    Account, device, address on the net: none of them may go over the policy, and without a key there is no limit.
    """

    holder: UUID
    lines: tuple[HoldLine, ...]
    buyer_keys: tuple[str, ...]
    expires_at: datetime
    at: datetime


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """A holder's goods that leave with one parcel: from where, under which reference, by whom and when."""

    holder: UUID
    lines: tuple[HoldLine, ...]
    ref: str
    by: str
    at: datetime


class HoldWish(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants `qty` pieces of a balance that many want; `holder` is the key under which it is granted once."""

    holder: UUID
    qty: int
    expires_at: datetime
    now: datetime
    buyer_keys: tuple[str, ...] = ()


class Graded(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that came back and what is to become of them."""

    sku_id: UUID
    qty: int
    grade: Grade


class HoldPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU one buyer may keep in unpaid orders (U-14).

    At most `max_units_per_buyer_sku` pieces, and at most `max_share_percent` of what is on hand, but a buyer may
    always hold `min_units`.
    """

    max_units_per_buyer_sku: int
    max_share_percent: int
    min_units: int


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of one SKU at one place. `quarantined` pieces lie there too, but are not on hand."""

    sku_id: UUID
    site_id: UUID
    on_hand: int
    held: int
    quarantined: int

    @property
    def available(self) -> int:
        """Pieces that may still be promised."""
        return self.on_hand - self.held


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one promise that is in one state; a promise shipped in part shows as two of these."""

    id: UUID
    holder: UUID
    sku_id: UUID
    site_id: UUID
    qty: int
    state: HoldState
    expires_at: datetime | None
    created_at: datetime


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the append-only ledger; `seq` grows in the order of writing."""

    seq: int
    sku_id: UUID
    site_id: UUID
    kind: MovementKind
    delta_on_hand: int
    delta_held: int
    delta_quarantined: int
    ref: str
    reason: str
    note: str
    by: str
    at: datetime


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A balance that disagrees with the ledger, or with the sum of its open holds."""

    sku_id: UUID
    site_id: UUID
    field: Literal["on_hand", "held", "quarantined", "holds"]
    balance: int
    ledger: int


class AuditReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit counted; empty `differences` is well. `oversold` pieces are promised and not on hand."""

    balances: int
    movements: int
    oversold: int
    differences: tuple[Difference, ...]
