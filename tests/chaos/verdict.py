"""What every kind of chaos shares: the house that is hurt, and the judgement afterwards."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx

from daji.flows import examine_house
from daji.kit import ids
from daji.kit.db import DatabaseSettings, open_database
from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.live import LiveShop, running_shop

BUYERS = 6
BACK_SECONDS = 10.0

SQL_ORDERS = """
SELECT t.id, coalesce(p.captured >= p.due, FALSE) AS paid
  FROM orders.trade t LEFT JOIN payments.payable p ON p.trade_id = t.id
 WHERE t.id = ANY($1)
"""
SQL_OVERSOLD = "SELECT count(*) FROM inventory.balance WHERE on_hand < held OR on_hand < 0 OR held < 0"


@contextmanager
def own_house(parent: Path | None = None) -> Iterator[LiveShop]:
    """A house with its own embedded database: nobody else's is hurt.

    Not below pytest's own folder, which the database's user may not enter.
    """
    with tempfile.TemporaryDirectory(prefix="daji-chaos-", dir=parent) as folder:
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
