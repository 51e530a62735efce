"""Decisions of the cart room: quantities, merging, and how a newer quote differs from an older one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid
from daji.trade.cart.facts import (
    CartFull,
    CartLine,
    Change,
    QuantityOutOfRange,
    Quote,
    QuoteLine,
    UnreadableText,
)

MAX_QTY = 999
MAX_LINES = 120

Mode = Literal["set", "add"]

CHANGE_CODES = (
    "delisted",
    "sold_out",
    "quantity_short",
    "price_up",
    "price_down",
    "freight",
    "promise_later",
    "total",
)


def changed_quantity(current: int, qty: int, mode: Mode) -> int:
    """The quantity that results; 0 means that the line goes. Raises QuantityOutOfRange, Invalid (mode).

    `set` takes 0 to 999, `add` 1 to 999 on top of what is there, and 999 is the most that may result.
    """
    if mode not in ("set", "add"):
        raise Invalid(fields=(FieldProblem(pointer="/mode", code="unknown_value"),))
    least = 0 if mode == "set" else 1
    wanted = qty if mode == "set" else current + qty
    if qty < least or wanted > MAX_QTY:
        raise QuantityOutOfRange(minimum=least, maximum=MAX_QTY, wanted=wanted)
    return wanted


def with_quantity(
    lines: Sequence[CartLine], *, sku_id: UUID, qty: int, mode: Mode, now: datetime
) -> tuple[CartLine, ...]:
    """The lines after one change; a new line is selected, an old one keeps its place and its mark.

    Raises QuantityOutOfRange, Invalid, CartFull.
    """
    old = next((line for line in lines if line.sku_id == sku_id), None)
    wanted = changed_quantity(old.qty if old else 0, qty, mode)
    if old is None:
        if wanted == 0:
            return tuple(lines)
        if len(lines) >= MAX_LINES:
            raise CartFull(maximum=MAX_LINES)
        return (*lines, CartLine(sku_id=sku_id, qty=wanted, selected=True, added_at=now))
    kept = CartLine(sku_id=sku_id, qty=wanted, selected=old.selected, added_at=old.added_at)
    return tuple(kept if line is old else line for line in lines if line is not old or wanted)


def merged(own: Sequence[CartLine], guest: Sequence[CartLine]) -> tuple[CartLine, ...]:
    """A shopper's lines with a guest's laid on: quantities add up to at most 999, a mark in either stays.

    When both do not fit in one cart, the shopper's own lines stay, and of the guest's the newest.
    """
    by_sku = {line.sku_id: line for line in own}
    fresh: list[CartLine] = []
    for line in guest:
        old = by_sku.get(line.sku_id)
        if old is None:
            fresh.append(line)
            continue
        by_sku[line.sku_id] = CartLine(
            sku_id=line.sku_id,
            qty=min(old.qty + line.qty, MAX_QTY),
            selected=old.selected or line.selected,
            added_at=min(old.added_at, line.added_at),
        )
    fresh.sort(key=lambda line: (line.added_at, line.sku_id), reverse=True)
    both = [*by_sku.values(), *fresh[: max(0, MAX_LINES - len(by_sku))]]
    return tuple(sorted(both, key=lambda line: (line.added_at, line.sku_id)))


def differences(old: Quote, new: Quote, *, delisted: Collection[UUID] = ()) -> tuple[Change, ...]:
    """What a buyer who agreed to `old` has to know before `new` is charged; empty when nothing that matters.

    A line that is gone is told as `delisted` when its SKU is among those, else as `sold_out`. Made again with
    another id or at another time, the same offer has no difference.
    """
    changes: list[Change] = []
    lines = {line.sku_id: line for line in new.lines}
    for line in old.lines:
        changes += _line_changes(line, lines.get(line.sku_id), old, gone_for_good=line.sku_id in delisted)
    changes += _later_promises(old, new)
    money = {"currency": new.currency}
    if old.freight != new.freight:
        changes.append(Change(code="freight", params={"old": old.freight, "new": new.freight, **money}))
    if (old.total, old.currency) != (new.total, new.currency):
        changes.append(Change(code="total", params={"old": old.total, "new": new.total, **money}))
    return tuple(changes)


def _line_changes(
    old: QuoteLine, new: QuoteLine | None, quote: Quote, *, gone_for_good: bool
) -> list[Change]:
    what: dict[str, object] = {
        "sku": ids.show("sku", old.sku_id),
        "code": old.code,
        "title": title(old, quote.lang),
    }
    if new is None:
        return [Change(code="delisted" if gone_for_good else "sold_out", params=what)]
    changes: list[Change] = []
    if new.qty < old.qty:
        changes.append(Change(code="quantity_short", params={**what, "old": old.qty, "new": new.qty}))
    if new.unit_price != old.unit_price:
        code = "price_up" if new.unit_price > old.unit_price else "price_down"
        prices = {"old": old.unit_price, "new": new.unit_price, "currency": quote.currency}
        changes.append(Change(code=code, params={**what, **prices}))
    return changes


def _later_promises(old: Quote, new: Quote) -> list[Change]:
    """One change for each pair of dates: ten lines in one late parcel are one piece of news."""
    before, after = _promises(old), _promises(new)
    late: dict[tuple[datetime, datetime], list[QuoteLine]] = {}
    for line in old.lines:
        promised = before.get(line.sku_id)
        then = after.get(line.sku_id)
        if promised is not None and then is not None and then > promised:
            late.setdefault((promised, then), []).append(line)
    return [
        Change(
            code="promise_later",
            params={
                "old": promised,
                "new": then,
                "title": ", ".join(title(line, old.lang) for line in lines),
                "skus": [ids.show("sku", line.sku_id) for line in lines],
            },
        )
        for (promised, then), lines in late.items()
    ]


def _promises(quote: Quote) -> dict[UUID, datetime]:
    """When the last piece of each SKU is promised."""
    promises: dict[UUID, datetime] = {}
    for parcel in quote.parcels:
        for sku_id, _ in parcel.items:
            promises[sku_id] = max(promises.get(sku_id, parcel.promised_by), parcel.promised_by)
    return promises


def title(line: QuoteLine, lang: str) -> str:
    """The title in the reader's language, else in any, else the code."""
    return line.titles.get(lang) or next((text for text in line.titles.values() if text), line.code)


def stored_json(value: object) -> str:
    """JSON text for a column; raises UnreadableText for U+0000, which PostgreSQL stores in no text."""
    body = msgspec.json.encode(value).decode()
    # Pairs of backslashes first: what then still reads \u0000 is the character, not six letters.
    if "\\u0000" in body.replace("\\\\", ""):
        raise UnreadableText
    return body
