"""Chaos without a death: no connection left, no space left. What was answered stays true, and the house comes back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.chaos.verdict import BACK_SECONDS, BUYERS, goods, judge, own_house, report, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

HUNGER_SECONDS = 8.0
DISK_BYTES = 1_400_000_000


async def take_all(url: str) -> list[asyncpg.Connection[asyncpg.Record]]:
    """Every connection that the server still gives."""
    taken: list[asyncpg.Connection[asyncpg.Record]] = []
    with suppress(asyncpg.TooManyConnectionsError):
        while True:
            taken.append(await asyncpg.connect(url))
    return taken


async def test_every_connection_is_taken_and_the_shop_s_own_are_cut() -> None:
    with own_house() as shop:
        crowd = Crowd(shop, await goods(shop))
        buying = asyncio.create_task(crowd.shop_until(time.monotonic() + 25, buyers=BUYERS, seed=3))
        await asyncio.sleep(3)
        taken = await take_all(shop.database_url)
        assert taken
        mine = [connection.get_server_pid() for connection in taken]
        await taken[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND NOT pid = ANY($1)",
            mine,
        )
        taken += await take_all(shop.database_url)
        await asyncio.sleep(HUNGER_SECONDS)
        for connection in taken:
            await connection.close()
        took = {"starving of connections": [await wreck.back(shop)]}
        await buying
        await settle(shop)
        report(crowd, took)
        await judge(shop, crowd)
        assert crowd.lost == []
        assert took["starving of connections"][0] < BACK_SECONDS


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own, which can be filled without harm."""
    with tempfile.TemporaryDirectory(prefix="daji-disk-") as folder:
        Path(folder).chmod(0o755)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", folder], check=False
        )
        if mounted.returncode != 0:
            pytest.skip("a file system of one's own needs the right to mount")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of one's own needs root")
async def test_the_disk_is_full_for_a_while() -> None:
    with small_disk() as disk, own_house(disk) as shop:
        crowd = Crowd(shop, await goods(shop))
        buying = asyncio.create_task(crowd.shop_until(time.monotonic() + 30, buyers=BUYERS, seed=4))
        await asyncio.sleep(3)
        ballast = disk / "ballast"
        with ballast.open("wb") as file, suppress(OSError):
            while True:
                file.write(b"x" * (1 << 20))
        await asyncio.sleep(HUNGER_SECONDS)
        ballast.unlink()
        took = {"a full disk": [await wreck.back(shop)]}
        await buying
        await settle(shop)
        report(crowd, took)
        await judge(shop, crowd)
        assert crowd.lost == []
        assert took["a full disk"][0] < BACK_SECONDS
