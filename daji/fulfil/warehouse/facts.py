"""What this room tells others: frozen values, no rows."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Status = Literal["released", "picking", "short", "picked", "packed", "handed_over", "cancelled"]
Verb = Literal["release", "start", "pick", "report_short", "pack", "hand_over", "cancel"]


class PickLine(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be taken for one order line."""

    line_id: UUID
    sku_id: UUID
    qty: int


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """An order whose goods are to be picked at a site; `number` is what stands on the list."""

    order_id: UUID
    site_id: UUID
    number: str
    lines: tuple[PickLine, ...]


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one order line that were found, or not found."""

    line_id: UUID
    qty: int


class Stint(msgspec.Struct, frozen=True, kw_only=True):
    """Who works on an order, and when."""

    order_id: UUID
    by: str
    at: datetime


class ListLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a pick list: asked, taken so far, and reported missing."""

    line_id: UUID
    sku_id: UUID
    qty: int
    picked: int
    short: int


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """The closed box: grams, and millimetres of its three sides when they were measured."""

    id: UUID
    weight_g: int
    size_mm: tuple[int, int, int] | None


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, and when."""

    verb: Verb
    by: str
    at: datetime


class PickList(msgspec.Struct, frozen=True, kw_only=True):
    """The work one order makes at one place."""

    id: UUID
    order_id: UUID
    site_id: UUID
    number: str
    status: Status
    lines: tuple[ListLine, ...]
    package: Package | None
    created_at: datetime
    history: tuple[Worked, ...]
