"""What a list of sellers must be like before it is written."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from daji.kit.problems import FieldProblem, Invalid
from daji.reach.marketplace.facts import NewSeller


def check(sellers: Sequence[NewSeller]) -> tuple[NewSeller, ...]:
    """Return the sellers in the order in which their rows are locked.

    Raises
    ------
    Invalid
        For a value out of bounds, half a place, or a code that comes twice; the pointer names the row.
    """
    wrong: list[FieldProblem] = []
    seen: set[str] = set()
    for n, seller in enumerate(sellers):
        try:
            msgspec.convert(msgspec.structs.asdict(seller), NewSeller)
        except msgspec.ValidationError as error:
            field = str(error).rpartition("`$.")[2].rstrip("`")
            wrong.append(FieldProblem(pointer=f"/{n}/{field}", code="wrong_type"))
        if (seller.lat is None) != (seller.lon is None):
            missing = "lat" if seller.lat is None else "lon"
            wrong.append(FieldProblem(pointer=f"/{n}/{missing}", code="required"))
        if seller.code in seen:
            wrong.append(FieldProblem(pointer=f"/{n}/code", code="marketplace.twice"))
        seen.add(seller.code)
    if wrong:
        raise Invalid(fields=wrong)
    return tuple(sorted(sellers, key=lambda seller: seller.code))
