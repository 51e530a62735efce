"""How to hurt a running house, and how to see that it is back."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

import asyncpg
import httpx
import psutil

from daji.adapters.carrier.simulated import SimulatedCarrier
from tests.chaos import letters
from tests.live import LiveShop

HUNGER_SECONDS = 2.0
"""How long a trouble lasts that is no death."""
QUICK_SECONDS = 2.0
"""For a page while somebody outside hangs: the time-out of who looks."""

Trouble = Callable[[LiveShop], Awaitable[None]]


def processes(shop: LiveShop, mark: str) -> list[psutil.Process]:
    """The house's processes whose command line holds `mark`, the oldest first."""
    found = [one for one in psutil.Process(shop.pid).children(recursive=True) if mark in _line(one)]
    return sorted(found, key=psutil.Process.create_time)


def postmaster(shop: LiveShop) -> psutil.Process:
    """The first process of the embedded database."""
    return psutil.Process(int((shop.home / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


async def kill_web(shop: LiveShop) -> None:
    """Kill a process that answers, not the one that watches over it, where there are two."""
    processes(shop, "daji serve")[-1].kill()


async def kill_worker(shop: LiveShop) -> None:
    """Wait until another one is heard: without it nothing that was left open goes on."""
    connection = await asyncpg.connect(shop.database_url)
    try:
        processes(shop, "daji work")[0].kill()
        killed = await connection.fetchval("SELECT clock_timestamp()")
        heard = "SELECT count(*) FROM kit.heartbeat WHERE kind = 'worker' AND started_at > $1"
        while not await connection.fetchval(heard, killed):  # noqa: ASYNC110 - another process, no event
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def kill_database(shop: LiveShop) -> None:
    postmaster(shop).kill()


async def kill_gateway(shop: LiveShop) -> None:
    """Wait until another one answers."""
    processes(shop, "payment.sandbox")[0].kill()
    async with httpx.AsyncClient(timeout=QUICK_SECONDS) as http:
        answered = False
        while not answered:
            await asyncio.sleep(0.1)
            with suppress(httpx.HTTPError):
                answered = (await http.get(shop.sandbox_url)).status_code < 500


async def hang_gateway(shop: LiveShop) -> None:
    """It takes connections and says nothing: the slowest that anybody can be."""
    await _hang(shop, processes(shop, "payment.sandbox"), while_so=back)


async def hang_database(shop: LiveShop) -> None:
    """A disk that answers nobody for a while."""
    first = postmaster(shop)
    await _hang(shop, [first, *first.children(recursive=True)], while_so=None)


async def _hang(
    shop: LiveShop,
    hanging: list[psutil.Process],
    *,
    while_so: Callable[[LiveShop], Awaitable[float]] | None,
) -> None:
    for one in hanging:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGSTOP)
    try:
        until = time.monotonic() + HUNGER_SECONDS
        if while_so is not None:
            await while_so(shop)
        await asyncio.sleep(max(0.0, until - time.monotonic()))
    finally:
        for one in hanging:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)


async def dead_carrier(shop: LiveShop) -> None:
    await _trouble_carrier(shop, "dead")


async def slow_carrier(shop: LiveShop) -> None:
    await _trouble_carrier(shop, "slow")


async def _trouble_carrier(shop: LiveShop, kind: Literal["dead", "slow"]) -> None:
    carrier = SimulatedCarrier(
        folder=shop.home / "carrier", secret=b"", clock=lambda: datetime.now(UTC), http=None, notify_url=""
    )
    try:
        carrier.misbehave(kind, until=datetime.now(UTC) + timedelta(seconds=HUNGER_SECONDS))
    finally:
        await carrier.aclose()
    until = time.monotonic() + HUNGER_SECONDS
    await back(shop)
    await asyncio.sleep(max(0.0, until - time.monotonic()))


async def take_connections(shop: LiveShop) -> None:
    """Take every connection that the server gives, and cut those that the shop has."""
    taken: list[asyncpg.Connection[asyncpg.Record]] = []

    async def take_all() -> None:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                taken.append(await asyncpg.connect(shop.database_url))

    try:
        await take_all()
        assert taken
        await taken[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND NOT pid = ANY($1)",
            [connection.get_server_pid() for connection in taken],
        )
        await take_all()
        await asyncio.sleep(HUNGER_SECONDS)
    finally:
        for connection in taken:
            await connection.close()


async def lock_tables(shop: LiveShop) -> None:
    """Whoever asks waits with a connection in hand, until the pool has none left."""
    connection = await asyncpg.connect(shop.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE orders.trade, inventory.balance IN ACCESS EXCLUSIVE MODE")
            await asyncio.sleep(HUNGER_SECONDS)
    finally:
        await connection.close()


TROUBLES: dict[str, Trouble] = {
    "web killed": kill_web,
    "worker killed": kill_worker,
    "database killed": kill_database,
    "payment gateway killed": kill_gateway,
    "payment gateway hangs": hang_gateway,
    "carrier dead": dead_carrier,
    "carrier slow": slow_carrier,
    "no connection left": take_connections,
    "pool exhausted by a lock": lock_tables,
    "database hangs": hang_database,
    "payment notices twice, shuffled": letters.repeat_notices,
    "carrier scans thrice, shuffled": letters.repeat_scans,
}


async def suffer(shop: LiveShop, trouble: Trouble) -> tuple[float, float]:
    """Inflict it; the seconds until the house was back, counted from its end, and since when it was (monotonic).

    Of a death that has no end of its own, the waiting for the successor counts.
    """
    began = time.monotonic()
    await asyncio.wait_for(trouble(shop), 120)
    lasted = time.monotonic() - began
    waited = await back(shop)
    deaths = {kill_web, kill_worker, kill_database, kill_gateway}
    return (lasted if trouble in deaths else 0.0) + waited, time.monotonic()


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


async def back(shop: LiveShop, *, patience: float = 90) -> float:
    """Seconds until the shop says that it is ready and shows a product from the database. AssertionError after `patience`."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=shop.url, timeout=QUICK_SECONDS) as http:
        while time.monotonic() < began + patience:
            try:
                ready = await http.get("/health/ready")
                # Asked with a query of its own, so that no answer that was kept can stand for the database.
                shown = await http.get(f"/store/v1/products?limit=1&q={time.monotonic_ns()}")
            except httpx.HTTPError:
                pass
            else:
                if ready.is_success and shown.is_success:
                    return time.monotonic() - began
            await asyncio.sleep(0.1)
    raise AssertionError(f"not back after {patience:.0f} s")
