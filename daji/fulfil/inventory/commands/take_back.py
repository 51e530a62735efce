"""Goods come back from a buyer and are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import UnknownSite
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import Graded
from daji.fulfil.inventory.store import inward
from daji.kit.db import Tx


async def take_back(
    tx: Tx, *, site_id: UUID, lines: Sequence[Graded], ref: str, by: str, now: datetime
) -> None:
    """Take returned goods in by their grade: for sale again, set aside, or thrown away (U-17).

    Scrap is written as a coming and a going: it adds nothing, and is seen in the ledger. Raises Invalid and
    UnknownSite.
    """
    rules.check_graded(lines)
    deltas = tuple(delta for line in lines for delta in _deltas(line, site_id))
    done = await inward.put(tx, deltas=deltas, story=inward.Story(ref=ref, by=by, at=now))
    if not done:
        raise UnknownSite
    skus = rules.distinct(line.sku_id for line in lines)
    tx.emit(StockChanged(sku_ids=skus), subject=site_id, at=now)


def _deltas(line: Graded, site_id: UUID) -> tuple[inward.Delta, ...]:
    sku_id, qty = line.sku_id, line.qty
    came = inward.Delta(sku_id=sku_id, site_id=site_id, kind="take_back", on_hand=qty)
    if line.grade == "restock":
        return (came,)
    if line.grade == "scrap":
        return (came, inward.Delta(sku_id=sku_id, site_id=site_id, kind="scrap", on_hand=-qty))
    return (inward.Delta(sku_id=sku_id, site_id=site_id, kind="take_back", quarantined=qty),)
