"""Behind PgBouncer in transaction mode: reads, journeys and rivals on few server connections; sessions pass it by."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from daji import migrations
from daji.faces import worker
from daji.kit import outbox
from daji.kit.db import Database, DatabaseSettings, LockOrder, open_database
from daji.trade.orders.events import OrderConfirmed
from tests.makers.world import World

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer on this machine")
FEW = 2
KNOWS_PREPARED = (1, 21)


def version() -> tuple[int, int]:
    said = subprocess.run([str(PGBOUNCER), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def bouncer_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """URL of a pooler in front of this test's database, with two connections to lend."""
    parts = urlsplit(database_url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    port, name = free_port(), parts.path.lstrip("/")
    config = tmp_path / "pgbouncer.ini"
    shipped = Path(__file__).parents[3] / "deploy" / "compose" / "pgbouncer.ini"
    ignored = re.search(r"(?m)^ignore_startup_parameters = .*$", shipped.read_text())
    assert ignored is not None
    prepared = "max_prepared_statements = 1000" if version() >= KNOWS_PREPARED else ""
    config.write_text(
        f"[databases]\n{name} = host={host} port={parts.port or 5432} user={parts.username or 'postgres'}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {FEW}\n{ignored[0]}\n{prepared}\n"
    )
    command = [str(PGBOUNCER), "-q", str(config)]
    if os.geteuid() == 0:
        # It refuses to be root. Who owns the server's socket may use it.
        owner = pwd.getpwuid(Path(host).stat().st_uid).pw_name if host.startswith("/") else "nobody"
        for folder in (tmp_path, *tmp_path.parents):
            if folder.is_relative_to("/tmp") and folder != Path("/tmp"):  # noqa: S108 - pytest's own folder
                folder.chmod(folder.stat().st_mode | 0o055)
        command += ["-u", owner]
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        wait_for(port, running, tmp_path / "log")
        yield f"postgresql://postgres@127.0.0.1:{port}/{name}"
    finally:
        running.terminate()
        running.wait(10)


def wait_for(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert running.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(params=["bare", "prepared"])
async def pooled(
    request: pytest.FixtureRequest, bouncer_url: str, database_url: str, lock_order: LockOrder
) -> AsyncIterator[Database]:
    """The house's database seen through the pooler."""
    if request.param == "prepared" and version() < KNOWS_PREPARED:
        pytest.skip("this pgbouncer does not keep statements prepared (1.21 does)")
    settings = DatabaseSettings(
        url=bouncer_url,
        direct_url=database_url,
        pooler="transaction",
        prepared=request.param == "prepared",
        pool=12,
    )
    opened = await open_database(settings, lock_order=lock_order)
    yield opened
    await opened.close()


async def test_many_readers_and_writers_share_two_connections(pooled: Database) -> None:
    async def ask(n: int) -> None:
        async with pooled.read() as session:
            assert await session.value("SELECT $1::int + 1", n) == n + 1
            assert await session.value("SELECT $1::jsonb", {"n": n}) == {"n": n}
        async with pooled.transaction() as tx:
            assert await tx.value("SELECT $1::text", str(n)) == str(n)

    await asyncio.gather(*(ask(n) for n in range(300)))
    async with pooled.read() as session:
        used = await session.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
    # The pool lends so many for each kind of user and settings; our twelve clients share them.
    assert used <= FEW + 1


async def test_a_reader_cannot_write(pooled: Database) -> None:
    if not pooled._bare:
        pytest.skip("with prepared statements the pooler's own `connect_query` says so")
    async with pooled.read() as session:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await session.value("INSERT INTO kit.heartbeat (process, kind) VALUES ('a', 'web') RETURNING 1")


async def test_an_order_goes_from_the_cart_to_the_door(pooled: Database, tmp_path: Path) -> None:
    heard: list[object] = []

    async def note(_tx: object, event: OrderConfirmed, _heard: outbox.Heard) -> None:
        heard.append(event.trade_id)

    pooled.listeners.on(OrderConfirmed, "test.note", note)
    world = World(pooled, tmp_path / "world")
    await world.open_shop()
    sku = await world.sku(stock=20)

    async def buy() -> object:
        trade = await world.paid_order({sku: 1})
        return trade.id

    trades = await asyncio.gather(*(buy() for _ in range(8)))
    trade = await world.trade(trades[0])  # type: ignore[arg-type]
    await world.deliver(trade.orders[0].id)
    house = type("House", (), {"db": pooled, "clock": world.clock})()
    await worker.drain(house)  # type: ignore[arg-type]
    assert sorted(map(str, heard)) == sorted(map(str, trades))
    await world.check()
    await world.close()


async def test_migrations_pass_the_pooler_by(pooled: Database) -> None:
    await migrations.upgrade(pooled.direct_url)
    assert await migrations.current(pooled.direct_url) == migrations.head()
