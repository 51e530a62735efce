"""What every kind of chaos shares: the house that is hurt, the crowd in it, and the judgement afterwards."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import msgspec

from daji.kit import ids
from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.chaos.packers import Packers
from tests.live import ROOT, LiveShop, running_shop

BUYERS = 6
BACK_SECONDS = 10.0
"""The bar of `make chaos`, which has a machine to itself. The short form prints its seconds and asserts none."""

SQL_ORDERS = """
SELECT t.id, coalesce(p.captured >= p.due, FALSE) AS paid
  FROM orders.trade t LEFT JOIN payments.payable p ON p.trade_id = t.id
 WHERE t.id = ANY($1)
"""
SQL_SENT = "SELECT count(*) FROM orders.\"order\" WHERE id = ANY($1) AND delivery IN ('shipped', 'delivered')"
SQL_OPEN = "SELECT count(*) FROM kit.runs WHERE status = 'running'"
# Everybody has left: whatever still holds a lease died with its process.
SQL_LEASES_END = "UPDATE kit.runs SET leased_until = clock_timestamp() WHERE status = 'running'"


@contextmanager
def own_house(parent: Path | None = None, *arguments: str) -> Iterator[LiveShop]:
    """A house with its own embedded database: nobody else's is hurt.

    Not below pytest's own folder, which the database's user may not enter.
    """
    with tempfile.TemporaryDirectory(prefix="daji-chaos-", dir=parent) as folder:
        home = Path(folder)
        home.chmod(0o755)
        with running_shop(None, home, *arguments) as opened:
            yield opened


@dataclass
class Story:
    """What happened: who bought and who shipped, and how long the house took after each trouble."""

    crowd: Crowd
    packers: Packers
    took: dict[str, list[float]] = field(default_factory=dict)
    first_order: dict[str, list[float]] = field(default_factory=dict)

    async def suffer(self, what: str, trouble: wreck.Trouble) -> None:
        """Inflict it, and note the seconds until the house was back and until somebody could order again."""
        seconds, since = await wreck.suffer(self.crowd.shop, trouble)
        self.took.setdefault(what, []).append(seconds)
        for _ in range(200):
            later = [at for at in self.crowd.placed_at if at > since]
            if later:
                self.first_order.setdefault(what, []).append(later[0] - since)
                return
            await asyncio.sleep(0.1)

    @property
    def worst(self) -> float:
        return max(seconds for found in self.took.values() for seconds in found)

    def tell(self) -> None:
        crowd, packers = self.crowd, self.packers
        paid = sum(intent.paid for intent in crowd.intents)
        print(
            f"\n{len(crowd.placed_at)} orders placed, {paid} paid, {len(packers.shipped)} shipped,"
            f" {len(crowd.lost)} buyers gave up {crowd.lost}\nbuyers asked again {dict(crowd.again)};"
            f" were refused {dict(crowd.refused)}\npackers asked again {dict(packers.again)};"
            f" were refused {dict(packers.refused)}\n{'trouble':34}{'times':>6}{'back, s':>10}{'most, s':>9}"
            f"{'next order, s':>15}"
        )
        for what, seconds in self.took.items():
            orders = self.first_order.get(what, [])
            after = f"{statistics.median(orders):15.1f}" if orders else f"{'-':>15}"
            print(f"{what:34}{len(seconds):6}{statistics.median(seconds):10.1f}{max(seconds):9.1f}{after}")


@asynccontextmanager
async def busy(shop: LiveShop, *, seed: int) -> AsyncIterator[Story]:
    """A house full of buyers and packers; at the end everybody leaves, everything settles and is judged."""
    crowd = Crowd(shop, await goods(shop))
    story = Story(crowd, Packers(crowd))
    over = asyncio.Event()
    working = [
        asyncio.create_task(crowd.shop_until(over, buyers=BUYERS, seed=seed)),
        asyncio.create_task(story.packers.work_until(over)),
    ]
    try:
        yield story
    finally:
        over.set()
        await asyncio.gather(*working)
    await settle(shop)
    story.tell()
    await judge(shop, story)


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
        await connection.execute(SQL_LEASES_END)
        for _ in range(180):
            if not await connection.fetchval(SQL_OPEN):
                return
            await asyncio.sleep(0.5)
    finally:
        await connection.close()


async def judge(shop: LiveShop, story: Story) -> None:
    """Whatever was answered is true, nothing twice; and `daji audit` finds every invariant held."""
    crowd, packers = story.crowd, story.packers
    assert crowd.placed_at, (crowd.again, crowd.refused)
    assert crowd.lost == []
    assert [intent.trades for intent in crowd.intents if len(intent.trades) > 1] == []
    answered = {ids.read("trd", trade): intent for intent in crowd.intents for trade in intent.trades}
    shipped = [ids.read("ord", order) for order in packers.shipped]
    connection = await asyncpg.connect(shop.database_url)
    try:
        found = {row["id"]: row["paid"] for row in await connection.fetch(SQL_ORDERS, list(answered))}
        sent = await connection.fetchval(SQL_SENT, shipped)
    finally:
        await connection.close()
    assert answered.keys() - found.keys() == set()
    assert [trade for trade, intent in answered.items() if intent.paid and not found[trade]] == []
    assert sent == len(set(shipped)) == len(shipped)
    audited(shop)


def audited(shop: LiveShop) -> None:
    """Let `daji audit` say it, as it would to whoever is on call."""
    report = shop.home / "audit.json"
    done = subprocess.run(
        [sys.executable, "-m", "daji", "audit", "--json", str(report)],
        cwd=ROOT,
        env={**shop.env, "DAJI_DATABASE_URL": shop.database_url, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    findings = msgspec.json.decode(report.read_bytes())
    assert {one["code"]: one["broken"] for one in findings if one["broken"]} == {}
