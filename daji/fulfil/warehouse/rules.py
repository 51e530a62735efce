"""Decisions about picking: pure functions of values."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from daji.fulfil.warehouse.errors import NotPicked, OverPicked, UnknownLine
from daji.fulfil.warehouse.facts import ListLine, Picked, PickLine, PickList
from daji.kit.problems import FieldProblem, Invalid

MAX_QTY = 1_000_000
MAX_WEIGHT_G = 100_000_000
MAX_SIDE_MM = 100_000


def check_lines(lines: Sequence[PickLine]) -> None:
    """Refuse a list without work, a line named twice and quantities that are no counts. Raises Invalid."""
    if not lines:
        raise _invalid("lines", "required")
    for n, line in enumerate(lines):
        _check_range(line.qty, f"/lines/{n}/qty", MAX_QTY)
    if len({line.line_id for line in lines}) != len(lines):
        raise _invalid("lines", "unknown_value")


def check_package(weight_g: int, size_mm: tuple[int, int, int] | None) -> None:
    """Refuse a box without weight or extent. Raises Invalid."""
    _check_range(weight_g, "weight_g", MAX_WEIGHT_G)
    for n, side in enumerate(size_mm or ()):
        _check_range(side, f"/size_mm/{n}", MAX_SIDE_MM)


def after_pick(lines: Sequence[ListLine], picked: Sequence[Picked]) -> tuple[ListLine, ...]:
    """Add what was found; a piece once reported short may be found after all.

    Raises Invalid, UnknownLine, and OverPicked when a line would get more than it asks for.
    """
    found = _by_line(lines, picked, "picked")
    out = []
    for line in lines:
        more = found.get(line.line_id, 0)
        if line.picked + more > line.qty:
            raise OverPicked(line_id=str(line.line_id), wanted=more, open=line.qty - line.picked)
        taken = line.picked + more
        out.append(_with(line, picked=taken, short=min(line.short, line.qty - taken)))
    return tuple(out)


def after_short(lines: Sequence[ListLine], shorts: Sequence[Picked]) -> tuple[ListLine, ...]:
    """Add what was not found. Raises Invalid, UnknownLine and OverPicked."""
    missing = _by_line(lines, shorts, "shorts")
    out = []
    for line in lines:
        more = missing.get(line.line_id, 0)
        still = line.qty - line.picked - line.short
        if more > still:
            raise OverPicked(line_id=str(line.line_id), wanted=more, open=still)
        out.append(_with(line, picked=line.picked, short=line.short + more))
    return tuple(out)


def is_complete(lines: Sequence[ListLine]) -> bool:
    return all(line.picked == line.qty for line in lines)


def check_packable(pick_list: PickList) -> None:
    """Refuse to close a box that lacks pieces. Raises NotPicked."""
    missing = sum(line.qty - line.picked for line in pick_list.lines)
    if missing:
        raise NotPicked(missing=missing)


def _by_line(lines: Sequence[ListLine], counts: Sequence[Picked], pointer: str) -> dict[UUID, int]:
    if not counts:
        raise _invalid(pointer, "required")
    known = {line.line_id for line in lines}
    total: dict[UUID, int] = {}
    for n, count in enumerate(counts):
        _check_range(count.qty, f"/{pointer}/{n}/qty", MAX_QTY)
        if count.line_id not in known:
            raise UnknownLine(line_id=str(count.line_id))
        total[count.line_id] = total.get(count.line_id, 0) + count.qty
    return total


def _with(line: ListLine, *, picked: int, short: int) -> ListLine:
    return ListLine(line_id=line.line_id, sku_id=line.sku_id, qty=line.qty, picked=picked, short=short)


def _check_range(value: int, pointer: str, maximum: int) -> None:
    if value < 1:
        raise _invalid(pointer, "too_small", minimum=1)
    if value > maximum:
        raise _invalid(pointer, "too_large", maximum=maximum)


def _invalid(pointer: str, code: str, **params: object) -> Invalid:
    return Invalid(fields=(FieldProblem(pointer=pointer, code=code, params=params),))
