"""Goods leave for the buyer, or turn out not to have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HeldElsewhere, NotShipped
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine
from daji.fulfil.inventory.store import holds
from daji.kit.db import Tx


async def ship(tx: Tx, *, holder: UUID, lines: Sequence[HoldLine], ref: str, by: str, now: datetime) -> None:
    """Consume confirmed holds at exactly these places, all or none.

    Raises Invalid, and HeldElsewhere when a line is not (or not enough of it is) held and confirmed there.
    """
    total = rules.merged(lines)
    uncovered = await holds.ship(tx, holder=holder, lines=total, ref=ref, by=by, now=now)
    if uncovered:
        raise HeldElsewhere(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, held=line.there)
                for line in uncovered
            )
        )
    skus = rules.distinct(line.sku_id for line in total)
    tx.emit(StockChanged(sku_ids=skus), subject=holder, at=now)


async def unship(
    tx: Tx, *, holder: UUID, lines: Sequence[HoldLine], ref: str, by: str, now: datetime
) -> None:
    """Undo a shipment: the goods are on hand again, and held for the same holder, where they were (U-17).

    Raises Invalid, and NotShipped when less than this was shipped from there.
    """
    total = rules.merged(lines)
    missing = await holds.unship(tx, holder=holder, lines=total, ref=ref, by=by, now=now)
    if missing:
        raise NotShipped(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, shipped=line.there)
                for line in missing
            )
        )
    skus = rules.distinct(line.sku_id for line in total)
    tx.emit(StockChanged(sku_ids=skus), subject=holder, at=now)
