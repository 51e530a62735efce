"""Set goods aside, put them back on sale, or throw away what was set aside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import BelowHeld
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import Availability, BucketVerb
from daji.fulfil.inventory.store import inward
from daji.kit.db import Tx


async def move_bucket(
    tx: Tx,
    *,
    site_id: UUID,
    sku_id: UUID,
    qty: int,
    verb: BucketVerb,
    note: str,
    by: str,
    now: datetime,
) -> Availability:
    """Move pieces between what is on hand and what is in quarantine; the new balance.

    Raises Invalid, and BelowHeld when fewer pieces are free to go where they come from.
    """
    rules.check_qty(qty, "qty")
    rules.check_choice(verb, BucketVerb, "verb")
    on_hand, quarantined = rules.BUCKETS[verb]
    balance = await inward.change(
        tx,
        delta=inward.Delta(
            sku_id=sku_id, site_id=site_id, kind=verb, on_hand=on_hand * qty, quarantined=quarantined * qty
        ),
        story=inward.Story(ref="", note=note, by=by, at=now),
    )
    if balance is None:
        seen = await inward.see(tx, sku_id=sku_id, site_id=site_id)
        raise BelowHeld(wanted=qty, free=seen.available if on_hand < 0 else seen.quarantined)
    tx.emit(StockChanged(sku_ids=(sku_id,)), subject=site_id, at=now)
    return balance
