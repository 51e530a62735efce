"""What a fully paid trade sets in motion, inside the transaction that knows it is paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Tx
from daji.trade.orders import api as orders


async def confirm_trade(
    tx: Tx, *, trade_id: UUID, by: str, now: datetime, late: bool = False
) -> orders.Trade:
    """Confirm the trade and its children, make the holds firm, and hand each child to its warehouse.

    The one way by which any trade becomes paid for: browser, notice, query and staff all end here (U-20, U-21).
    """
    confirmed = await orders.confirm(tx, trade_id=trade_id, by=by, now=now, late=late)
    # A sale made elsewhere may have no known lines: then there is nothing to hold, and nothing to pack.
    if confirmed.orders and not await inventory.confirm(tx, holder=trade_id, now=now):
        raise inventory.StockShort(lines=[])
    for order in confirmed.orders:
        await warehouse.release(
            tx,
            order_id=order.id,
            site_id=order.site_id,
            number=order.number,
            lines=[
                warehouse.PickLine(line_id=line.id, sku_id=line.sku_id, qty=line.qty) for line in order.lines
            ],
            now=now,
        )
    return confirmed
