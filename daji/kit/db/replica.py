"""The replica for reading: used while it answers and is not too far behind; otherwise the writing server is read."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from daji.kit.db.session import ReadSession, Row, note_statement

log = structlog.get_logger(__name__)

WATCH_SECONDS = 1.0
ANSWER_SECONDS = 2.0
CAUGHT_UP_SECONDS = 3.0
"""A replica that was given up is used again when it is no further behind than this."""
_MOST_SAMPLES = 4000

SQL_WRITTEN = "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint"
SQL_POSITION = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
# A replica that was promoted, or the primary itself behind the replica's address, shows everything.
SQL_SHOWN = """
SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint ELSE $1 END AS shown,
       coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8 AS age
"""

DOWN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What whoever works in rounds waits out. The last is what a kept connection says when its server died while nobody
asked (https://github.com/MagicStack/asyncpg/issues/1069); it is neither of the others.
"""

BROKEN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.SerializationError,
)
"""What may become of a query on a replica through no fault of the query; on the writing server it is asked again."""

Ask = Callable[[], Awaitable[int]]
if TYPE_CHECKING:
    # Not subscriptable at run time.
    Connection = asyncpg.pool.PoolConnectionProxy[Any]
    Pool = asyncpg.Pool[asyncpg.Record]


class ReplicaSession(ReadSession):
    """Reads from a replica; when that breaks off, the same query is asked of the writing server, and all that follow."""

    def __init__(
        self, connection: Connection, instead: Callable[[BaseException], Awaitable[Connection]]
    ) -> None:
        super().__init__(connection)
        self._instead = instead

    async def rows(self, sql: str, *args: object) -> list[Row]:
        try:
            return await super().rows(sql, *args)
        except BROKEN as error:
            self._connection = await self._instead(error)
            return await super().rows(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        try:
            return await super().row(sql, *args)
        except BROKEN as error:
            self._connection = await self._instead(error)
            return await super().row(sql, *args)

    async def value(self, sql: str, *args: object) -> Any:
        try:
            return await super().value(sql, *args)
        except BROKEN as error:
            self._connection = await self._instead(error)
            return await super().value(sql, *args)


class Replica:
    """A pool on a replica, and how far behind the replica is.

    How far is told by the clock of this process: the writing server's position is noted every second, and the replica is
    as far behind as the first position that it does not show yet is old. So a replica that gets no log at all is behind too.
    """

    def __init__(
        self,
        open_pool: Callable[[], Awaitable[Pool]],
        *,
        written: Ask,
        most_behind: float,
        one_server_each: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_pool = open_pool
        self._written = written
        self._most_behind = most_behind
        # A pooler lends another server for each transaction: what was asked of one says nothing of the next.
        self._one_server_each = one_server_each
        self._clock = clock
        self._pool: Pool | None = None
        self._samples: deque[tuple[float, int]] = deque(maxlen=_MOST_SAMPLES)
        self._answered_at = clock()
        self._first = True
        self._watching: asyncio.Task[None] | None = None
        self.usable = False
        self.turns = 0
        self.behind_s = 0.0

    async def start(self) -> None:
        """Look once, then go on looking until `close`."""
        await self.look()
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await self._drop()

    async def look(self) -> None:
        """See whether the replica answers, and how far behind it is."""
        with suppress(*DOWN):
            # Without the writing server nobody is ahead, and a shop can still be looked at.
            async with asyncio.timeout(ANSWER_SECONDS):
                self._samples.append((self._clock(), await self._written()))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                shown, age = await self._shown()
        except DOWN as error:
            await self._lose(repr(error))
            return
        self._answered_at = self._clock()
        while self._samples and self._samples[0][1] <= shown:
            self._samples.popleft()
        if self._first and self._samples:
            # Nothing was noted yet: the replica's own word on the age of what it shows has to do.
            self._samples[0] = (self._clock() - age, self._samples[0][1])
        self._first = False
        self.behind_s = self._clock() - self._samples[0][0] if self._samples else 0.0
        if self.behind_s > self._most_behind:
            self._turn(usable=False, reason=f"{self.behind_s:.0f} s behind")
        elif self.behind_s <= CAUGHT_UP_SECONDS:
            self._turn(usable=True)

    @asynccontextmanager
    async def borrow(self, *, after: int, bare: bool) -> AsyncIterator[Connection | None]:
        """A connection that shows everything up to `after`; None when the writing server is to be read instead."""
        pool, connection = self._pool, await self._acquire()
        if connection is None or pool is None:
            yield None
            return
        try:
            if not bare and not (after and self._one_server_each):
                yield connection if await self._shows(connection, after) else None
                return
            transaction = connection.transaction(readonly=True)
            await transaction.start()
            yield connection if await self._shows(connection, after) else None
            with suppress(*DOWN):
                await transaction.rollback()
        finally:
            with suppress(*DOWN):
                await pool.release(connection)

    async def gone(self, error: BaseException) -> None:
        """A connection broke while it was read from; a query that replaying had to cancel says nothing of the server."""
        if not isinstance(error, asyncpg.SerializationError):
            await self._lose(repr(error))

    async def _acquire(self) -> Connection | None:
        pool = self._pool
        if not self.usable or pool is None:
            return None
        try:
            return await pool.acquire()
        except DOWN as error:
            if pool is self._pool:
                await self._lose(repr(error))
            return None

    async def _shows(self, connection: Connection, after: int) -> bool:
        if not after:
            return True
        note_statement(SQL_SHOWN)
        try:
            return int(await connection.fetchval(SQL_SHOWN, after, timeout=ANSWER_SECONDS) or 0) >= after
        except DOWN as error:
            await self._lose(repr(error))
            return False

    async def _shown(self) -> tuple[int, float]:
        if self._pool is None:
            self._pool = await self._open_pool()
        newest = self._samples[-1][1] if self._samples else 0
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(SQL_SHOWN, newest)
        return (0, 0.0) if row is None else (int(row["shown"] or 0), float(row["age"]))

    async def _lose(self, reason: str) -> None:
        self.behind_s = max(self.behind_s, self._clock() - self._answered_at)
        self._turn(usable=False, reason=reason)
        await self._drop()

    async def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            # What hangs on a server that does not answer must not hang on.
            pool.terminate()

    def _turn(self, *, usable: bool, reason: str = "") -> None:
        if usable == self.usable:
            return
        self.usable = usable
        self.turns += 1
        if usable:
            log.info("replica_is_read")
        else:
            log.warning("replica_is_left_alone", reason=reason)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.look()
            except Exception:
                log.exception("replica_watch_failed")
