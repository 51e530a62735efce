"""A promise ends unfulfilled: the goods are free again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import rules
from daji.fulfil.inventory.events import StockChanged
from daji.fulfil.inventory.facts import HoldLine
from daji.fulfil.inventory.store import holds
from daji.kit.db import Tx


async def release(
    tx: Tx, *, holder: UUID, reason: str, by: str, now: datetime, lines: Sequence[HoldLine] | None = None
) -> int:
    """Free everything this holder still holds, or at most these lines; the pieces freed, 0 when none were held.

    Raises Invalid for an empty list of lines or a quantity that is no count.
    """
    asked = None if lines is None else rules.merged(lines)
    freed = await holds.release(tx, holder=holder, lines=asked, reason=reason, by=by, now=now)
    if freed:
        skus = rules.distinct(sku_id for sku_id, _ in freed)
        tx.emit(StockChanged(sku_ids=skus), subject=holder, at=now)
    return sum(qty for _, qty in freed)
