"""Goods leave for the buyer, or turn out not to have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HeldElsewhere, NotShipped
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine, Leaving
from daji.fulfil.inventory.store import leaving as store
from daji.kit.db import Tx


async def ship(tx: Tx, *, holder: UUID, lines: Sequence[HoldLine], ref: str, by: str, now: datetime) -> None:
    """Consume one holder's holds as `ship_many` does."""
    await ship_many(tx, leaving=[Leaving(holder=holder, lines=tuple(lines), ref=ref, by=by, at=now)])


async def ship_many(tx: Tx, *, leaving: Sequence[Leaving]) -> None:
    """Consume confirmed holds at exactly these places, all or none; no line of a holder stands twice. Two statements.

    Raises Invalid, and HeldElsewhere when a line is not (or not enough of it is) held and confirmed there.
    """
    wanted = [msgspec.structs.replace(one, lines=rules.merged(one.lines)) for one in leaving]
    uncovered = await store.ship(tx, wanted)
    if uncovered:
        raise HeldElsewhere(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, held=line.there)
                for line in uncovered
            )
        )
    for one in wanted:
        skus = rules.distinct(line.sku_id for line in one.lines)
        tx.emit(StockChanged(sku_ids=skus), subject=one.holder, at=one.at)


async def unship(
    tx: Tx, *, holder: UUID, lines: Sequence[HoldLine], ref: str, by: str, now: datetime
) -> None:
    """Undo a shipment: the goods are on hand again, and held for the same holder, where they were (U-17).

    Raises Invalid, and NotShipped when less than this was shipped from there.
    """
    total = rules.merged(lines)
    missing = await store.unship(tx, holder=holder, lines=total, ref=ref, by=by, now=now)
    if missing:
        raise NotShipped(
            lines=tuple(
                rules.told(line.sku_id, line.site_id, wanted=line.wanted, shipped=line.there)
                for line in missing
            )
        )
    skus = rules.distinct(line.sku_id for line in total)
    tx.emit(StockChanged(sku_ids=skus), subject=holder, at=now)
