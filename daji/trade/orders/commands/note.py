"""Add to a trade's timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from daji.kit.db import Tx
from daji.trade.orders import rules
from daji.trade.orders.facts import TradeUnknown
from daji.trade.orders.store import write


async def note(
    tx: Tx,
    *,
    trade_id: UUID,
    order_id: UUID | None,
    code: str,
    params: Mapping[str, object],
    by: str,
    public: bool,
    now: datetime,
) -> None:
    """Write one entry; `public` ones are for the buyer too. The sentence is `orders.timeline.<code>`.

    Raises
    ------
    TradeUnknown
        No such trade, or the order is not of it.
    Invalid
        `code` is no code.
    """
    rules.check_code("/code", code)
    entry = write.Happened(code=code, params=params, order_id=order_id)
    if not await write.note(tx, trade_id=trade_id, entries=(entry,), by=by, now=now, public=public):
        raise TradeUnknown
