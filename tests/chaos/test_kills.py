"""Chaos: processes are killed while a crowd buys; afterwards everything that was answered is true.

The short form kills each kind once. `make chaos` kills at random for minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from daji.flows import examine_house
from daji.kit import ids
from daji.kit.db import DatabaseSettings, open_database
from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.live import LiveShop, running_shop

BUYERS = 6
BACK_SECONDS = 10.0
LONG_SECONDS = float(os.environ.get("DAJI_CHAOS_SECONDS", "240"))

SQL_ORDERS = """
SELECT t.id, coalesce(p.captured >= p.due, FALSE) AS paid
  FROM orders.trade t LEFT JOIN payments.payable p ON p.trade_id = t.id
 WHERE t.id = ANY($1)
"""
SQL_OVERSOLD = "SELECT count(*) FROM inventory.balance WHERE on_hand < held OR on_hand < 0 OR held < 0"


@pytest.fixture(scope="module")
def shop() -> Iterator[LiveShop]:
    """A house of its own, with its own embedded database: nobody else's is killed.

    Not below pytest's own folder, which the database's user may not enter.
    """
    with tempfile.TemporaryDirectory(prefix="daji-chaos-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        with running_shop(None, home) as opened:
            yield opened


async def goods(shop: LiveShop) -> list[str]:
    async with httpx.AsyncClient(base_url=shop.url, timeout=10) as http:
        listed = (await http.get("/store/v1/products?limit=20")).json()["items"]
        shown = [(await http.get(f"/store/v1/products/{one['slug']}")).json() for one in listed[:12]]
    return [sku["id"] for product in shown for sku in product["skus"] if sku["stock"] != "sold_out"]


async def settle(shop: LiveShop) -> None:
    """Wait until the worker has dealt with what was left open."""
    await wreck.back(shop)
    connection = await asyncpg.connect(shop.database_url)
    try:
        for _ in range(100):
            open_runs = await connection.fetchval("SELECT count(*) FROM kit.runs WHERE status = 'running'")
            if not open_runs:
                return
            await asyncio.sleep(0.5)
    finally:
        await connection.close()


async def judge(shop: LiveShop, crowd: Crowd) -> None:
    """No order lost, none twice, none oversold, the books agree."""
    assert crowd.placed_at, (crowd.again, crowd.refused)
    assert [intent.trades for intent in crowd.intents if len(intent.trades) > 1] == []
    answered = {ids.read("trd", trade): intent for intent in crowd.intents for trade in intent.trades}
    connection = await asyncpg.connect(shop.database_url)
    try:
        found = {row["id"]: row["paid"] for row in await connection.fetch(SQL_ORDERS, list(answered))}
        oversold = await connection.fetchval(SQL_OVERSOLD)
    finally:
        await connection.close()
    assert (answered.keys() - found.keys(), oversold) == (set(), 0)
    assert [trade for trade, intent in answered.items() if intent.paid and not found[trade]] == []
    db = await open_database(DatabaseSettings(url=shop.database_url))
    try:
        findings = await examine_house.examine(db)
    finally:
        await db.close()
    assert {one.code: one.wrong for one in findings if one.wrong} == {}


def report(crowd: Crowd, took: dict[str, list[float]]) -> None:
    times = "; ".join(
        f"{what} {statistics.median(seconds):.1f} s (most {max(seconds):.1f}, {len(seconds)}x)"
        for what, seconds in took.items()
    )
    paid = sum(intent.paid for intent in crowd.intents)
    print(
        f"\n{len(crowd.placed_at)} orders placed, {paid} paid, {len(crowd.lost)} buyers gave up {crowd.lost};"
        f" asked again {dict(crowd.again)}; refused {dict(crowd.refused)}\nback after the death of {times}"
    )


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("chaos")
async def test_every_process_dies_once_while_a_crowd_buys(shop: LiveShop) -> None:
    crowd = Crowd(shop, await goods(shop))
    until = time.monotonic() + 36
    buying = asyncio.create_task(crowd.shop_until(until, buyers=BUYERS, seed=1))
    took: dict[str, list[float]] = {}
    for what, kill in wreck.KILLS.items():
        await asyncio.sleep(3)
        kill(shop)
        took[what] = [await wreck.back(shop)]
    await buying
    await settle(shop)
    report(crowd, took)
    await judge(shop, crowd)
    assert crowd.lost == []
    assert max(seconds for found in took.values() for seconds in found) < BACK_SECONDS


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS + 300)
@pytest.mark.xdist_group("chaos")
async def test_random_deaths_for_minutes(shop: LiveShop) -> None:
    seed = int(os.environ.get("DAJI_CHAOS_SEED", "2026"))
    chance = random.Random(seed)
    crowd = Crowd(shop, await goods(shop))
    until = time.monotonic() + LONG_SECONDS
    buying = asyncio.create_task(crowd.shop_until(until, buyers=BUYERS, seed=seed))
    took: dict[str, list[float]] = {}
    deaths: Counter[str] = Counter()
    while time.monotonic() < until - 15:
        await asyncio.sleep(chance.uniform(2, 8))
        what = chance.choice(sorted(wreck.KILLS))
        wreck.KILLS[what](shop)
        deaths[what] += 1
        took.setdefault(what, []).append(await wreck.back(shop))
    await buying
    await settle(shop)
    report(crowd, took)
    await judge(shop, crowd)
    assert max(seconds for found in took.values() for seconds in found) < BACK_SECONDS, (seed, deaths)
