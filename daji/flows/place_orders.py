"""Place many orders at their quotes at once, all or none: the phase of `place_order` for all of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from daji.flows.context import Context
from daji.flows.place_order import Placed, PlaceOrder, Placing, confirm_free, place_all
from daji.kit import ids, runs
from daji.kit.db import Tx


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's word and when it was given; `external_ref` is the number the order has in another shop."""

    order: PlaceOrder
    at: datetime
    external_ref: str | None = None


class PlaceOrders(msgspec.Struct, frozen=True, kw_only=True):
    placements: tuple[Placement, ...]


class PlacedMany(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[Placed, ...]


async def _place(run: runs.Run, ctx: Context, given: PlaceOrders) -> PlacedMany:
    async def work(tx: Tx) -> PlacedMany:
        placing = [
            Placing(given=one.order, at=one.at, trade_id=ids.new_id(), external_ref=one.external_ref)
            for one in given.placements
        ]
        with runs.alone():
            return PlacedMany(orders=tuple(placed for placed, _ in await place_all(tx, ctx, placing)))

    placed = await run.local("place", PlacedMany, work, final=_something_due)
    for one, order in zip(given.placements, placed.orders, strict=True):
        await confirm_free(ctx, order, by=one.order.by, now=one.at)
    return placed


def _something_due(placed: PlacedMany) -> bool:
    return all(one.due for one in placed.orders)


FLOW = runs.Flow(name="place_orders", takes=PlaceOrders, gives=PlacedMany, body=_place)


async def place_orders(
    ctx: Context, given: PlaceOrders, *, scope: str, key: str, now: datetime
) -> PlacedMany:
    """Place all of them once for this key. Raises as `place_order`, then for none of them."""
    return await runs.start(ctx.db, FLOW, ctx, given, scope=scope, key=key, now=now)
