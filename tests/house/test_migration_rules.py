"""No migration stops the shop: what each one really sends is held against the rules, and its locks are timed (X9)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from daji import migrations
from daji.migrations import rules, safely
from tests.conftest import with_database
from tests.loading import load

VERSIONS = Path(migrations.__file__).parent / "versions"
ROWS = 150_000
MOMENT = 1.0
"""Seconds for which writers may be kept out on any machine; what is careless must take longer than what is careful."""


@pytest.fixture
async def empty_url(server_url: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    name = f"rules_{abs(hash(request.node.name)) % 10**8}"
    connection = await asyncpg.connect(server_url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    yield with_database(server_url, name)
    await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await connection.close()


async def sent_by_revision(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What every migration sends to the server, from nothing to the newest."""
    made = migrations.engine_for
    sent: list[str] = []

    def listening(target: str) -> AsyncEngine:
        engine = made(target)
        event.listen(
            engine.sync_engine, "before_cursor_execute", lambda _c, _u, statement, *_: sent.append(statement)
        )
        return engine

    monkeypatch.setattr(migrations, "engine_for", listening)
    await migrations.upgrade(url)
    found: dict[str, list[str]] = {}
    current: list[str] = []
    marks = iter(revisions())
    for statement in sent:
        if "alembic_version" in statement and statement.lstrip().startswith(("INSERT", "UPDATE")):
            found[next(marks)] = current
            current = []
        else:
            current.append(statement)
    return found


def revisions() -> list[str]:
    return sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def module_of(revision: str) -> Any:
    (path,) = VERSIONS.glob(f"{revision}_*.py")
    return load(path)


async def test_every_migration_keeps_the_rules(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = await sent_by_revision(empty_url, monkeypatch)
    assert sorted(sent) == revisions()
    assert any("CREATE TABLE" in statement for statement in sent[rules.SINCE])
    wrong = {
        revision: found
        for revision, statements in sent.items()
        if revision >= rules.SINCE
        and (
            found := rules.faults(
                statements,
                unused_since=getattr(module_of(revision), "UNUSED_SINCE", ""),
                revision=revision,
            )
        )
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX ix_a ON orders.trade (a)",
        'CREATE UNIQUE INDEX "ix_a" ON orders."order" (a)',
        "DROP INDEX orders.ix_a",
        "REINDEX TABLE orders.trade",
        "ALTER TABLE orders.trade ADD COLUMN a integer NOT NULL",
        "ALTER TABLE orders.trade ADD COLUMN a uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE orders.trade ADD COLUMN a integer REFERENCES orders.trade (id)",
        "ALTER TABLE orders.trade ADD COLUMN a integer, ALTER COLUMN b TYPE bigint",
        "ALTER TABLE orders.trade ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE orders.trade ADD CONSTRAINT ck CHECK (a > 0)",
        "ALTER TABLE orders.trade ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES orders.trade (id)",
        "ALTER TABLE orders.trade DROP COLUMN a",
        "ALTER TABLE orders.trade RENAME COLUMN a TO b",
        "ALTER TABLE orders.trade RENAME TO trades",
        "ALTER TABLE orders.trade SET UNLOGGED",
        "DROP TABLE orders.trade",
        "DROP SCHEMA orders CASCADE",
        "UPDATE orders.trade SET a = 1",
        "DELETE FROM orders.trade",
        "LOCK TABLE orders.trade",
        "TRUNCATE orders.trade",
        "VACUUM FULL orders.trade",
        "\n  alter table orders.trade\n    drop column a",
    ],
)
def test_what_would_stop_the_shop_is_refused(statement: str) -> None:
    assert rules.faults([statement], revision="0099")
    assert rules.faults(["CREATE TABLE orders.other (id uuid)", statement], revision="0099")


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE orders.a (id uuid PRIMARY KEY)", "CREATE INDEX ix ON orders.a (id)"],
        ['CREATE TABLE orders."a" (id uuid)', "ALTER TABLE orders.a ADD CONSTRAINT ck CHECK (true)"],
        ["CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_a ON orders.trade (a)"],
        ["DROP INDEX CONCURRENTLY orders.ix_a"],
        ["ALTER TABLE orders.trade ADD COLUMN a text"],
        ["ALTER TABLE orders.trade ADD COLUMN a text DEFAULT 'x, y' NOT NULL, ADD COLUMN b numeric(3, 2)"],
        ["ALTER TABLE orders.trade ADD CONSTRAINT ck CHECK (a > 0) NOT VALID"],
        ["ALTER TABLE orders.trade VALIDATE CONSTRAINT ck"],
        [
            "ALTER TABLE orders.trade ALTER COLUMN a DROP NOT NULL",
            "ALTER TABLE orders.trade DROP CONSTRAINT ck",
        ],
        [
            'ALTER TABLE "orders"."trade" VALIDATE CONSTRAINT "ck_trade_a_given"',
            'ALTER TABLE "orders"."trade" ALTER COLUMN "a" SET NOT NULL',
        ],
        ["CREATE SCHEMA flash", "SELECT 1", "COMMENT ON TABLE orders.trade IS 'x'"],
    ],
)
def test_what_stops_nobody_may_be(statements: list[str]) -> None:
    assert rules.faults(statements, revision="0099") == ()


def test_what_is_removed_was_left_alone_by_the_release_before() -> None:
    gone = ["ALTER TABLE orders.trade DROP COLUMN a"]
    assert rules.faults(gone, unused_since="0098", revision="0099") == ()
    assert rules.faults(gone, unused_since="0099", revision="0099")


