"""Goods arrive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import UnknownSite
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine, StockLine
from daji.fulfil.inventory.store import inward
from daji.kit.db import Tx


async def receive(
    tx: Tx, *, site_id: UUID, lines: Sequence[StockLine], ref: str, by: str, now: datetime
) -> None:
    """Put goods on hand at one place. Raises Invalid and UnknownSite."""
    placed = tuple(HoldLine(sku_id=line.sku_id, site_id=site_id, qty=line.qty) for line in lines)
    await receive_many(tx, lines=placed, ref=ref, by=by, now=now)


async def receive_many(tx: Tx, *, lines: Sequence[HoldLine], ref: str, by: str, now: datetime) -> None:
    """Put goods on hand at many places in one statement. Raises Invalid and UnknownSite."""
    total = rules.merged(lines)
    deltas = [
        inward.Delta(sku_id=line.sku_id, site_id=line.site_id, kind="receive", on_hand=line.qty)
        for line in total
    ]
    done = await inward.put(tx, deltas=deltas, story=inward.Story(ref=ref, by=by, at=now))
    if len(done) != len(total):
        raise UnknownSite
    tx.emit(
        StockChanged(sku_ids=rules.distinct(line.sku_id for line in total)), subject=total[0].site_id, at=now
    )
