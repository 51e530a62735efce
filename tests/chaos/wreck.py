"""How to hurt a running house, and how to see that it is back."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

import httpx
import psutil

from tests.live import LiveShop


def processes(shop: LiveShop, mark: str) -> list[psutil.Process]:
    """The house's processes whose command line holds `mark`, the oldest first."""
    found = [one for one in psutil.Process(shop.pid).children(recursive=True) if mark in _line(one)]
    return sorted(found, key=psutil.Process.create_time)


def postmaster(shop: LiveShop) -> psutil.Process:
    """The first process of the embedded database."""
    return psutil.Process(int((shop.home / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


def kill_web(shop: LiveShop) -> None:
    """Kill a process that answers, not the one that watches over it, where there are two."""
    _kill(processes(shop, "daji serve")[-1])


def kill_worker(shop: LiveShop) -> None:
    _kill(processes(shop, "daji work")[0])


def kill_database(shop: LiveShop) -> None:
    _kill(postmaster(shop))


def kill_gateway(shop: LiveShop) -> None:
    _kill(processes(shop, "payment.sandbox")[0])


KILLS: dict[str, Callable[[LiveShop], None]] = {
    "web": kill_web,
    "worker": kill_worker,
    "database": kill_database,
    "gateway": kill_gateway,
}


def _kill(process: psutil.Process) -> None:
    process.send_signal(signal.SIGKILL)


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


async def back(shop: LiveShop, *, patience: float = 60) -> float:
    """Seconds until the shop says that it is ready and shows a product from the database. AssertionError after `patience`."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=shop.url, timeout=2) as http:
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
