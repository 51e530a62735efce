"""Ids as they come in: text with the prefix of what it names, with an example for whoever reads the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from daji.kit import ids
from daji.kit.problems import FieldProblem, Invalid

_BODY = "_01kb5nq3m2e8s9v4x7y0z1a2b3"

BrandId = Annotated[str, msgspec.Meta(examples=[f"brd{_BODY}"])]
CategoryId = Annotated[str, msgspec.Meta(examples=[f"cat{_BODY}"])]
LineId = Annotated[str, msgspec.Meta(examples=[f"lin{_BODY}"])]
MediaId = Annotated[str, msgspec.Meta(examples=[f"med{_BODY}"])]
OrderId = Annotated[str, msgspec.Meta(examples=[f"ord{_BODY}"])]
PriceListId = Annotated[str, msgspec.Meta(examples=[f"prl{_BODY}"])]
ProductId = Annotated[str, msgspec.Meta(examples=[f"prd{_BODY}"])]
SellerId = Annotated[str, msgspec.Meta(examples=[f"sel{_BODY}"])]
SiteId = Annotated[str, msgspec.Meta(examples=[f"sit{_BODY}"])]
SkuId = Annotated[str, msgspec.Meta(examples=[f"sku{_BODY}"])]
TradeId = Annotated[str, msgspec.Meta(examples=[f"trd{_BODY}"])]
Trades = tuple[TradeId, ...]
UnitId = Annotated[str, msgspec.Meta(examples=[f"unt{_BODY}"])]

MOST_TICKED = 100


def ticked(trades: Sequence[str]) -> tuple[UUID, ...]:
    """Ids of the trades that somebody ticked in a list. Raises Invalid for more than `MOST_TICKED`, NotFound."""
    if len(trades) > MOST_TICKED:
        raise Invalid(
            fields=(FieldProblem(pointer="/trade", code="too_many", params={"maximum": MOST_TICKED}),)
        )
    return tuple(ids.read("trd", one) for one in trades)