class TestPatience:
    """The runner against a database in use."""

    async def test_a_held_table_delays_the_migration_and_not_the_shop(
        self, empty_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "200ms")
        monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.2)
        await migrations.upgrade(empty_url)
        holder = await asyncpg.connect(empty_url)
        # As if the newest migration were not there: the next run wants its mark, which somebody reads at length.
        await holder.execute("BEGIN")
        await holder.execute("LOCK TABLE kit.heartbeat IN ACCESS SHARE MODE")
        tried = 0

        def change(connection: Connection) -> None:
            nonlocal tried
            tried += 1
            connection.exec_driver_sql("ALTER TABLE kit.heartbeat ADD COLUMN IF NOT EXISTS a text")

        monkeypatch.setattr(migrations, "_run", change)
        running = asyncio.create_task(migrations.upgrade(empty_url))
        await asyncio.sleep(0.1)
        reader = await asyncpg.connect(empty_url)
        began = time.monotonic()
        await reader.fetch("SELECT * FROM kit.heartbeat")
        waited = time.monotonic() - began
        await asyncio.sleep(0.6)
        await holder.execute("COMMIT")
        await asyncio.wait_for(running, 10)
        assert tried >= 2
        assert waited < 1
        assert await reader.fetchval("SELECT count(a) FROM kit.heartbeat") == 0
        await holder.close()
        await reader.close()

    async def test_it_gives_up_and_says_so(self, empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
        monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(migrations, "ATTEMPTS", 3)
        await migrations.upgrade(empty_url)
        holder = await asyncpg.connect(empty_url)
        await holder.execute("BEGIN")
        await holder.execute("LOCK TABLE kit.heartbeat")
        monkeypatch.setattr(
            migrations, "_run", lambda one: one.exec_driver_sql("ALTER TABLE kit.heartbeat ADD COLUMN a text")
        )
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrations.upgrade(empty_url)
        await holder.close()


class Stopwatch:
    """How long locks that keep writers out were held on a table, by another session's look every few milliseconds."""

    SQL = """
    SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND granted
       AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
    """

    def __init__(self, url: str, table: str) -> None:
        self._url, self._table = url, table
        self.longest = 0.0

    async def watch(self, over: asyncio.Event) -> None:
        connection = await asyncpg.connect(self._url)
        since: float | None = None
        while not over.is_set():
            held = await connection.fetchval(self.SQL, self._table)
            now = time.monotonic()
            if not held:
                since = None
            elif since is None:
                since = now
            else:
                self.longest = max(self.longest, now - since)
            await asyncio.sleep(0.003)
        await connection.close()


async def locked_for(url: str, change: Callable[[], None]) -> float:
    """Run a migration's operations on the filled table; seconds for which writers were kept out."""
    watch, over = Stopwatch(url, "kit.big"), asyncio.Event()
    watching = asyncio.create_task(watch.watch(over))
    engine = migrations.engine_for(url)

    def work(connection: Connection) -> None:
        context = MigrationContext.configure(connection)
        with context.begin_transaction(), Operations.context(context):
            change()

    async with engine.connect() as connection:
        await connection.run_sync(work)
        await connection.commit()
    await engine.dispose()
    over.set()
    await watching
    return watch.longest


@pytest.fixture
async def filled(empty_url: str) -> str:
    connection = await asyncpg.connect(empty_url)
    await connection.execute("CREATE SCHEMA kit")
    await connection.execute("CREATE TABLE kit.big (id bigint PRIMARY KEY, a text, b integer, c text)")
    await connection.execute(
        "INSERT INTO kit.big SELECT n, md5(n::text), n % 97, repeat(md5(n::text), 4)"
        " FROM generate_series(1, $1::int) AS n",
        ROWS,
    )
    await connection.execute("VACUUM ANALYZE kit.big")
    await connection.close()
    return empty_url


async def test_careful_changes_keep_writers_out_for_a_moment_only(filled: str) -> None:
    from alembic import op  # noqa: PLC0415 - beside the changes that it makes

    careful: dict[str, Callable[[], None]] = {
        "column": lambda: op.execute("ALTER TABLE kit.big ADD COLUMN d text DEFAULT '' NOT NULL"),
        "index": lambda: safely.index("ix_big_a", "big", ["a", "c"], schema="kit"),
        "check": lambda: op.execute("ALTER TABLE kit.big ADD CONSTRAINT ck_b CHECK (b >= 0) NOT VALID"),
        "validate": lambda: safely.validate("ck_b", "big", schema="kit"),
        "not null": lambda: safely.not_null("big", "c", schema="kit"),
    }
    times = {name: await locked_for(filled, change) for name, change in careful.items()}
    assert max(times.values()) < MOMENT, times
    careless = {
        "index": lambda: op.execute("CREATE INDEX ix_big_b ON kit.big (a, c)"),
        "type": lambda: op.execute("ALTER TABLE kit.big ALTER COLUMN b TYPE bigint"),
    }
    for name, change in careless.items():
        assert await locked_for(filled, change) > max(times.values()), (name, times)
    connection = await asyncpg.connect(filled)
    assert await connection.fetchval(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'kit.big'::regclass AND attname = 'c'"
    )
    await connection.close()


async def test_an_index_that_was_left_half_built_is_built_anew(filled: str) -> None:
    connection = await asyncpg.connect(filled)
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_half ON kit.big (b)")
    await locked_for(filled, lambda: safely.index("ix_half", "big", ["b"], schema="kit"))
    assert await connection.fetchval(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'kit.ix_half'::regclass"
    )
    await connection.close()


@pytest.mark.parametrize(
    ("found", "serves"), [("0012", True), ("0013", True), ("0011", False), ("", False), ("abc", False)]
)
def test_code_serves_on_its_own_schema_and_on_newer_ones(found: str, *, serves: bool) -> None:
    assert migrations.serves(found, expected="0012") is serves
