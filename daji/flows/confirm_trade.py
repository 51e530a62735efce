"""What a fully paid trade sets in motion, inside the transaction that knows it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from daji.flows import flash_stock
from daji.flows.context import Context
from daji.fulfil.inventory import api as inventory
from daji.fulfil.warehouse import api as warehouse
from daji.kit.db import Tx
from daji.trade.orders import api as orders


async def confirm_trade(tx: Tx, *, trade_id: UUID, by: str, now: datetime) -> None:
    """Confirm the trade and its children, make the holds firm, and hand each child to its warehouse.

    For a trade that owes nothing; one that was paid is confirmed with its money, and ends in `make_firm` too: by one
    way, be it browser, notice, query or staff (U-20, U-21).
    """
    await make_firm(tx, await orders.confirm(tx, trade_id=trade_id, by=by, now=now, late=False), now=now)


async def revive_trade(tx: Tx, ctx: Context, *, trade_id: UUID, now: datetime) -> None:
    """Confirm a trade whose money came after its expiry, if its goods can be held once more (U-15).

    Raises
    ------
    inventory.StockShort
        When they are gone; the caller's savepoint undoes the rest.
    """
    confirmed = await orders.confirm(tx, trade_id=trade_id, by="system", now=now, late=True)
    await flash_stock.claim_again(tx, trade_id=trade_id, now=now)
    await inventory.hold(
        tx,
        holder=trade_id,
        lines=[
            inventory.HoldLine(sku_id=line.sku_id, site_id=order.site_id, qty=line.qty)
            for order in confirmed.orders
            for line in order.lines
        ],
        buyer_keys=(),
        expires_at=now + ctx.policies.pay_within,
        policy=ctx.policies.hold,
        now=now,
    )
    await make_firm(tx, confirmed, now=now)


async def make_firm(tx: Tx, confirmed: orders.Confirmed, *, now: datetime) -> None:
    """Make the holds of one confirmed trade firm as `make_all_firm` does."""
    await make_all_firm(tx, [(confirmed, now)])


async def make_all_firm(tx: Tx, confirmed: Sequence[tuple[orders.Confirmed, datetime]]) -> None:
    """Make the holds of confirmed trades firm, and hand their orders to their warehouses; two statements.

    Raises
    ------
    inventory.StockShort
        A hold was lost.
    """
    # A sale made elsewhere may have no known lines: then there is nothing to hold, and nothing to pack.
    holders = [trade.trade_id for trade, _ in confirmed if trade.orders]
    if holders and set(holders) != await inventory.confirm_many(tx, holders=holders):
        raise inventory.StockShort(lines=[])
    await warehouse.release_many(
        tx,
        orders=[
            (
                warehouse.Release(
                    order_id=order.id,
                    site_id=order.site_id,
                    number=order.number,
                    lines=tuple(
                        warehouse.PickLine(line_id=line.id, sku_id=line.sku_id, qty=line.qty)
                        for line in order.lines
                    ),
                ),
                now,
            )
            for trade, now in confirmed
            for order in trade.orders
        ],
    )
