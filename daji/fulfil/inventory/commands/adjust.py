"""Correct a count, with a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import BelowHeld, UnknownSite
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import AdjustReason, Availability
from daji.fulfil.inventory.store import inward
from daji.kit.db import Tx


async def adjust(
    tx: Tx,
    *,
    site_id: UUID,
    sku_id: UUID,
    delta: int,
    reason: AdjustReason,
    note: str,
    by: str,
    now: datetime,
) -> Availability:
    """Change what is on hand by `delta` pieces; the new balance.

    Raises Invalid for a delta of nothing or an unknown reason, UnknownSite, and BelowHeld when promised pieces would go.
    """
    rules.check_delta(delta, "delta")
    rules.check_choice(reason, AdjustReason, "reason")
    change = inward.Delta(sku_id=sku_id, site_id=site_id, kind="adjust", on_hand=delta)
    story = inward.Story(ref="", reason=reason, note=note, by=by, at=now)
    if delta > 0:
        done = await inward.put(tx, deltas=(change,), story=story)
        if not done:
            raise UnknownSite
        balance = done[0]
    else:
        changed = await inward.change(tx, delta=change, story=story)
        if changed is None:
            seen = await inward.see(tx, sku_id=sku_id, site_id=site_id)
            raise BelowHeld(wanted=-delta, free=seen.available)
        balance = changed
    tx.emit(StockChanged(sku_ids=(sku_id,)), subject=site_id, at=now)
    return balance
