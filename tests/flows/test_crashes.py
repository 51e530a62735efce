"""A process that is killed at any phase leaves work that resumes or never was: real processes, real SIGKILL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daji.flows.place_order import Placed
from daji.kit.faults import KILLED
from tests.flows.crash_child import GIVEN
from tests.makers.world import World

ROOT = Path(__file__).parents[2]

PLACE = ["place_order.place.before_commit", "place_order.place.after_commit"]
PAY = [
    "start_payment.reserve.before_commit",
    "start_payment.reserve.after_commit",
    "start_payment.create.before_call",
    "start_payment.create.after_call",
    "start_payment.record.before_commit",
    "start_payment.record.after_commit",
]
CHECK_OUT = [
    "check_out.place.before_commit",
    "check_out.place.after_commit",
    "check_out.create.before_call",
    "check_out.create.after_call",
    "check_out.record.before_commit",
    "check_out.record.after_commit",
]
ASK = ["settle_query.record.before_commit", "settle_query.record.after_commit"]
RETURN = [
    "ask_return.ask.before_commit",
    "ask_return.ask.after_commit",
    "settle_return.receive.before_commit",
    "settle_return.receive.after_commit",
    "refund_money.plan.before_commit",
    "refund_money.plan.after_commit",
    "refund_money.refund.before_call",
    "refund_money.refund.after_call",
    "refund_money.record.before_commit",
    "refund_money.record.after_commit",
]


def child(world: World, step: str, subject: str, fault: str = "") -> subprocess.CompletedProcess[str]:
    """Do one step of the story in a process of its own, which dies at `fault`."""
    env = {**os.environ, "DAJI_FAULT": fault, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    command = [
        sys.executable,
        "-m",
        "tests.flows.crash_child",
        world.db.url,
        str(world.folder),
        step,
        subject,
    ]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)


def killed_then_resumed(world: World, step: str, subject: str, fault: str) -> None:
    result = child(world, step, subject, fault)
    assert result.returncode == KILLED, result.stderr
    again = child(world, "resume", "-")
    assert again.returncode == 0, again.stderr
    last = child(world, step, subject)
    assert last.returncode == 0, last.stderr


@pytest.mark.parametrize("fault", PLACE)
async def test_killed_while_placing(world: World, fault: str) -> None:
    sku = await world.sku(stock=5)
    quote = await world.quote({sku: 2}, owner=GIVEN)
    killed_then_resumed(world, "place", str(quote.id), fault)
    assert await world.stock(sku) == [(5, 2, 0)]


@pytest.mark.parametrize("fault", PAY)
async def test_killed_while_paying(world: World, fault: str) -> None:
    sku = await world.sku(stock=5)
    placed = await world.place({sku: 2})
    killed_then_resumed(world, "pay", str(placed.trade_id), fault)
    await check_paid(world, placed)
    assert await world.stock(sku) == [(5, 2, 0)]


@pytest.mark.parametrize("fault", ASK)
async def test_killed_while_asking(world: World, fault: str) -> None:
    """The buyer paid at the gateway's page, whose notice is still on its way when the buyer comes back."""
    sku = await world.sku(stock=5)
    placed = await world.place({sku: 2})
    await world.pay(placed.trade_id, script="pending")
    (tender,) = (await world.payable(placed.trade_id)).tenders
    await world.client.act(tender.gateway_no or "", "approve")
    killed_then_resumed(world, "ask", str(placed.trade_id), fault)
    await check_paid(world, placed)
    assert await world.stock(sku) == [(5, 2, 0)]


async def check_paid(world: World, placed: Placed) -> None:
    """Paid once, and confirmed with it."""
    trade = await world.trade(placed.trade_id)
    payable = await world.payable(placed.trade_id)
    assert (trade.status, trade.payment) == ("confirmed", "paid")
    assert (payable.captured, len(payable.tenders)) == (placed.due, 1)


@pytest.mark.parametrize("fault", RETURN)
async def test_killed_while_returning(world: World, fault: str) -> None:
    sku = await world.sku(stock=5)
    trade = await world.paid_order({sku: 3})
    (order,) = trade.orders
    await world.deliver(order.id)
    unit = order.lines[0].units[0]
    killed_then_resumed(world, "return", f"{order.id},{unit.id},{world.clock.now().isoformat()}", fault)
    payable = await world.payable(trade.id)
    assert payable.refunded == unit.paid
    assert await world.stock(sku) == [(3, 0, 0)]
    assert (await world.trade(trade.id)).orders[0].aftersales == "part_returned"


@pytest.mark.parametrize("fault", CHECK_OUT)
async def test_killed_while_checking_out(world: World, fault: str) -> None:
    """One tap is one run: whatever dies in between, the order is there once, paid once, and held once."""
    sku = await world.sku(stock=5)
    quote = await world.quote({sku: 2}, owner=GIVEN)
    killed_then_resumed(world, "check_out", str(quote.id), fault)
    placed = await world.check_out(quote, owner=GIVEN, scope="crash", key="check_out")
    await check_paid(world, placed)
    assert await world.stock(sku) == [(5, 2, 0)]
