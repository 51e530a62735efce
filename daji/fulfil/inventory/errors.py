"""What this room refuses, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from daji.kit.ids import read
from daji.kit.problems import Problem


class UnknownSite(Problem):
    """No such place, or a place that is closed."""

    code = "inventory.unknown_site"
    status = 404


class StockShort(Problem):
    """Not enough to promise. `lines`: {sku, site, wanted, available} for every line that is short."""

    code = "inventory.stock_short"
    status = 409

    @property
    def missing(self) -> dict[UUID, int]:
        """Pieces lacking by SKU."""
        lacking: dict[UUID, int] = {}
        for line in cast("Sequence[Mapping[str, Any]]", self.params["lines"]):
            sku_id = read("sku", line["sku"])
            lacking[sku_id] = lacking.get(sku_id, 0) + line["wanted"] - line["available"]
        return lacking

    @property
    def available(self) -> dict[tuple[UUID, UUID], int]:
        """Pieces that are there of each (SKU, site) that is short."""
        lines = cast("Sequence[Mapping[str, Any]]", self.params["lines"])
        return {(read("sku", line["sku"]), read("sit", line["site"])): line["available"] for line in lines}


class HoldLimit(Problem):
    """One buyer holds too much unpaid. `lines`: {sku, allowed} for every SKU that is over."""

    code = "inventory.hold_limit"
    status = 409


class BelowHeld(Problem):
    """What is promised or set aside would no longer be there: `wanted` pieces asked for, `free` may go."""

    code = "inventory.below_held"
    status = 409


class HeldElsewhere(Problem):
    """These goods are not held at this place. `lines`: {sku, site, wanted, held}."""

    code = "inventory.held_elsewhere"
    status = 409


class NotShipped(Problem):
    """More would come back from a shipment than went. `lines`: {sku, site, wanted, shipped}."""

    code = "inventory.not_shipped"
    status = 409
