"""Readers see what they wrote though the replica is behind, and go on reading when it is gone: on real servers."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from daji import migrations
from daji.kit import heartbeats, ids
from daji.kit.db import Database, DatabaseSettings, open_database
from daji.kit.db.reading import Reader, reading_as
from tests.faces.real_app import RealShop, open_real
from tests.faces.store.shopping import good
from tests.loading import load
from tests.makers.world import World

failover = load(Path(__file__).parents[2] / "tools" / "rehearse_failover.py")
DELAY_SECONDS = 2.5
pytestmark = pytest.mark.xdist_group("replica")


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[Any]:
    """A primary, and a replica that shows everything some seconds later."""
    programs = failover.find_bin()
    if programs is None:
        pytest.skip("no PostgreSQL programs (initdb, pg_ctl, pg_basebackup) on this machine")
    with tempfile.TemporaryDirectory(prefix="daji-replica-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - a test waits
        made = failover.Servers(programs, Path(folder))
        try:
            await asyncio.to_thread(made.make_primary)
            admin = await asyncpg.connect(made.url("primary", database="postgres"))
            await admin.execute("CREATE DATABASE daji")
            await admin.close()
            await migrations.upgrade(made.url("primary"))
            await asyncio.to_thread(made.make_replica, delay_s=DELAY_SECONDS)
            yield made
        finally:
            await asyncio.to_thread(made.stop)


async def opened(servers: Any, **more: Any) -> Database:
    return await open_database(
        DatabaseSettings(url=servers.url("primary"), replica_url=servers.url("replica"), pool=4, **more)
    )


@pytest.fixture
async def db(servers: Any) -> AsyncIterator[Database]:
    made = await opened(servers)
    await until(lambda: made.replica is not None and made.replica.usable)
    yield made
    await made.close()


async def until(holds: Callable[[], bool], *, seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - a condition, not an event
            await asyncio.sleep(0.05)


async def beat(db: Database, name: str) -> None:
    async with db.transaction() as tx:
        await tx.execute(heartbeats.SQL_BEAT, name, "web")


async def seen(db: Database, name: str) -> tuple[bool, bool]:
    """Whether a reader sees it, and whether the replica is what they read."""
    async with db.read() as session:
        row = await session.row(
            "SELECT pg_is_in_recovery() AS replica,"
            " EXISTS (SELECT 1 FROM kit.heartbeat WHERE process = $1) AS seen",
            name,
        )
    assert row is not None
    return row["seen"], row["replica"]


async def seen_after(db: Database, name: str, position: int) -> tuple[bool, bool]:
    with reading_as(Reader(after=position)):
        return await seen(db, name)


async def test_who_has_written_sees_it_and_others_read_the_replica(db: Database) -> None:
    await beat(db, "a")
    position = await db.position()
    assert await seen(db, "a") == (False, True)
    with reading_as(Reader(after=position)):
        assert await seen(db, "a") == (True, False)
    async with asyncio.timeout(40):
        while await seen_after(db, "a", position) != (True, True):
            await beat(db, "the log goes on")
            await asyncio.sleep(0.2)
    assert await seen(db, "a") == (True, True)


async def test_within_one_request_what_was_written_is_read_where_it_was_written(db: Database) -> None:
    with reading_as(Reader()):
        assert await seen(db, "b") == (False, True)
        await beat(db, "b")
        assert await seen(db, "b") == (True, False)
    with reading_as(Reader(own=True)):
        assert await seen(db, "b") == (True, False)


async def test_a_pooled_reader_is_checked_on_the_server_that_answers(servers: Any) -> None:
    db = await opened(servers, pooler="transaction")
    try:
        await until(lambda: db.replica is not None and db.replica.usable)
        await beat(db, "c")
        with reading_as(Reader(after=await db.position())):
            assert await seen(db, "c") == (True, False)
        with reading_as(Reader(after=1)):
            assert await seen(db, "c") == (False, True)
    finally:
        await db.close()


async def test_a_replica_too_far_behind_is_left_alone(servers: Any) -> None:
    db = await opened(servers, replica_behind=0.5)
    try:
        assert db.replica is not None
        await beat(db, "d")
        for _ in range(100):
            await beat(db, "d")
            await db.replica.look()
            if not db.replica.usable:
                break
            await asyncio.sleep(0.1)
        assert db.behind_s > 0.5
        assert await seen(db, "d") == (True, False)
    finally:
        await db.close()


async def start_again(servers: Any) -> None:
    """Once the memory of the killed one is free."""
    for attempt in range(20):
        try:
            await asyncio.to_thread(servers.start, "replica")
        except RuntimeError:
            if attempt == 19:
                raise
            await asyncio.sleep(0.5)
        else:
            return


async def test_a_replica_that_dies_takes_no_reader_with_it_and_may_come_back(
    servers: Any, db: Database
) -> None:
    assert db.replica is not None
    await beat(db, "e")
    servers.kill("replica")
    for _ in range(20):
        assert await seen(db, "e") == (True, False)
    late = await opened(servers)
    assert await seen(late, "e") == (True, False)
    await start_again(servers)
    for one in (db, late):
        replica = one.replica
        await until(lambda replica=replica: bool(replica and replica.usable))  # type: ignore[misc]
        assert (await seen(one, "e"))[1]
    await late.close()


@pytest.fixture
async def shop(servers: Any, db: Database, tmp_path: Path) -> AsyncIterator[RealShop]:
    world = World(db, tmp_path)
    await world.open_shop()
    made = await open_real(world, servers.url("primary"), DAJI_DATABASE_REPLICA_URL=servers.url("replica"))
    yield made
    await made.close()
    await world.close()


async def test_a_buyer_sees_the_cart_and_the_account_at_once(shop: RealShop, servers: Any) -> None:
    sku = await shop.world.sku()
    replica = shop.house.db.replica
    await until(lambda: replica is not None and replica.usable)
    # Until the replica shows the goods, so that only what the buyer does is new.
    async with asyncio.timeout(40):
        while not await known(shop, sku):
            await beat(shop.house.db, "the log goes on")
            await asyncio.sleep(0.2)
    # Its delay alone would be over on a machine that is busy with others.
    held = await asyncpg.connect(servers.url("replica"))
    await held.execute("SELECT pg_wal_replay_pause()")
    try:
        await buys_on_a_replica_that_stands_still(shop, sku)
    finally:
        await held.execute("SELECT pg_wal_replay_resume()")
        await held.close()


async def buys_on_a_replica_that_stands_still(shop: RealShop, sku: UUID) -> None:
    buyer = shop.client()
    answer = await buyer.put(f"/store/v1/cart/lines/{ids.show('sku', sku)}", json={"qty": 2})
    good(answer)
    assert "daji_seen" in answer.cookies
    assert [line["qty"] for line in good(await buyer.get("/store/v1/cart"))["lines"]] == [2]
    del buyer.cookies["daji_seen"]
    assert good(await buyer.get("/store/v1/cart"))["lines"] == []


async def known(shop: RealShop, sku: object) -> bool:
    async with shop.house.db.read() as session:
        return bool(await session.value("SELECT 1 FROM inventory.balance WHERE sku_id = $1", sku))
