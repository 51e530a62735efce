"""What every kind of chaos shares: the house that is hurt, the crowd in it, and the judgement afterwards."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from daji.faces.cli.rehearsing import bars
from daji.flows.examine_house import INVARIANTS
from daji.kit import ids
from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.chaos.packers import Packers
from tests.live import ROOT, LiveShop, running_shop

BUYERS = 6
REPORT = os.environ.get("DAJI_CHAOS_REPORT", "")
"""A file to which every story adds a line of JSON with its bars and figures."""
BACK_SECONDS = 10.0
"""The bar of `make chaos`, which has a machine to itself. The short form prints its seconds and asserts none."""
BACK = "back after a trouble, at most"

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

    def demand(self, verdict: bars.Verdict) -> None:
        """Every bar, but that of the seconds: a test may share its machine. Who asks for it, asks for `worst`."""
        missed = [bar for bar in verdict.bars if not bar.passed and bar.what != BACK]
        assert missed == [], (missed, self.crowd.lost, verdict.figures)

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
    verdict = await judge(shop, story)
    bars.show([verdict], title=verdict.name)
    if REPORT:
        await asyncio.to_thread(keep, verdict)
    story.demand(verdict)


def keep(verdict: bars.Verdict) -> None:
    with Path(REPORT).open("ab") as report:
        report.write(msgspec.json.encode(verdict) + b"\n")


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


async def judge(shop: LiveShop, story: Story) -> bars.Verdict:
    """Whatever was answered is true, nothing twice; and what `daji audit` finds."""
    crowd, packers = story.crowd, story.packers
    answered = {ids.read("trd", trade): intent for intent in crowd.intents for trade in intent.trades}
    shipped = [ids.read("ord", order) for order in packers.shipped]
    connection = await asyncpg.connect(shop.database_url)
    try:
        found = {row["id"]: row["paid"] for row in await connection.fetch(SQL_ORDERS, list(answered))}
        sent = await connection.fetchval(SQL_SENT, shipped)
    finally:
        await connection.close()
    unpaid = [trade for trade, intent in answered.items() if intent.paid and not found.get(trade)]
    audit = await asyncio.to_thread(audited, shop)
    broken = {one["code"]: one["broken"] for one in audit if one["broken"]}
    slow = {what: max(seconds) for what, seconds in story.took.items()}
    return bars.judge(
        f"chaos: {', '.join(story.took) if len(story.took) == 1 else f'{len(story.took)} kinds of trouble'}",
        (
            bars.at_least("orders placed", len(crowd.placed_at), 1),
            bars.exactly("buyers who gave up", len(crowd.lost)),
            bars.exactly("answered orders lost", len(answered.keys() - found.keys())),
            bars.exactly("orders doubled", sum(len(intent.trades) > 1 for intent in crowd.intents)),
            bars.exactly("payments lost", len(unpaid)),
            bars.exactly("parcels lost or doubled", len(shipped) - sent + len(shipped) - len(set(shipped))),
            bars.exactly("oversold", broken.get("oversold", 0)),
            bars.exactly("invariants that hold", len(audit) - len(broken), len(INVARIANTS)),
            bars.at_most(BACK, max(slow.values(), default=None), BACK_SECONDS, "s"),
        ),
        {
            "placed": len(crowd.placed_at),
            "paid": sum(intent.paid for intent in crowd.intents),
            "shipped": len(shipped),
            "troubles": sum(len(seconds) for seconds in story.took.values()),
            "back_s": {what: round(seconds, 1) for what, seconds in slow.items()},
            "next_order_s": {what: round(max(some), 1) for what, some in story.first_order.items()},
            "asked_again": dict(crowd.again),
            "refused": dict(crowd.refused),
            "gave_up": crowd.lost,
            "broken": broken,
        },
    )


def audited(shop: LiveShop) -> list[dict[str, Any]]:
    """Let `daji audit` say it, as it would to whoever is on call: what it found of each invariant."""
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
    findings: list[dict[str, Any]] = msgspec.json.decode(report.read_bytes()) if report.exists() else []
    assert done.returncode == int(any(one["broken"] for one in findings)), done.stdout + done.stderr
    assert findings
    return findings
