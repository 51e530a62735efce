"""The database: one pool that writes, one that reads (a replica when configured), transactions with retry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

import asyncpg
import msgspec

from daji.kit import closing, outbox, tracing
from daji.kit.db.locks import LockOrder
from daji.kit.db.session import ReadSession, Session, Tx, marking_open, note_statement

T = TypeVar("T")

RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # A newer release has changed a table since the statement was prepared; the driver has forgotten it by now.
    asyncpg.InvalidCachedStatementError,
)
ATTEMPTS = 5
_BACKOFF_SECONDS = 0.02
_STATEMENT_CACHE = 1000


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_DATABASE_URL` (empty: embedded), `DAJI_DATABASE_REPLICA_URL`, `DAJI_DATABASE_POOL`, `DAJI_DATABASE_READ_POOL`, and for a pooler
    between us and the server `DAJI_DATABASE_POOLER` and `DAJI_DATABASE_DIRECT_URL`, which passes it by: the queue
    listens and migrations hold a lock, and both belong to a session.

    `transaction` says that the pooler lends a server connection for one transaction only. `prepared` false is for
    poolers that do not know statements which stay prepared (PgBouncer before 1.21).
    """

    url: str = ""
    replica_url: str = ""
    direct_url: str = ""
    pool: int = 10
    read_pool: int = 5
    pooler: Literal["none", "transaction"] = "none"
    prepared: bool = True


class _Connection(asyncpg.Connection):  # not subscriptable at run time
    """Does not send asyncpg's reset batch when it goes back to the pool.

    Nothing in this house leaves session state behind (no LISTEN, SET, advisory session lock or cursor on a pooled
    connection), and the batch would cost one round trip per request.
    """

    def get_reset_query(self) -> str:
        return ""


class Database:
    """Opens sessions; made by `open_database`."""

    def __init__(
        self,
        *,
        url: str,
        direct_url: str = "",
        bare: bool = False,
        write_pool: asyncpg.Pool[asyncpg.Record],
        read_pool: asyncpg.Pool[asyncpg.Record],
        lock_order: LockOrder,
        listeners: outbox.Listeners,
    ) -> None:
        self.url = url
        self.direct_url = direct_url or url
        # Without prepared statements a query is two messages, which only a transaction keeps on one server.
        self._bare = bare
        self._write_pool = write_pool
        self._read_pool = read_pool
        self._lock_order = lock_order
        self.listeners = listeners

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """One READ COMMITTED transaction; events and timers are flushed just before the commit.

        Use `run` where rivals are expected: this one does not retry.
        """
        async with self._write_pool.acquire() as connection:
            note_statement("BEGIN")
            transaction = connection.transaction()
            await transaction.start()
            try:
                with marking_open():
                    tx = Tx(connection, self._lock_order)
                    yield tx
                    await closing.flush(tx, self.listeners)
            except BaseException:
                note_statement("ROLLBACK")
                # The connection may be gone with the server: the first error is the one to tell.
                if not connection.is_closed():
                    await transaction.rollback()
                raise
            note_statement("COMMIT")
            await transaction.commit()
        tracing.tell(tx.told)

    async def run(self, work: Callable[[Tx], Awaitable[T]], *, attempts: int = ATTEMPTS) -> T:
        """Run `work` in a transaction; a deadlock or serialization failure runs it again from the start.

        `work` must do nothing but talk to its transaction, since it may run several times.
        """
        for attempt in range(1, attempts + 1):
            try:
                async with self.transaction() as tx:
                    return await work(tx)
            except RETRYABLE:
                if attempt == attempts:
                    raise
                await asyncio.sleep(_BACKOFF_SECONDS * 2**attempt * random.random())  # noqa: S311 - jitter
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A read-only session without a transaction: each query sees the latest commit."""
        async with self._read_pool.acquire() as connection:
            if not self._bare:
                yield ReadSession(connection)
                return
            async with connection.transaction(readonly=True):
                yield ReadSession(connection)

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[Session]:
        """A session without a transaction where writing happens: a reader sees what it has just written.

        For one statement, or for reads that need not agree with each other; a write in it stands alone at once.
        """
        async with self._write_pool.acquire() as connection:
            if not self._bare:
                yield Session(connection)
                return
            async with connection.transaction():
                yield Session(connection)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[ReadSession]:
        """A read-only session in which all queries see the same moment; for audits and exports."""
        async with (
            self._read_pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield ReadSession(connection)

    async def close(self) -> None:
        await self._write_pool.close()
        if self._read_pool is not self._write_pool:
            await self._read_pool.close()


async def open_database(
    settings: DatabaseSettings,
    *,
    lock_order: LockOrder | None = None,
    listeners: outbox.Listeners | None = None,
    application: str = "daji",
) -> Database:
    """Open both pools.

    Raises
    ------
    OSError or asyncpg.PostgresError
        When the server cannot be reached or refuses.
    """
    common: dict[str, str] = {
        "application_name": application,
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": "60s",
        "lock_timeout": "15s",
    }
    bare = settings.pooler == "transaction" and not settings.prepared
    cache = 0 if bare else _STATEMENT_CACHE
    # Writing asks by keys, so that one plan is as good as another, and planning costs more than doing (measured: a
    # quarter of the server's time for an order). Lists with optional filters are read, where each is planned anew.
    writing = common if bare else {**common, "plan_cache_mode": "force_generic_plan"}
    write_pool = await _pool(settings.url, settings.pool, writing, cache)
    read_only = {**common, "default_transaction_read_only": "on"}
    read_pool = await _pool(settings.replica_url or settings.url, settings.read_pool, read_only, cache)
    return Database(
        url=settings.url,
        direct_url=settings.direct_url,
        bare=bare,
        write_pool=write_pool,
        read_pool=read_pool,
        lock_order=lock_order or LockOrder(),
        listeners=listeners or outbox.Listeners(),
    )


async def _pool(
    url: str, size: int, server_settings: dict[str, str], cache: int
) -> asyncpg.Pool[asyncpg.Record]:
    pool: Any = asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        connection_class=_Connection,
        statement_cache_size=cache,
        server_settings=server_settings,
        init=_prepare_connection,
        command_timeout=60,
    )
    opened: asyncpg.Pool[asyncpg.Record] = await pool
    return opened


async def _prepare_connection(connection: Any) -> None:
    # One transaction: a pooler may lend another server for each statement.
    async with connection.transaction():
        for kind in ("json", "jsonb"):
            await connection.set_type_codec(
                kind, encoder=_encode_json, decoder=msgspec.json.decode, schema="pg_catalog", format="text"
            )


def _encode_json(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
