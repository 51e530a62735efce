"""The frozen facts of this room. Amounts are minor units of the case's currency, times aware UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

Kind = Literal["return", "refund_only"]
Status = Literal["requested", "approved", "received", "refunding", "refunded", "rejected", "withdrawn"]
Grade = Literal["restock", "quarantine", "scrap"]
Holder = Literal["shop", "buyer", "gateway", "nobody"]


class Owned(Protocol):
    """Whose the trade is: the cart room's `Owner` fits; exactly one of the two is set."""

    @property
    def shopper_id(self) -> UUID | None: ...

    @property
    def guest_token(self) -> str | None: ...


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How long everybody has. Whole days count from the day after delivery on the calendar of `zone`.

    The hours are what the shop promises to the buyer; `expected_refund_by` adds up those that are still ahead.
    """

    days: int = 7
    zone: str = "Asia/Shanghai"
    decide_hours: int = 48
    send_back_hours: int = 168
    inspect_hours: int = 48
    pay_back_hours: int = 72


class NewCaseUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of an order: `paid` is its frozen share, `amount` what is asked back of it."""

    unit_id: UUID
    line_id: UUID
    sku_id: UUID
    paid: int
    amount: int


class CaseUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit in a case; `grade` says what became of the goods, None before they are here."""

    unit_id: UUID
    line_id: UUID
    sku_id: UUID
    paid: int
    amount: int
    grade: Grade | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the visible history: what was done, by whom, and who has to act next."""

    verb: str
    status: Status
    by: str
    note: str
    at: datetime
    holder: Holder


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One wish to return goods, or to get money back without returning any.

    `expected_refund_by` is the shop's promise as of the last step; it stays as it was once the case has ended.
    """

    id: UUID
    trade_id: UUID
    order_id: UUID
    kind: Kind
    status: Status
    units: tuple[CaseUnit, ...]
    reason: str
    note: str
    amount: int
    currency: str
    expected_refund_by: datetime
    refunded_amount: int
    requested_at: datetime
    holder: Holder
    history: tuple[Step, ...]
    site_id: UUID | None = None
    closed_at: datetime | None = None
