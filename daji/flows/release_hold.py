"""Free goods that somebody reserved and has not paid for: their order ends, so that no late payment finds it broken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from daji.flows.cancel_order import Cancelled, CancelOrder, cancel_order
from daji.flows.context import Context
from daji.fulfil.inventory import api as inventory

REASON = "out_of_stock"


async def release_hold(
    ctx: Context, *, hold_id: UUID, by: str, scope: str, key: str, now: datetime
) -> Cancelled:
    """Cancel the unpaid order behind a hold, once for this key; all that it held is free again.

    Raises
    ------
    kit.problems.NotFound
        No such hold.
    cancel_order.NotUnpaid
        It is paid for, or has ended.
    """
    async with ctx.db.read() as session:
        trade_id = await inventory.get_holder(session, hold_id=hold_id)
    wish = CancelOrder(trade_id=trade_id, order_id=None, owner=None, reason=REASON, by=by, only_unpaid=True)
    return await cancel_order(ctx, wish, scope=scope, key=key, now=now)
