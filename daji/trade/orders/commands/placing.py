"""What every way of placing a trade ends with."""

from __future__ import annotations

import msgspec

from daji.kit.db import Tx
from daji.trade.orders.events import OrderPlaced
from daji.trade.orders.facts import Trade
from daji.trade.orders.store import payment


async def tell(tx: Tx, trade: Trade) -> Trade:
    """Announce a trade that was written; one that costs nothing is paid at once."""
    tx.emit(
        OrderPlaced(
            trade_id=trade.id,
            order_ids=tuple(order.id for order in trade.orders),
            shopper_id=trade.owner.shopper_id if trade.owner else None,
            channel=trade.channel,
            currency=trade.currency,
            total=trade.total,
            placed_at=trade.placed_at,
        ),
        subject=trade.id,
        at=trade.placed_at,
    )
    if trade.due:
        return trade
    row = await payment.derive_payment(tx, trade_id=trade.id)
    return msgspec.structs.replace(trade, payment=row["payment"]) if row else trade
