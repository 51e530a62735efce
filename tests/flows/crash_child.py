"""One step of an order's life in a process that may be killed in the middle: run by `test_crashes`."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

from daji.boot import LOCK_ORDER
from daji.care.aftersales import api as aftersales
from daji.flows import place_order, refresh_payment, return_goods
from daji.kit.db import DatabaseSettings, LockOrder, open_database
from daji.trade.cart import api as cart
from daji.trade.cart.api import Owner
from daji.trade.orders import api as orders
from tests.makers.world import World

GIVEN = Owner(guest_token="the-guest-who-crashes")


async def place(world: World, subject: str) -> None:
    given = place_order.PlaceOrder(quote_id=UUID(subject), owner=GIVEN, buyer_keys=("k",), by="guest")
    await place_order.place_order(world.ctx, given, scope="crash", key="place", now=world.clock.now())


async def check_out(world: World, subject: str) -> None:
    async with world.db.read() as session:
        quote = await cart.get_quote(session, quote_id=UUID(subject), owner=GIVEN)
    await world.check_out(quote, owner=GIVEN, scope="crash", key="check_out")


async def pay(world: World, subject: str) -> None:
    await world.pay(UUID(subject), key="pay")


async def ask(world: World, subject: str) -> None:
    await refresh_payment.refresh_payment(
        world.ctx, trade_id=UUID(subject), owner=None, now=world.clock.now()
    )


async def give_back(world: World, subject: str) -> None:
    order_id, unit_id, moment = subject.split(",")
    world.clock.set(datetime.fromisoformat(moment))
    async with world.db.read() as session:
        order = await orders.get_order(session, order_id=UUID(order_id), owner=None)
    asked = await return_goods.ask_return(
        world.ctx,
        return_goods.AskReturn(
            order_id=order.id,
            owner=None,
            unit_ids=(UUID(unit_id),),
            kind="return",
            reason="no_longer_wanted",
            note="",
            by="guest",
        ),
        scope="crash",
        key="ask",
        now=world.clock.now(),
    )
    async with world.db.read() as session:
        case = await aftersales.get_case(session, case_id=asked.case_id, owner=None)
    if case.status == "requested":
        async with world.db.transaction() as tx:
            await aftersales.approve(tx, case_id=case.id, by="staff:1", now=world.clock.now())
    await return_goods.settle_return(
        world.ctx,
        return_goods.SettleReturn(
            case_id=case.id, grades={UUID(unit_id): "restock"}, site_id=order.site_id, by="staff:1"
        ),
        scope="crash",
        key="settle",
        now=world.clock.now(),
    )


async def resume(world: World, _subject: str) -> None:
    await world.resume()


STEPS = {
    "place": place,
    "check_out": check_out,
    "pay": pay,
    "ask": ask,
    "return": give_back,
    "resume": resume,
}


async def main(url: str, folder: str, step: str, subject: str) -> None:
    db = await open_database(DatabaseSettings(url=url, pool=4), lock_order=LockOrder(LOCK_ORDER))
    world = World(db, Path(folder))
    await STEPS[step](world, subject)
    await world.close()
    await db.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
