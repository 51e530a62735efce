"""Lose a whole machine while people buy, and bring the shop back from its copies: how much is lost, how long it takes.

    python tools/rehearse_restore.py [--seconds 10] [--wal-seconds 5] [--json FILE]

A shop of its own (`daji up`, with demo data) is copied (`daji backup take`) and followed (`daji backup follow`) while
buyers place and pay orders. A moment is remembered; then somebody sets every price to 1 by mistake, and people go on
buying. Then all its processes, the database and the follower too, are killed (SIGKILL), and its home counts as lost. From plan,
key and copies alone two shops are restored and opened: one as it was at the moment before the mistake, one as late as the
copies go. Exit code 1 when a bar is missed.

RPO is the age, when the machine was lost, of the oldest answered order that did not come back. RTO is the time from the
command to a shop that answers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import psutil
from shop import ROOT, Shop, database_url, open_at, open_up

from daji.faces.cli.rehearsing import bars
from daji.flows.examine_house import INVARIANTS
from daji.kit import ids

BUYERS = 3
SLACK_SECONDS = 5.0
"""What sealing and keeping a piece of the log may take beyond the time after which it is closed."""
MOST_RTO = 300.0
PLAN = """\
wal_seconds = {wal_seconds}
key = "{away}/backup.key"
[[targets]]
name = "near"
folder = "{away}/near"
medium = "another disk"
[[targets]]
name = "far"
folder = "{away}/far"
medium = "another machine"
offsite = true
"""
ADDRESS = {
    "name": "林小满",
    "phone": "+8613800138000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "line": "文三路 100 号",
    "postcode": "310012",
}
CONTACT = {"name": "林小满", "phone": "+8613800138000"}
# Who bought before the rehearsal, in the demo data, is counted with everybody else.
SQL_TRADES = "SELECT id FROM orders.trade"
SQL_MISTAKE = "UPDATE pricing.price SET amount = 1"
SQL_MISTAKEN = "SELECT count(*) FROM pricing.price WHERE amount = 1"


@dataclass
class Buyers:
    """People who buy without pause; `placed` are the trades that were answered, with the moment (epoch seconds)."""

    url: str
    placed: dict[str, float] = field(default_factory=dict)
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def begin(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http:
            listed = (await http.get("/store/v1/products", params={"limit": 10})).json()["items"]
            shown = [(await http.get(f"/store/v1/products/{one['slug']}")).json() for one in listed]
        skus = [sku["id"] for one in shown for sku in one["skus"] if sku["stock"] != "sold_out"]
        self._over.clear()
        self._tasks = [asyncio.create_task(self._buy(skus[n::BUYERS])) for n in range(BUYERS)]

    async def end(self) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)

    async def _buy(self, skus: Sequence[str]) -> None:
        while not self._over.is_set():
            for sku in skus:
                if self._over.is_set():
                    return
                # A machine that dies answers nobody; the answers that were given count.
                with suppress(httpx.HTTPError):
                    await self._one(sku)

    async def _one(self, sku: str) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=30, headers={"Origin": self.url}) as http:
            await http.put(f"/store/v1/cart/lines/{sku}", json={"qty": 1})
            quoted = await http.post("/store/v1/quotes", json={"address": ADDRESS, "contact": CONTACT})
            if not quoted.is_success:
                return
            order = {
                "quote_id": quoted.json()["id"],
                "payment": {"method": "wallet", "script": "approve"},
            }
            placed = await http.post("/store/v1/orders", json=order, headers={"Idempotency-Key": uuid4().hex})
            if placed.is_success:
                self.placed[placed.json()["id"]] = time.time()


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What was there when the machine was lost: the moment to go back to, and the trades, before it and in all."""

    moment: datetime
    lost_at: float
    before: set[str]
    placed: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Back:
    """A restored shop: its trades, seconds until it answered, invariants that held, prices of the mistake."""

    trades: set[str]
    restored_s: float
    answered_s: float
    held: int
    mistaken: int
    last_change: str


def daji(env: dict[str, str], *arguments: str) -> None:
    """Run a command of the shop's. Raises CalledProcessError when it ends badly."""
    subprocess.run([sys.executable, "-m", "daji", *arguments], cwd=ROOT, env=env, check=True)


