"""Chaos without a death: no space left. What was answered stays true, and the house comes back."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.chaos.verdict import BACK_SECONDS, busy, own_house
from tests.live import LiveShop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

HUNGER_SECONDS = 8.0
DISK_BYTES = 1_400_000_000


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
    async def fill(_: LiveShop) -> None:
        ballast = disk / "ballast"
        with ballast.open("wb") as file, suppress(OSError):
            while True:
                file.write(b"x" * (1 << 20))
        await asyncio.sleep(HUNGER_SECONDS)
        ballast.unlink()

    with small_disk() as disk, own_house(disk) as shop:
        async with busy(shop, seed=4) as story:
            await asyncio.sleep(3)
            await story.suffer("disk full", fill)
            await asyncio.sleep(3)
        assert story.worst < BACK_SECONDS
