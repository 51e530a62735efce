"""The database: one pool that writes, one that reads (a replica when configured), transactions with retry."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import asyncpg
import msgspec

from daji.kit import closing, outbox, together, tracing
from daji.kit.db import reading
from daji.kit.db.locks import LockOrder
from daji.kit.db.replica import SQL_POSITION, SQL_WRITTEN, Replica, ReplicaSession
from daji.kit.db.session import ReadSession, Session, Tx, marking_open, note_statement

I = TypeVar("I")  # noqa: E741 - the usual letter for an input type
T = TypeVar("T")

RETRYABLE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # A newer release has changed a table since the statement was prepared; the driver has forgotten it by now.
    asyncpg.InvalidCachedStatementError,
)
AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
)
"""The database is gone, full, or does not get to it, whatever it was asked."""
ATTEMPTS = 5
_BACKOFF_SECONDS = 0.02
_STATEMENT_CACHE = 1000
_CONNECT_SECONDS = 10
# Each costs the server some six megabytes of plans and catalogues; those of a rush need not stay.
_IDLE_SECONDS = 60.0


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_DATABASE_URL` (empty: embedded), `DAJI_DATABASE_REPLICA_URL`, `DAJI_DATABASE_REPLICA_BEHIND`, `DAJI_DATABASE_POOL`, `DAJI_DATABASE_READ_POOL`, and for a pooler
    between us and the server `DAJI_DATABASE_POOLER` and `DAJI_DATABASE_DIRECT_URL`, which passes it by: the queue
    listens and migrations hold a lock, and both belong to a session.

    `replica_behind`: seconds from which on a replica counts as away. `transaction` says that the pooler lends a server connection for one transaction only. `prepared` false is for
    poolers that do not know statements which stay prepared (PgBouncer before 1.21).
    """

    url: str = ""
    replica_url: str = ""
    replica_behind: Annotated[float, msgspec.Meta(gt=0)] = 60.0
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
        replica: Replica | None = None,
        lock_order: LockOrder,
        listeners: outbox.Listeners,
    ) -> None:
        self.url = url
        self.direct_url = direct_url or url
        # Without prepared statements a query is two messages, which only a transaction keeps on one server.
        self._bare = bare
        self._write_pool = write_pool
        self._read_pool = read_pool
        self.replica = replica
        self._lock_order = lock_order
        self.listeners = listeners
        self._lanes: dict[object, together.Lane[Any, Any]] = {}
        self._in_lanes = together.House()

    @classmethod
    def unopened(cls) -> Database:
        """One that may be handed out already; there is nothing to ask of it before it has taken over an opened one."""
        return cls.__new__(cls)

    def take_over(self, opened: Database) -> None:
        """Be from now on what `opened` is."""
        vars(self).update(vars(opened))

    @property
    def readers(self) -> int:
        """How many may read at a time, each with a connection of its own."""
        return self._read_pool.get_max_size()

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
        reading.note_write()
        tracing.tell(tx.told, tx.contexts)

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
        """A read-only session without a transaction: each query sees the latest commit of the server that is read.

        That is the replica, where there is one that answers, is not too far behind, and shows what the reader has
        written (`kit.db.reading`); else the writing server.
        """
        reader = reading.current()
        if self.replica is not None and not reader.own and not reader.wrote:
            async with self.replica.borrow(after=reader.after, bare=self._bare) as borrowed:
                if borrowed is not None:
                    async with AsyncExitStack() as stack:
                        yield ReplicaSession(borrowed, partial(self._instead, self.replica, stack))
                    return
        async with self._on_primary() as connection:
            yield ReadSession(connection)

    @asynccontextmanager
    async def _on_primary(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy[asyncpg.Record]]:
        async with self._read_pool.acquire() as connection:
            if not self._bare:
                yield connection
                return
            async with connection.transaction(readonly=True):
                yield connection

    async def _instead(
        self, replica: Replica, stack: AsyncExitStack, error: BaseException
    ) -> asyncpg.pool.PoolConnectionProxy[asyncpg.Record]:
        await replica.gone(error)
        return await stack.enter_async_context(self._on_primary())

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
        if self.replica is not None and not reading.current().own:
            async with self.replica.borrow(after=0, bare=False) as borrowed:
                if borrowed is not None:
                    async with borrowed.transaction(isolation="repeatable_read", readonly=True):
                        yield ReadSession(borrowed)
                    return
        async with (
            self._read_pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield ReadSession(connection)

    @property
    def behind_s(self) -> float:
        """How far behind the replica is, in seconds, or since when it is away; 0 without one."""
        return 0.0 if self.replica is None else self.replica.behind_s

    async def position(self) -> int:
        """Where the log of the writing server stands: whoever is shown everything up to here is shown all commits so far."""
        async with self.fresh() as session:
            return int(await session.value(SQL_POSITION))

    async def together(
        self,
        what: object,
        work: Callable[[Sequence[I]], Awaitable[together.Answers[T]]],
        item: I,
        *,
        most: int = together.MOST,
        linger: float = together.LINGER_SECONDS,
    ) -> T:
        """Have `item` done with whatever else of the same `what` is there; `work` and `linger` are those of the first who came.

        Raises what `work` says of this item, or what befell the database for all of them.
        """
        lane = self._lanes.get(what)
        if lane is None:
            lane = self._lanes[what] = together.Lane(
                work, most=most, linger=linger, of_all=AWAY, house=self._in_lanes
            )
        answer: T = await lane.join(item)
        # The batch may have run in somebody else's context.
        reading.note_write()
        return answer

    async def analyze(self) -> None:
        """Have the server look at its tables once more, when much was written at once.

        Until its own rounds come by, it plans for tables as they were: after an import of 20,000 SKUs an order cost it
        three times what it costs with this. Tables that somebody is changing the form of are left out.
        """
        async with self._write_pool.acquire() as connection:
            await connection.execute("ANALYZE (SKIP_LOCKED)")

    async def close(self) -> None:
        for lane in self._lanes.values():
            await lane.close()
        if self.replica is not None:
            await self.replica.close()
        await self._write_pool.close()
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
    has_replica = bool(settings.replica_url)
    read_pool = await _pool(settings.url, settings.read_pool, read_only, cache, least=0 if has_replica else 1)
    replica = None
    if has_replica:

        async def written() -> int:
            return int(await write_pool.fetchval(SQL_WRITTEN))

        replica = Replica(
            lambda: _pool(settings.replica_url, settings.read_pool, read_only, cache, least=0),
            written=written,
            most_behind=settings.replica_behind,
            one_server_each=settings.pooler == "transaction",
        )
        await replica.start()
    return Database(
        url=settings.url,
        direct_url=settings.direct_url,
        bare=bare,
        write_pool=write_pool,
        read_pool=read_pool,
        replica=replica,
        lock_order=lock_order or LockOrder(),
        listeners=listeners or outbox.Listeners(),
    )


async def _pool(
    url: str, size: int, server_settings: dict[str, str], cache: int, *, least: int = 1
) -> asyncpg.Pool[asyncpg.Record]:
    pool: Any = asyncpg.create_pool(
        url,
        min_size=least,
        max_size=size,
        connection_class=_Connection,
        statement_cache_size=cache,
        max_inactive_connection_lifetime=_IDLE_SECONDS,
        server_settings=server_settings,
        init=_prepare_connection,
        command_timeout=60,
        timeout=_CONNECT_SECONDS,
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
