"""Decisions about stock: pure functions of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args
from uuid import UUID

import msgspec

from daji.fulfil.inventory.facts import BucketVerb, Grade, Graded, HoldLine, HoldPolicy, HoldWish
from daji.kit.ids import show
from daji.kit.problems import FieldProblem, Invalid

MAX_QTY = 1_000_000_000
"""Pieces in one line; far above any shelf, far below what a 64-bit sum of many lines can hold."""


def check_qty(qty: int, pointer: str) -> None:
    """Refuse a quantity that is no count of goods. Raises Invalid."""
    if qty < 1:
        raise _invalid(pointer, "too_small", minimum=1)
    if qty > MAX_QTY:
        raise _invalid(pointer, "too_large", maximum=MAX_QTY)


def check_delta(delta: int, pointer: str) -> None:
    """Refuse a change by nothing or by too much. Raises Invalid."""
    check_qty(abs(delta), pointer)


def merged(lines: Sequence[HoldLine]) -> tuple[HoldLine, ...]:
    """Sum lines of the same SKU and place, in the order in which rows are locked. Raises Invalid."""
    if not lines:
        raise _invalid("lines", "required")
    total: dict[tuple[UUID, UUID], int] = {}
    for n, line in enumerate(lines):
        check_qty(line.qty, f"/lines/{n}/qty")
        key = line.sku_id, line.site_id
        total[key] = total.get(key, 0) + line.qty
    return tuple(
        HoldLine(sku_id=sku_id, site_id=site_id, qty=qty) for (sku_id, site_id), qty in sorted(total.items())
    )


def check_graded(lines: Sequence[Graded]) -> None:
    """Refuse an empty list and impossible quantities. Raises Invalid."""
    if not lines:
        raise _invalid("lines", "required")
    for n, line in enumerate(lines):
        check_qty(line.qty, f"/lines/{n}/qty")
        check_choice(line.grade, Grade, f"/lines/{n}/grade")


def check_choice(value: str, choices: object, pointer: str) -> None:
    """Refuse a word that is none of the Literal's. Raises Invalid."""
    if value not in get_args(choices):
        raise _invalid(pointer, "unknown_value")


def allowed_hold(policy: HoldPolicy, on_hand: int) -> int:
    """Pieces of a SKU that one buyer may keep unpaid, given `on_hand` pieces in all places together (U-14)."""
    share = on_hand * policy.max_share_percent // 100
    return min(policy.max_units_per_buyer_sku, max(policy.min_units, share))


def over_limit(
    policy: HoldPolicy, *, on_hand: Mapping[UUID, int], pending: Mapping[UUID, int]
) -> dict[UUID, int]:
    """SKUs of which the busiest of a buyer's keys holds too much, with what is allowed."""
    allowed = {sku_id: allowed_hold(policy, on_hand.get(sku_id, 0)) for sku_id in pending}
    return {sku_id: allowed[sku_id] for sku_id, qty in pending.items() if qty > allowed[sku_id]}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a wish: `fresh` when pieces are to be held for it now, `left` is what is free after it.

    `allowed` is set when the buyer's limit refuses it, `reused` when its holder holds another number of pieces.
    """

    granted: bool
    left: int
    fresh: bool = False
    reused: bool = False
    allowed: int | None = None


def decide_wishes(
    wishes: Sequence[HoldWish],
    *,
    available: int,
    standing: Mapping[UUID, int],
    unpaid: Mapping[str, int],
    allowed: int,
) -> tuple[Verdict, ...]:
    """Grant wishes in their order as far as `available` goes; a large one that does not fit leaves room for small ones.

    `standing` is what holders hold already, `unpaid` what buyers do, by key; both grow with what is granted, so that
    the second copy of a wish is granted without more pieces.
    """
    held, pending = dict(standing), dict(unpaid)
    verdicts: list[Verdict] = []
    for wish in wishes:
        if wish.holder in held:
            same = held[wish.holder] == wish.qty
            verdicts.append(Verdict(granted=same, left=available, reused=not same))
        elif wish.qty > available:
            verdicts.append(Verdict(granted=False, left=available))
        elif any(pending.get(key, 0) + wish.qty > allowed for key in wish.buyer_keys):
            verdicts.append(Verdict(granted=False, left=available, allowed=allowed))
        else:
            available -= wish.qty
            held[wish.holder] = wish.qty
            for key in wish.buyer_keys:
                pending[key] = pending.get(key, 0) + wish.qty
            verdicts.append(Verdict(granted=True, left=available, fresh=True))
    return tuple(verdicts)


BUCKETS: Mapping[BucketVerb, tuple[int, int]] = {
    "quarantine": (-1, 1),
    "restock": (1, -1),
    "scrap": (0, -1),
}
"""Verb to the sign of its change to (on hand, quarantined)."""


def told(sku_id: UUID, site_id: UUID, **counts: int) -> dict[str, object]:
    """One line of a refusal, with ids as readers of the wire know them."""
    return {"sku": show("sku", sku_id), "site": show("sit", site_id), **counts}


def distinct(sku_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(set(sku_ids)))


def _invalid(pointer: str, code: str, **params: object) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer=pointer, code=code, params=params),))