def follow(shop: Shop) -> subprocess.Popen[bytes]:
    """`daji backup follow`, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "daji", "backup", "follow"], cwd=ROOT, env=shop.env, start_new_session=True
    )


def lose(shop: Shop, follower: subprocess.Popen[bytes]) -> float:
    """SIGKILL to everything that the machine ran; the moment (epoch seconds)."""
    first = psutil.Process(int((shop.home / "postgres" / "postmaster.pid").read_text().split("\n")[0]))
    above = [psutil.Process(shop.pid), psutil.Process(follower.pid), first]
    everything = [*above, *(child for one in above for child in one.children(recursive=True))]
    lost_at = time.time()
    for one in everything:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(everything, timeout=30)
    follower.wait(30)
    return lost_at


async def live_and_die(shop: Shop, away: Path, *, seconds: float, wal_seconds: int) -> Loss:
    """Buy, copy, follow, remember, mistake, buy, lose."""
    plan = PLAN.format(wal_seconds=wal_seconds, away=away)
    for folder in (shop.home, away):
        (folder / "backup.toml").write_text(plan, encoding="utf-8")
    await asyncio.to_thread(daji, shop.env, "backup", "init")
    url = database_url(shop.pid)
    buyers = Buyers(shop.url)
    await buyers.begin()
    follower = await asyncio.to_thread(follow, shop)
    try:
        await asyncio.to_thread(daji, shop.env, "backup", "take")
        await asyncio.sleep(seconds)
        await buyers.end()
        # The command takes whole seconds: one during which nobody buys.
        moment = datetime.fromtimestamp(int(time.time()) + 2, UTC)
        await asyncio.sleep(moment.timestamp() + 0.5 - time.time())
        before = await trades(url)
        connection = await asyncpg.connect(url)
        await connection.execute(SQL_MISTAKE)
        await connection.close()
        await buyers.begin()
        await asyncio.sleep(seconds + 2 * wal_seconds)
        lost_at = await asyncio.to_thread(lose, shop, follower)
        await buyers.end()
    finally:
        if follower.poll() is None:
            os.killpg(follower.pid, signal.SIGKILL)
            follower.wait(30)
    return Loss(moment=moment, lost_at=lost_at, before=before, placed=buyers.placed)


async def trades(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {ids.show("trd", row["id"]) for row in await connection.fetch(SQL_TRADES)}
    finally:
        await connection.close()


def come_back(home: Path, away: Path, *more: str) -> Back:
    """Restore into `home` from what is away, open it, and look."""
    report, audit = home.with_suffix(".json"), home.with_suffix(".audit.json")
    env = {**os.environ, "DAJI_HOME": str(home)}
    began = time.monotonic()
    plan = ("--plan", str(away / "backup.toml"))
    daji(env, "restore", str(home), *plan, *more, "--json", str(report))
    restored = time.monotonic() - began
    with open_at(home, "--no-demo") as shop:
        answered = time.monotonic() - began
        url = database_url(shop.pid)
        subprocess.run(
            [sys.executable, "-m", "daji", "audit", "--json", str(audit)], cwd=ROOT, env=shop.env, check=False
        )
        found, mistaken = asyncio.run(_look(url))
    told: list[dict[str, Any]] = msgspec.json.decode(audit.read_bytes())
    return Back(
        trades=found,
        restored_s=round(restored, 1),
        answered_s=round(answered, 1),
        held=sum(not one["broken"] for one in told),
        mistaken=mistaken,
        last_change=str(msgspec.json.decode(report.read_bytes())["last_change"]),
    )


async def _look(url: str) -> tuple[set[str], int]:
    connection = await asyncpg.connect(url)
    mistaken = await connection.fetchval(SQL_MISTAKEN)
    await connection.close()
    return await trades(url), mistaken


def judge(loss: Loss, moment: Back, end: Back, *, wal_seconds: int) -> bars.Verdict:
    """What must hold of the shop of the moment, and of the shop of the end."""
    missing = [at for trade, at in loss.placed.items() if trade not in end.trades]
    last_kept = max((at for trade, at in loss.placed.items() if trade in end.trades), default=0.0)
    rpo = loss.lost_at - min(missing) if missing else 0.0
    after = len(loss.placed.keys() - loss.before)
    return bars.judge(
        "restore",
        (
            bars.at_least("orders before the moment", len(loss.before & loss.placed.keys()), 1),
            bars.at_least("orders after it", after, 1),
            bars.exactly("moment: orders missing", len(loss.before - moment.trades)),
            bars.exactly("moment: orders that are later", len(moment.trades - loss.before)),
            bars.exactly("moment: prices of the mistake", moment.mistaken),
            bars.exactly("moment: invariants that hold", moment.held, len(INVARIANTS)),
            bars.at_most("moment: RTO", moment.answered_s, MOST_RTO, "s"),
            bars.at_most("end: RPO", rpo, wal_seconds + SLACK_SECONDS, "s"),
            # Answers overtake each other by little; a hole in the middle would be older than what is kept.
            bars.exactly("end: lost before others that are kept", sum(at < last_kept - 1 for at in missing)),
            bars.exactly("end: invariants that hold", end.held, len(INVARIANTS)),
            bars.at_most("end: RTO", end.answered_s, MOST_RTO, "s"),
        ),
        {
            "orders": len(loss.placed),
            "missing": len(missing),
            "wal_seconds": wal_seconds,
            "restored_s": {"moment": moment.restored_s, "end": end.restored_s},
            "last_change": {"moment": moment.last_change, "end": end.last_change},
            "moment": loss.moment.isoformat(),
            "lost_at": datetime.fromtimestamp(loss.lost_at, UTC).isoformat(),
        },
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=10, help="of buying before the moment, and after it")
    parser.add_argument("--wal-seconds", type=int, default=5, help="after which a piece of the log is kept")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="daji-restore-"))
    folder.chmod(0o755)
    try:
        away = folder / "away"
        away.mkdir()
        with open_up() as shop:
            loss = asyncio.run(live_and_die(shop, away, seconds=given.seconds, wal_seconds=given.wal_seconds))
        moment = come_back(folder / "moment", away, "--to", f"{loss.moment:%Y-%m-%dT%H:%M:%S}")
        end = come_back(folder / "end", away)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    verdict = judge(loss, moment, end, wal_seconds=given.wal_seconds)
    return bars.finish(verdict, json_file=given.json)


if __name__ == "__main__":
    sys.exit(main())
