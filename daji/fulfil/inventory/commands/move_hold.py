"""Promise the same goods from another place."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.errors import HeldElsewhere, StockShort
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.store import holds
from daji.kit.db import Tx
from daji.kit.problems import FieldProblem, Invalid


async def move_hold(
    tx: Tx,
    *,
    holder: UUID,
    sku_id: UUID,
    from_site: UUID,
    to_site: UUID,
    qty: int,
    by: str,
    now: datetime,
) -> None:
    """Move a promise to another place, in the state it is in, so that shipping from there is right (U-51).

    Raises Invalid, HeldElsewhere when less is held at `from_site`, StockShort when `to_site` cannot give it.
    """
    rules.check_qty(qty, "qty")
    if from_site == to_site:
        raise Invalid(fields=(FieldProblem(pointer="to_site", code="unknown_value"),))
    held, available = await holds.move(
        tx, holder=holder, sku_id=sku_id, from_site=from_site, to_site=to_site, qty=qty, by=by, now=now
    )
    if held < qty:
        raise HeldElsewhere(lines=(rules.told(sku_id, from_site, wanted=qty, held=held),))
    if available < qty:
        raise StockShort(lines=(rules.told(sku_id, to_site, wanted=qty, available=available),))
    tx.emit(StockChanged(sku_ids=(sku_id,)), subject=holder, at=now)
