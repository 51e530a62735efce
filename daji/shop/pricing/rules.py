"""How a new price is laid over the periods that stand, without overlap and without touching the past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from daji.kit import money
from daji.kit.money import LIMIT
from daji.kit.problems import FieldProblem
from daji.shop.pricing.facts import BadPrice, NewPrice, Price

MAX_PRICES = 5_000
MIN_PERCENT = -90
MAX_PERCENT = 900
_HALF = 2


class Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """What one new price does to the live periods of its SKU.

    `cut` ends a standing period early (id, new end); `withdrawn` replaces periods that had not begun; `resumed` are
    standing prices that go on behind a bounded new one (price to repeat, its new start and end).
    """

    unchanged: bool = False
    rewrites_past: bool = False
    cut: tuple[tuple[UUID, datetime], ...] = ()
    withdrawn: tuple[UUID, ...] = ()
    resumed: tuple[tuple[Price, datetime, datetime | None], ...] = ()


def check(prices: Sequence[NewPrice], *, valid_from: datetime, valid_to: datetime | None) -> None:
    """Refuse impossible input before any statement. Raises BadPrice."""
    problems: list[FieldProblem] = []
    if valid_to is not None and valid_to <= valid_from:
        problems.append(FieldProblem(pointer="/valid_to", code="pricing.not_after_start"))
    if len(prices) > MAX_PRICES:
        problems.append(
            FieldProblem(pointer="/prices", code="pricing.too_many", params={"maximum": MAX_PRICES})
        )
    seen: set[UUID] = set()
    for index, price in enumerate(prices):
        if price.sku_id in seen:
            problems.append(FieldProblem(pointer=f"/prices/{index}/sku_id", code="pricing.duplicate"))
        seen.add(price.sku_id)
        if not 0 <= price.amount <= LIMIT:
            problems.append(FieldProblem(pointer=f"/prices/{index}/amount", code="pricing.out_of_range"))
        if price.compare_at is not None and not price.amount < price.compare_at <= LIMIT:
            problems.append(
                FieldProblem(pointer=f"/prices/{index}/compare_at", code="pricing.not_above_amount")
            )
    if problems:
        raise BadPrice(fields=problems)


def overlay(
    standing: Sequence[Price],
    new: NewPrice,
    *,
    valid_from: datetime,
    valid_to: datetime | None,
    now: datetime,
) -> Overlay:
    """Decide what happens to the live periods of one SKU in one list when `new` is to hold in [from, to).

    A new price without end takes everything after its start, planned prices included. A bounded one interrupts:
    what stood before goes on behind it, since a sale that ends must not leave goods without a price.
    """
    cut: list[tuple[UUID, datetime]] = []
    withdrawn: list[UUID] = []
    resumed: list[tuple[Price, datetime, datetime | None]] = []
    rewrites_past = False
    for old in standing:
        if not _overlaps(old, valid_from, valid_to):
            continue
        same_price = (old.amount, old.compare_at) == (new.amount, new.compare_at)
        # Periods never overlap, so one that covers the new period to the same end leaves nothing else to do.
        if same_price and old.valid_from <= valid_from and old.valid_to == valid_to:
            return Overlay(unchanged=True)
        rewrites_past = rewrites_past or max(old.valid_from, valid_from) < now
        if old.valid_from < valid_from:
            cut.append((old.id, valid_from))
        else:
            withdrawn.append(old.id)
        if valid_to is not None and (old.valid_to is None or old.valid_to > valid_to):
            resumed.append((old, valid_to, old.valid_to))
    return Overlay(
        rewrites_past=rewrites_past, cut=tuple(cut), withdrawn=tuple(withdrawn), resumed=tuple(resumed)
    )


def _overlaps(old: Price, start: datetime, end: datetime | None) -> bool:
    return (end is None or old.valid_from < end) and (old.valid_to is None or old.valid_to > start)


def repriced(base: int, *, percent: Decimal, amount: int, step: int) -> int:
    """Move a price by a percentage, then by an amount, to the nearest multiple of `step` (half up); never below 0."""
    moved = money.apply_rate(base, 1 + percent.scaleb(-2)) + amount
    return max(0, (_HALF * moved + step) // (_HALF * step) * step)


def doubts(before: int, after: int) -> tuple[str, ...]:
    """Say why a new price may be a slip of the hand: `free`, `less_than_half`, `more_than_double`."""
    found = []
    if after == 0:
        found.append("free")
    elif after * _HALF < before:
        found.append("less_than_half")
    if before and after > before * _HALF:
        found.append("more_than_double")
    return tuple(found)
