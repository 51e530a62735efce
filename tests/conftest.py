"""Fixtures: one embedded PostgreSQL per test process, one fresh database per test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from daji import migrations
from daji.kit.db import Database, DatabaseSettings, LockOrder, embedded, open_database
from tests.live import LiveShop, create_database, fresh_name, running_shop

# Tests throw their data away, so the server need not survive a power cut; commits stay real.
TEST_CONFIG = """
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 64MB
max_connections = 400
"""

# Copying the schema for each test is most of the work of a disk: in memory it takes a tenth of the time.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
ROOM_NEEDED = 4 << 30

_serial = itertools.count()


def _memory() -> Path | None:
    """A folder in memory with room enough, where the system has one."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_NEEDED
    return MEMORY if roomy else None


def with_database(url: str, name: str) -> str:
    """`url` pointing at database `name`, for libpq URLs with a socket in the query."""
    head, _, query = url.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}" + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Superuser URL of a server for tests; `DAJI_TEST_DATABASE_URL` chooses another one, say plain 15."""
    given = os.environ.get("DAJI_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # Not below pytest's own folder: every session that starts closes that one to other users, and as root the server
    # runs under another user.
    with tempfile.TemporaryDirectory(prefix="daji-tests-", dir=_memory()) as folder:
        home = Path(folder)
        home.chmod(0o755)
        server = embedded.start(home, extra_config=TEST_CONFIG)
        yield server.url
        server.stop()


@pytest.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """Name of a migrated, empty database, to be copied for each test."""
    name = fresh_name("daji_template")
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await migrations.upgrade(with_database(server_url, name))
    yield name
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def database_url(server_url: str, template: str) -> AsyncIterator[str]:
    """URL of a fresh, migrated, empty database."""
    name = f"t_{os.getpid()}_{next(_serial)}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    yield with_database(server_url, name)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the living shop go to one worker, so that one shop is enough."""
    for item in items:
        if "live_shop" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("live_shop"))


@pytest.fixture(scope="session")
def live_shop(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    """A shop with demo data, served by real processes; shared by a session, so tests bring their own buyers."""
    name = fresh_name("live")
    create_database(server_url, name)
    with running_shop(with_database(server_url, name), tmp_path_factory.mktemp("home")) as shop:
        yield shop


@pytest.fixture
def lock_order() -> LockOrder:
    """The written lock order, so that every test checks it."""
    try:
        from daji.boot import LOCK_ORDER  # noqa: PLC0415 - boot imports all rooms
    except ImportError:
        return LockOrder()
    return LockOrder(LOCK_ORDER)


@pytest.fixture
async def db(database_url: str, lock_order: LockOrder) -> AsyncIterator[Database]:
    """The house's database on a fresh copy of the schema."""
    opened = await open_database(DatabaseSettings(url=database_url, pool=20), lock_order=lock_order)
    yield opened
    await opened.close()


@pytest.fixture
def now() -> datetime:
    """A fixed Tuesday noon: nothing in a test depends on the day it runs."""
    return datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
