"""The warehouse works on child orders: pick their lines, pack their parcels; the orders' delivery axes follow.

One order is the case of one: `pick_all` and `pack_all` are the phase of both journeys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from daji.flows.context import Context
from daji.fulfil.warehouse import api as warehouse
from daji.kit import runs
from daji.kit.db import Tx
from daji.trade.orders import api as orders


class PickOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Units taken from the shelf; `picked` None takes all that is asked."""

    order_id: UUID
    by: str
    picked: tuple[warehouse.Picked, ...] | None = None


class PackOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel, weighed (grams) and measured (millimetres)."""

    order_id: UUID
    by: str
    weight_g: int
    size_mm: tuple[int, int, int] | None = None


class PickOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What is picked together, and when each was."""

    picks: tuple[tuple[PickOrder, datetime], ...]


class PackOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What is packed together, and when each was."""

    packs: tuple[tuple[PackOrder, datetime], ...]


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: str


class WorkedMany(msgspec.Struct, frozen=True, kw_only=True):
    orders: tuple[Worked, ...]


async def _pick(run: runs.Run, _ctx: Context, given: PickOrder) -> Worked:
    async def take(tx: Tx) -> Worked:
        return (await pick_all(tx, ((given, run.now),))).orders[0]

    return await run.local("pick", Worked, take, final=True)


async def _pick_many(run: runs.Run, _ctx: Context, given: PickOrders) -> WorkedMany:
    return await run.local("pick", WorkedMany, lambda tx: pick_all(tx, given.picks), final=True)


async def pick_all(tx: Tx, picks: Sequence[tuple[PickOrder, datetime]]) -> WorkedMany:
    """Begin the work on those that nobody began, and take what was found; at most nine statements.

    Raises
    ------
    orders.OrderUnknown
        Nothing is to be picked for an order.
    """
    lists = await warehouse.find_pick_lists(tx, order_ids=[given.order_id for given, _ in picks])
    if any(given.order_id not in lists for given, _ in picks):
        raise orders.OrderUnknown
    fresh = [(given, at) for given, at in picks if lists[given.order_id].status == "released"]
    if fresh:
        await orders.move_deliveries(tx, steps=[_step(given, at) for given, at in fresh], verb="start_work")
        await warehouse.start_many(tx, stints=[_stint(given, at) for given, at in fresh])
    done = await warehouse.pick_many(
        tx, takes=[warehouse.Take(stint=_stint(given, at), picked=given.picked) for given, at in picks]
    )
    return WorkedMany(orders=tuple(Worked(order_id=one.order_id, status=one.status) for one in done))


async def _pack(run: runs.Run, _ctx: Context, given: PackOrder) -> Worked:
    async def work(tx: Tx) -> Worked:
        return (await pack_all(tx, ((given, run.now),))).orders[0]

    return await run.local("pack", Worked, work, final=True)


async def _pack_many(run: runs.Run, _ctx: Context, given: PackOrders) -> WorkedMany:
    return await run.local("pack", WorkedMany, lambda tx: pack_all(tx, given.packs), final=True)


async def pack_all(tx: Tx, packs: Sequence[tuple[PackOrder, datetime]]) -> WorkedMany:
    """Close the boxes, in three statements; refused while a line of one is not fully picked."""
    await orders.move_deliveries(tx, steps=[_step(given, at) for given, at in packs], verb="pack")
    await warehouse.pack_many(
        tx,
        boxes=[
            warehouse.Box(stint=_stint(given, at), weight_g=given.weight_g, size_mm=given.size_mm)
            for given, at in packs
        ],
    )
    return WorkedMany(orders=tuple(Worked(order_id=given.order_id, status="packed") for given, _ in packs))


def _step(given: PickOrder | PackOrder, at: datetime) -> orders.DeliveryStep:
    return orders.DeliveryStep(order_id=given.order_id, by=given.by, at=at)


def _stint(given: PickOrder | PackOrder, at: datetime) -> warehouse.Stint:
    return warehouse.Stint(order_id=given.order_id, by=given.by, at=at)


PICK = runs.Flow(name="pick_order", takes=PickOrder, gives=Worked, body=_pick)
PACK = runs.Flow(name="pack_order", takes=PackOrder, gives=Worked, body=_pack)
PICK_MANY = runs.Flow(name="pick_orders", takes=PickOrders, gives=WorkedMany, body=_pick_many)
PACK_MANY = runs.Flow(name="pack_orders", takes=PackOrders, gives=WorkedMany, body=_pack_many)


async def pick_order(ctx: Context, given: PickOrder, *, scope: str, key: str, now: datetime) -> Worked:
    """Pick once for this key."""
    return await runs.start(ctx.db, PICK, ctx, given, scope=scope, key=key, now=now)


async def pack_order(ctx: Context, given: PackOrder, *, scope: str, key: str, now: datetime) -> Worked:
    """Pack once for this key; refused while a line is not fully picked."""
    return await runs.start(ctx.db, PACK, ctx, given, scope=scope, key=key, now=now)


async def pick_orders(ctx: Context, given: PickOrders, *, scope: str, key: str, now: datetime) -> WorkedMany:
    """Pick all of them once for this key, or none."""
    return await runs.start(ctx.db, PICK_MANY, ctx, given, scope=scope, key=key, now=now)


async def pack_orders(ctx: Context, given: PackOrders, *, scope: str, key: str, now: datetime) -> WorkedMany:
    """Pack all of them once for this key, or none."""
    return await runs.start(ctx.db, PACK_MANY, ctx, given, scope=scope, key=key, now=now)
