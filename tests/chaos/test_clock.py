"""Chaos of time: a machine's clock jumps back or far ahead between any two steps; the chain goes on and the books agree."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from daji.care.aftersales import api as aftersales
from daji.kit.db import Database
from tests.flows.test_returns import ask, receive
from tests.makers.world import World


@pytest.fixture
async def world(db: Database, tmp_path: Path) -> AsyncIterator[World]:
    made = World(db, tmp_path)
    await made.open_shop()
    yield made
    await made.check()
    await made.close()


def jump(world: World, by: timedelta) -> None:
    """What no clock should do, and a machine's does (NTP steps, suspended guests, a wrong battery)."""
    world.clock._now += by


@pytest.mark.parametrize("by", [timedelta(seconds=1), timedelta(hours=2), timedelta(days=3)])
async def test_u04_an_order_lives_through_a_clock_that_jumps_back(world: World, by: timedelta) -> None:
    tea = await world.sku(price=1000, stock=5)
    # Long after the price began, so that no jump comes before it.
    jump(world, timedelta(days=60))
    quote = await world.quote({tea: 2})
    jump(world, -by)
    placed = await world.place_quote(quote)
    jump(world, -by)
    await world.pay(placed.trade_id)
    jump(world, -by)
    await world.deliver_notices()
    await world.fire_timers()
    trade = await world.trade(placed.trade_id)
    assert trade.payment == "paid"
    jump(world, -by)
    await world.deliver(trade.orders[0].id)
    jump(world, -by)
    unit = trade.orders[0].lines[0].units[0].id
    asked = await ask(world, (await world.trade(placed.trade_id)).orders[0], [unit])
    jump(world, -by)
    refunded = await receive(world, asked.case_id, {unit: "restock"})
    assert refunded.done == 1000
    async with world.db.read() as session:
        assert (await aftersales.get_case(session, case_id=asked.case_id, owner=None)).status == "refunded"


async def test_a_clock_that_ran_ahead_and_is_put_right_cancels_nobody_s_paid_order(world: World) -> None:
    """Ahead, every unpaid order is overdue: those are cancelled with their holds given back. Paid ones stay."""
    tea = await world.sku(price=1000, stock=5)
    paid = await world.paid_order({tea: 1})
    unpaid = await world.place({tea: 2})
    jump(world, timedelta(days=400))
    await world.fire_timers()
    jump(world, -timedelta(days=400))
    await world.fire_timers()
    assert (await world.trade(paid.id)).payment == "paid"
    assert (await world.trade(unpaid.trade_id)).status in {"expired", "cancelled"}
    assert (await world.stock(tea))[0][:2] == (5, 1)
