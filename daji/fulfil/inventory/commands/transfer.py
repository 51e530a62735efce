"""Carry goods from one place to another."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import BelowHeld, UnknownSite
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine, StockLine
from daji.fulfil.inventory.store import inward, single
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid


async def transfer(
    tx: Tx,
    *,
    from_site: UUID,
    to_site: UUID,
    lines: tuple[StockLine, ...],
    ref: str,
    note: str,
    by: str,
    now: datetime,
) -> None:
    """Take pieces from the shelf of one place and put them on another's, in one step.

    Raises
    ------
    Invalid
        For no line, a quantity that is no count, or a way that leads nowhere.
    UnknownSite
        For a place that was never opened.
    BelowHeld
        When fewer pieces are free to go; what is promised stays where it is promised from.
    """
    if from_site == to_site:
        raise Invalid(fields=(FieldProblem(pointer="/to_site_id", code="unknown_value"),))
    total = rules.merged([HoldLine(sku_id=line.sku_id, site_id=from_site, qty=line.qty) for line in lines])
    skus = [line.sku_id for line in total]
    await single.lock_places(tx, [*skus, *skus], [*[from_site] * len(skus), *[to_site] * len(skus)])
    story = inward.Story(ref=ref, note=note, by=by, at=now)
    for line in total:
        change = inward.Delta(sku_id=line.sku_id, site_id=from_site, kind="move_out", on_hand=-line.qty)
        if await inward.change(tx, delta=change, story=story) is None:
            seen = await inward.see(tx, sku_id=line.sku_id, site_id=from_site)
            raise BelowHeld(wanted=line.qty, free=seen.available)
    arrived = await inward.put(
        tx,
        deltas=[
            inward.Delta(sku_id=line.sku_id, site_id=to_site, kind="move_in", on_hand=line.qty)
            for line in total
        ],
        story=story,
    )
    if len(arrived) != len(total):
        raise UnknownSite
    tx.emit(StockChanged(sku_ids=rules.distinct(skus)), subject=from_site, at=now)
