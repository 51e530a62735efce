"""A machine is lost; what comes back, from when, and how soon (X5)."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from daji.kit.backup import plan, restore, seal, take, wal
from daji.kit.db import embedded

PLAN = """
wal_seconds = 1
[[targets]]
name = "near"
folder = "near"
medium = "disk"
[[targets]]
name = "far"
folder = "far"
medium = "other disk"
offsite = true
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    # pytest's own folder is closed to the user that the server runs under when this is root.
    with tempfile.TemporaryDirectory(prefix="daji-backup-") as found:
        Path(found).chmod(0o755)
        yield Path(found)


@pytest.fixture
def home(folder: Path) -> Path:
    found = folder / "home"
    found.mkdir()
    (found / plan.FILE).write_text(PLAN)
    (found / "secret").write_bytes(b"s")
    (found / "media").mkdir()
    (found / "media" / "picture.webp").write_bytes(b"p")
    seal.make_key(found / "backup.key")
    return found


def plan_of(home: Path) -> plan.Plan:
    found = plan.find(home)
    assert found is not None
    return found


@asynccontextmanager
async def following(home: Path, url: str) -> AsyncIterator[wal.Follower]:
    leaving = asyncio.Event()
    follower = wal.Follower(plan_of(home), url=url, spool=home / "spool", heard=print)
    task = asyncio.create_task(follower.run(leaving))
    yield follower
    leaving.set()
    await task


async def rows(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    found = [row["n"] for row in await connection.fetch("SELECT n FROM book ORDER BY n")]
    await connection.close()
    return found


async def come_back(home: Path, source: Path, to: datetime | None = None) -> list[int]:
    restore.prepare(plan_of(source), home=home, to=to)
    server = embedded.start(home, patience=60)
    try:
        deadline = time.monotonic() + 60
        connection = await asyncpg.connect(server.url)
        while await connection.fetchval("SELECT pg_is_in_recovery()"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        await connection.execute("INSERT INTO book VALUES (-1)")
        await connection.execute("DELETE FROM book WHERE n = -1")
        await connection.close()
        return await rows(server.url)
    finally:
        server.stop()
        restore.finish(home)


async def test_a_shop_comes_back_as_it_was_at_a_moment(
    folder: Path, home: Path, capsys: pytest.CaptureFixture[str]
):
    """Taken, followed, emptied by mistake, lost: back to the moment before the mistake, and to the very end."""
    server = embedded.start(home)
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE book (n integer)")
    await connection.execute("INSERT INTO book SELECT generate_series(1, 100)")
    take.take(plan_of(home), url=server.url, home=home, now=datetime.now(UTC))
    async with following(home, server.url):
        await connection.execute("INSERT INTO book SELECT generate_series(101, 200)")
        before = await connection.fetchval("SELECT clock_timestamp()")
        await asyncio.sleep(0.1)
        await connection.execute("DELETE FROM book")
        # The machine goes on working until it is lost; what it writes then is lost with it, and no more than that.
        last_kept = 1000
        began = time.monotonic()
        while time.monotonic() - began < 5:
            last_kept += 1
            await connection.execute("INSERT INTO book VALUES ($1)", last_kept)
            await asyncio.sleep(0.05)
        os.kill(server._server.get_pid(), signal.SIGQUIT)
    await connection.close()
    server.stop()

    began = time.monotonic()
    assert await come_back(folder / "before", home, before) == list(range(1, 201))
    took = time.monotonic() - began
    assert (folder / "before" / "media" / "picture.webp").read_bytes() == b"p"
    assert (folder / "before" / "secret").read_bytes() == b"s"

    end = await come_back(folder / "end", home)
    lost = (last_kept - max(end)) * 0.05
    with capsys.disabled():
        print(f"\n  restored in {took:.1f} s (RTO); changes of the last {lost:.1f} s lost (RPO)")  # noqa: T201 - the figure is the point
    assert min(end) == 1001
    assert timedelta(seconds=lost) < timedelta(seconds=4)


async def test_a_damaged_copy_is_passed_over_and_nothing_is_overwritten(folder: Path, home: Path):
    server = embedded.start(home)
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE book (n integer)")
    await connection.execute("INSERT INTO book VALUES (1)")
    await connection.close()
    take.take(plan_of(home), url=server.url, home=home, now=datetime.now(UTC))
    server.stop()
    with pytest.raises(restore.NotEmpty):
        restore.prepare(plan_of(home), home=home)
    with pytest.raises(restore.NothingToRestore):
        restore.prepare(plan_of(home), home=folder / "early", to=datetime(2020, 1, 1, tzinfo=UTC))
    (near,) = (home / "near").rglob("database.sealed")
    near.write_bytes(near.read_bytes()[:-100])
    assert await come_back(folder / "back", home) == [1]
    (home / "backup.key").write_text("00" * 32)
    with pytest.raises(seal.Damaged):
        restore.prepare(plan_of(home), home=folder / "no")
