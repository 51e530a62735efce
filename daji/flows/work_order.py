"""The warehouse works on a child order: pick its lines, pack its parcel; the order's delivery axis follows."""

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


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    status: str


async def _pick(run: runs.Run, _ctx: Context, given: PickOrder) -> Worked:
    async def take(tx: Tx) -> Worked:
        order_id = given.order_id
        work = await warehouse.find_pick_list(tx, order_id=order_id)
        if work is None:
            raise orders.OrderUnknown
        if work.status == "released":
            await orders.move_delivery(tx, order_id=order_id, verb="start_work", by=given.by, now=run.now)
            await warehouse.start(tx, order_id=order_id, by=given.by, now=run.now)
        picked: Sequence[warehouse.Picked] = given.picked if given.picked is not None else _all(work)
        done = await warehouse.pick(tx, order_id=order_id, picked=picked, by=given.by, now=run.now)
        return Worked(order_id=order_id, status=done.status)

    return await run.local("pick", Worked, take, final=True)


def _all(work: warehouse.PickList) -> tuple[warehouse.Picked, ...]:
    return tuple(warehouse.Picked(line_id=line.line_id, qty=line.qty) for line in work.lines)


async def _pack(run: runs.Run, _ctx: Context, given: PackOrder) -> Worked:
    async def work(tx: Tx) -> Worked:
        await orders.move_delivery(tx, order_id=given.order_id, verb="pack", by=given.by, now=run.now)
        await warehouse.pack(
            tx,
            order_id=given.order_id,
            weight_g=given.weight_g,
            size_mm=given.size_mm,
            by=given.by,
            now=run.now,
        )
        return Worked(order_id=given.order_id, status="packed")

    return await run.local("pack", Worked, work, final=True)


PICK = runs.Flow(name="pick_order", takes=PickOrder, gives=Worked, body=_pick)
PACK = runs.Flow(name="pack_order", takes=PackOrder, gives=Worked, body=_pack)


async def pick_order(ctx: Context, given: PickOrder, *, scope: str, key: str, now: datetime) -> Worked:
    """Pick once for this key."""
    return await runs.start(ctx.db, PICK, ctx, given, scope=scope, key=key, now=now)


async def pack_order(ctx: Context, given: PackOrder, *, scope: str, key: str, now: datetime) -> Worked:
    """Pack once for this key; refused while a line is not fully picked."""
    return await runs.start(ctx.db, PACK, ctx, given, scope=scope, key=key, now=now)
