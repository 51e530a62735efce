"""What this room tells others: frozen values, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Status = Literal["draft", "scheduled", "open", "sold_out", "closed"]
Audience = Literal["members", "anyone"]
StandingState = Literal["early", "waiting", "called", "over"]

Quota = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Price = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)]


class NewLine(msgspec.Struct, frozen=True, kw_only=True):
    """One SKU of a sale: its price in minor units of the channel's currency, and how many pieces there are."""

    sku_id: UUID
    price: Price
    quota: Quota


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A flash sale as its maker wants it.

    `per_buyer` pieces at most go to one buyer. `audience` says whether guests may queue. A called buyer has
    `pass_minutes` to choose and confirm, then `pay_minutes` to pay. `admit_percent` is how many buyers are let in for
    100 pieces that are left: above 100, because some who are let in leave again.
    """

    titles: dict[str, str]
    channel: str
    currency: str
    opens_at: datetime
    closes_at: datetime
    per_buyer: int = 1
    audience: Audience = "members"
    pass_minutes: int = 5
    pay_minutes: int = 10
    admit_percent: int = 105
    lines: tuple[NewLine, ...]


class SaleLine(msgspec.Struct, frozen=True, kw_only=True):
    """`taken` of `quota` pieces are in orders, paid or not."""

    id: UUID
    sku_id: UUID
    price: int
    quota: int
    taken: int


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A flash sale; times are a half-open period, `version` grows with every change by staff."""

    id: UUID
    titles: dict[str, str]
    channel: str
    currency: str
    status: Status
    opens_at: datetime
    closes_at: datetime
    per_buyer: int
    audience: Audience
    pass_minutes: int
    pay_minutes: int
    admit_percent: int
    version: int
    lines: tuple[SaleLine, ...]

    @property
    def quota(self) -> int:
        return sum(line.quota for line in self.lines)

    @property
    def taken(self) -> int:
        return sum(line.taken for line in self.lines)

    @property
    def left(self) -> int:
        """Pieces that are in nobody's order."""
        return self.quota - self.taken


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """A place in line: lane, number in it, whose, since when (seconds since 1970)."""

    sale_id: UUID
    lane_id: UUID
    place: int
    buyer: str
    since: int


class Pass(msgspec.Struct, frozen=True, array_like=True):
    """The right to place one order of this sale, before it expires (seconds since 1970)."""

    sale_id: UUID
    pass_id: UUID
    buyer: str
    expires: int


class IssuedPass(msgspec.Struct, frozen=True, kw_only=True):
    """A pass as the database keeps it."""

    id: UUID
    expires_at: datetime


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody in line stands: `ahead` buyers before them, `left` pieces, and when asking again pays (seconds)."""

    state: StandingState
    ahead: int
    waiting: int
    left: int
    again_in: int


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces that an order took from a sale, or that it gave back; they lie at `site_id`."""

    line_id: UUID
    sku_id: UUID
    site_id: UUID
    qty: int


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What an order gave back, and whether the sale still wants it."""

    sale_id: UUID
    running: bool
    closes_at: datetime
    claims: tuple[Claimed, ...]


class LaneReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a process knows of a lane: places given out, places called, and which of those are still `expected`.

    `busy` counts them, for a lane that was just taken over too.
    """

    id: UUID
    late: bool
    issued: int
    called: int
    busy: int
    expected: tuple[int, ...] = ()


class LaneView(msgspec.Struct, frozen=True, kw_only=True):
    """A lane as all processes see it; `units` is how many buyers it may have before the till at one time."""

    id: UUID
    worker: str
    late: bool
    issued: int
    called: int
    units: int
    expected: frozenset[int] = frozenset()

    def lets(self, place: int) -> bool:
        """Whether a place may come to the till: it is waited for, or was called before and there is room again."""
        return place in self.expected or (place <= self.called and len(self.expected) < self.units)

    @property
    def waiting(self) -> int:
        return max(self.issued - self.called, 0)


class PassView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a called place; `spent` when its order was placed."""

    lane_id: UUID
    place: int
    expires_at: datetime
    spent: bool


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """What a round with the database taught a process; `hope` says whether a piece may come back from an order."""

    sale: Sale
    hope: bool
    lanes: tuple[LaneView, ...]
    passes: tuple[PassView, ...]
    at: datetime
