"""A buyer who has the goods and wants to give one piece back."""

from __future__ import annotations

from uuid import UUID

from daji.flows import return_goods
from daji.kit import ids
from daji.trade.orders import api as orders
from tests.makers.world import World


async def ask_back(world: World, sku_id: UUID, *, kind: str = "return") -> tuple[UUID, orders.Trade]:
    """Sell two pieces, deliver them, ask for one back; the case and the trade."""
    trade = await world.paid_order({sku_id: 2})
    order = trade.orders[0]
    await world.deliver(order.id)
    asked = await return_goods.ask_return(
        world.ctx,
        return_goods.AskReturn(
            order_id=order.id,
            owner=trade.owner,
            unit_ids=(order.lines[0].units[0].id,),
            kind=kind,
            reason="damaged",
            note="杯口有裂 <b>",
            by="guest",
        ),
        scope="test",
        key=str(ids.new_id()),
        now=world.clock.now(),
    )
    return asked.case_id, trade
