"""Decisions about notices: pure functions of values."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.supply.facts import NewNotice, NoticeLine
from daji.kit.problems import FieldProblem, Invalid

MAX_QTY = 1_000_000
MAX_LINES = 500
MAX_NUMBER = 60
MAX_WORDS = 500


def check_notice(given: NewNotice) -> None:
    """Refuse a notice without number, supplier or goods, and texts that cannot be kept. Raises Invalid."""
    wrong = [
        FieldProblem(pointer=f"/{name}", code="required")
        for name, text in (("number", given.number), ("supplier", given.supplier))
        if not text.strip()
    ]
    for name, text, most in (
        ("number", given.number, MAX_NUMBER),
        ("supplier", given.supplier, MAX_WORDS),
        ("note", given.note, MAX_WORDS),
    ):
        if len(text) > most:
            wrong.append(FieldProblem(pointer=f"/{name}", code="too_long", params={"maximum": most}))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    check_lines(given.lines)


def check_lines(lines: Sequence[tuple[UUID, int]]) -> None:
    """Refuse nothing, too much, one SKU twice and quantities that are no counts. Raises Invalid."""
    if not lines:
        raise Invalid(fields=(FieldProblem(pointer="/lines", code="required"),))
    if len(lines) > MAX_LINES:
        raise Invalid(
            fields=(FieldProblem(pointer="/lines", code="too_many", params={"maximum": MAX_LINES}),)
        )
    seen: set[UUID] = set()
    for n, (sku_id, qty) in enumerate(lines):
        if qty < 1:
            raise _wrong(n, "too_small", minimum=1)
        if qty > MAX_QTY:
            raise _wrong(n, "too_large", maximum=MAX_QTY)
        if sku_id in seen:
            raise _wrong(n, "supply.sku_twice")
        seen.add(sku_id)


def after_receipt(lines: Sequence[NoticeLine], came: Sequence[tuple[UUID, int]]) -> tuple[NoticeLine, ...]:
    """Add what was counted; a SKU that was not announced gets a line that expects none."""
    now = {line.sku_id: line for line in lines}
    for sku_id, qty in came:
        known = now.get(sku_id, NoticeLine(sku_id=sku_id, expected=0))
        now[sku_id] = NoticeLine(sku_id=sku_id, expected=known.expected, received=known.received + qty)
    return tuple(now.values())


def is_complete(lines: Sequence[NoticeLine]) -> bool:
    """Whether everything that was announced is here."""
    return all(line.received >= line.expected for line in lines)


def _wrong(n: int, code: str, **params: object) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer=f"/lines/{n}/qty", code=code, params=params),))
