"""A buyer says that everything is here and well: the order is completed now instead of after its quiet days."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.flows.context import Context
from daji.kit.db import Tx
from daji.kit.problems import Problem
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders


class NothingToConfirm(Problem):
    """The parcel is not there yet, the order has ended, or a return is under way."""

    code = "flows.nothing_to_confirm"
    status = 409


async def confirm_receipt(
    ctx: Context, *, trade_id: UUID, order_id: UUID, owner: Owner, now: datetime
) -> orders.Order:
    """Complete one delivered order of the buyer's own trade. A repeat is refused, and changes nothing.

    Raises
    ------
    orders.TradeUnknown, orders.OrderUnknown
        For another's trade, or an order that is not in it.
    NothingToConfirm
    """

    async def work(tx: Tx) -> orders.Order:
        trade = await orders.get_trade(tx, trade_id=trade_id, owner=owner)
        if all(order.id != order_id for order in trade.orders):
            raise orders.OrderUnknown
        done = await orders.complete(tx, order_id=order_id, now=now)
        if done is None:
            raise NothingToConfirm
        return done

    return await ctx.db.run(work)
