"""Sets of rows that two rooms keep apart and that must be the same, held against each other without moving them.

A room tells its side as a statement of one text column; each side is summed where it lies, as a count and the sum of its
rows' hashes, which no order and no plan changes. Only sides that differ are read row by row. So an audit of a million
orders costs two scans and two numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from daji.kit.db.session import Session

_SUM = """
SELECT count(*) AS rows, coalesce(sum(hashtextextended(side.row, 0)::numeric), 0)::text AS digest FROM ({}) AS side(row)
"""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One room's rows: `each` gives them as text, `summed` is `in_sum(each)`, both with the same `args`."""

    each: str
    summed: str
    args: tuple[str, ...] = ()


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows the left side has, and those that only one side has; both empty is well."""

    rows: int
    only_left: tuple[str, ...] = ()
    only_right: tuple[str, ...] = ()

    @property
    def differences(self) -> int:
        return len(self.only_left) + len(self.only_right)


def in_sum(each: str) -> str:
    """The statement that sums what `each` gives."""
    return _SUM.format(each)


async def compare(session: Session, left: Iterable[Side], right: Iterable[Side]) -> Agreement:
    """Hold the rows of all `left` sides together against those of all `right` ones; give it a `snapshot`."""
    left, right = tuple(left), tuple(right)
    here, there = await _sum(session, left), await _sum(session, right)
    if here == there:
        return Agreement(rows=here[0])
    mine, theirs = await _each(session, left), await _each(session, right)
    return Agreement(
        rows=here[0], only_left=tuple(sorted(mine - theirs)), only_right=tuple(sorted(theirs - mine))
    )


async def _sum(session: Session, sides: tuple[Side, ...]) -> tuple[int, int]:
    rows = digest = 0
    for side in sides:
        for found in await session.rows(side.summed, *side.args):
            rows += found["rows"]
            digest += int(found["digest"])
    return rows, digest


async def _each(session: Session, sides: tuple[Side, ...]) -> set[str]:
    found: set[str] = set()
    for side in sides:
        found.update(str(row[0]) for row in await session.rows(side.each, *side.args))
    return found
