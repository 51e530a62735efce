"""Sessions: a read-only one for queries and views, and the transaction that alone may write.

Both count their statements, because "how many round trips does this page cost" is asserted by tests.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context, ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from daji.kit.db.locks import LockOrder, LockOrderBroken
from daji.kit.events import Event
from daji.kit.timers import TimerChange

_tally: ContextVar[Tally | None] = ContextVar("daji_statement_tally", default=None)
_open_transactions: ContextVar[int] = ContextVar("daji_open_transactions", default=0)

_counters: list[Callable[[], None]] = []

Row = asyncpg.Record


class Tally:
    """Statements sent in a context, with their texts, for budgets in tests and for metrics."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    @property
    def count(self) -> int:
        return len(self.statements)


@contextmanager
def counting() -> Iterator[Tally]:
    """Count every statement that this context sends, BEGIN and COMMIT included."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def on_statement(count: Callable[[], None]) -> None:
    """Have `count` called for each statement of this process; it must be quick and never fail."""
    _counters.append(count)


def note_statement(sql: str) -> None:
    for count in _counters:
        count()
    tally = _tally.get()
    if tally is not None:
        tally.statements.append(sql)


class WireInsideTransaction(Exception):
    """An outside call was about to be made while a transaction is open: a defect (house rule 7)."""


def forbid_transaction(what: str) -> None:
    """Refuse `what`, a call to the outside, when this task holds an open transaction.

    Raises
    ------
    WireInsideTransaction
        When one is open.
    """
    if _open_transactions.get():
        raise WireInsideTransaction(what)


class Session:
    """What reading needs; a room's queries take this, so that both kinds of session serve."""

    def __init__(self, connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]) -> None:
        self._connection = connection

    async def rows(self, sql: str, *args: object) -> list[Row]:
        note_statement(sql)
        return await self._connection.fetch(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        note_statement(sql)
        return await self._connection.fetchrow(sql, *args)

    async def value(self, sql: str, *args: object) -> Any:
        note_statement(sql)
        return await self._connection.fetchval(sql, *args)


class ReadSession(Session):
    """Read-only by the server's own setting; served by a replica when one is configured."""


class RunMark(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is when its transaction commits: `value` (JSON) is the phase's, or, when `final`, the run's."""

    run_id: UUID
    flow: str
    phase: str
    value: str
    final: bool
    lease_seconds: int


class Tx(Session):
    """One open transaction, handed to every room that a phase touches.

    Events, timers and the marks of runs are gathered and written together just before the commit, so that they are
    true exactly when the change is.
    """

    def __init__(
        self,
        connection: asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any],
        lock_order: LockOrder,
    ) -> None:
        super().__init__(connection)
        self._lock_order = lock_order
        self._held_rank = -1
        self._held_name = ""
        self.events: list[tuple[UUID, Event, datetime]] = []
        self.timer_changes: list[TimerChange] = []
        self.told: list[tuple[UUID, UUID, Event, datetime]] = []
        self.run_marks: list[RunMark] = []
        self.contexts: dict[UUID, Context] = {}
        """Whose request an event belongs to, by its subject, where several share this transaction."""

    async def execute(self, sql: str, *args: object) -> int:
        """Run a write; the number of rows it touched."""
        note_statement(sql)
        status = await self._connection.execute(sql, *args)
        tail = status.rsplit(" ", 1)[-1]
        return int(tail) if tail.isdigit() else 0

    async def copy_rows(
        self, schema: str, table: str, columns: Sequence[str], records: Sequence[Sequence[object]]
    ) -> None:
        """Bulk-load `records` by COPY; for imports, where one statement per row would be the cost."""
        note_statement(f"COPY {schema}.{table}")
        await self._connection.copy_records_to_table(
            table, schema_name=schema, columns=list(columns), records=records
        )

    def locking(self, name: str) -> None:
        """Say that the next statement takes lock `name`; refuses to go back in the written order.

        Raises
        ------
        LockOrderBroken
            When a lock that comes later in the order is already held.
        """
        rank = self._lock_order.rank(name)
        if rank < self._held_rank:
            raise LockOrderBroken(f"{name!r} must be locked before {self._held_name!r}")
        if rank > self._held_rank:
            self._held_rank, self._held_name = rank, name

    def emit(self, event: Event, *, subject: UUID, at: datetime) -> None:
        """Add a fact to the outbox; it commits with the change or not at all."""
        self.events.append((subject, event, at))

    def set_timer(self, kind: str, subject: UUID, due_at: datetime) -> None:
        """Ask to be woken; one timer per kind and subject, the last word holds."""
        self.timer_changes.append(TimerChange(kind=kind, subject=subject, due_at=due_at))

    def clear_timer(self, kind: str, subject: UUID) -> None:
        self.timer_changes.append(TimerChange(kind=kind, subject=subject, due_at=None))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the transaction that may fail alone: what it wrote is undone, the rest stands."""
        note_statement("SAVEPOINT")
        events, changes = len(self.events), len(self.timer_changes)
        rank, name = self._held_rank, self._held_name
        try:
            async with self._connection.transaction():
                yield
        except BaseException:
            del self.events[events:]
            del self.timer_changes[changes:]
            # PostgreSQL gives back the locks that were taken since the savepoint.
            self._held_rank, self._held_name = rank, name
            raise

    def note(self, statement: str) -> None:
        """Count a statement that a library sends on this transaction's connection."""
        note_statement(statement)

    @property
    def connection(self) -> asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]:
        """The raw connection, for kit's own flush only; rooms use the methods above."""
        return self._connection


@contextmanager
def marking_open() -> Iterator[None]:
    token = _open_transactions.set(_open_transactions.get() + 1)
    try:
        yield
    finally:
        _open_transactions.reset(token)
