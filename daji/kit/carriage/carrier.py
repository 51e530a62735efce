"""The sender's side: one worker of all sends the outbox over the line, place by place.

Places are given before the transactions that take them commit, so a later one can be seen while an earlier one is
still being written. Whoever writes into the outbox holds a lock on the table from before the place is given until
the transaction is over: a place that is empty stays empty once all who held that lock when it was passed are gone.
Nothing is sent beyond an empty place that may still be filled, which makes the line's order the outbox's.

The line itself says where it stands, so that neither a crash between sending and noting, nor two senders at once,
nor a line that came back without its last events, adds an event twice or leaves one out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import structlog

from daji.kit.carriage.ports import Carried, End, Line, LineAway, LineMoved

if TYPE_CHECKING:
    from daji.kit.db.pool import Database
    from daji.kit.db.session import Row

log = structlog.get_logger(__name__)

LEASE_SECONDS = 10
MOST = 500

SQL_CLAIM = """
INSERT INTO kit.carriage AS c (line, seq, holder, leased_until)
VALUES ($1, 0, $2, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (line) DO UPDATE
   SET holder = excluded.holder, leased_until = excluded.leased_until, seen_at = clock_timestamp()
 WHERE c.holder = excluded.holder OR c.leased_until < clock_timestamp()
RETURNING seq, born
"""
SQL_RELEASE = """
UPDATE kit.carriage SET leased_until = clock_timestamp() WHERE line = $1 AND holder = $2 RETURNING line
"""
SQL_MOVE = """
UPDATE kit.carriage SET seq = $3, born = $4 WHERE line = $1 AND holder = $2 RETURNING line
"""
SQL_NEXT = """
SELECT seq, id, topic, version, subject, payload::text AS payload, occurred_at, trace,
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS lsn
  FROM kit.outbox WHERE seq > $1 ORDER BY seq LIMIT $2
"""
SQL_WRITERS = """
SELECT virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND relation = 'kit.outbox'::regclass AND mode = 'RowExclusiveLock' AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
SQL_ID_AT = "SELECT id FROM kit.outbox WHERE seq = $1"
SQL_LAST_BEFORE = "SELECT seq FROM kit.outbox WHERE id < $1 ORDER BY id DESC LIMIT 1"


class OtherHistory(LineAway):
    """The line tells of events that this database does not know: it belongs to another one, or to a time after the backup
    that was restored. Nothing is sent until the line is deleted; then it is filled anew.
    """


class _Here(msgspec.Struct, kw_only=True):
    """Where this sender stands while it holds the lease."""

    born: str
    position: int
    seq: int
    settled: int = 0
    seen: int = 0
    suspects: frozenset[str] | None = None


class Carrier:
    """Sends in steps; any number of workers may have one, and the one that holds the lease sends."""

    def __init__(self, db: Database, line: Line, *, holder: str) -> None:
        self._db = db
        self._line = line
        self._holder = holder
        self._here: _Here | None = None

    async def step(self, *, most: int = MOST) -> int | None:
        """Send what is next; how many events, or None when another worker has the lease.

        Raises
        ------
        LineAway
            The line does not answer; another worker may try now.
        """
        async with self._db.fresh() as session:
            held = await session.row(SQL_CLAIM, self._line.name, self._holder, LEASE_SECONDS)
        if held is None:
            self._here = None
            return None
        try:
            if self._here is None:
                self._here = await self._find(held["seq"], held["born"])
            return await self._send(self._here, most)
        except LineMoved:
            # Another sender thinks the lease is its own, or an answer was lost: the line knows where it stands.
            self._here = None
            return 0
        except LineAway:
            self._here = None
            await self.leave()
            raise

    async def leave(self) -> None:
        """Let another worker go on at once."""
        async with self._db.fresh() as session:
            await session.row(SQL_RELEASE, self._line.name, self._holder)

    async def _find(self, noted: int, noted_born: str | None) -> _Here:
        """Where to go on: behind the last event of the line; with a new line at the oldest event worth keeping."""
        end = await self._line.end()
        if end.last is not None:
            await self._check(end.last)
            seq = end.last.seq
        elif end.born == noted_born:
            seq = noted
        else:
            seq = await self._oldest()
            if noted:
                log.warning("line_is_new", line=self._line.name, noted=noted, begins_after=seq)
        if seq != noted or end.born != noted_born:
            await self._note(seq, end.born)
        return _here(end, seq)

    async def _check(self, last: Carried) -> None:
        async with self._db.fresh() as session:
            known = await session.value(SQL_ID_AT, last.seq)
        if known != last.event_id:
            raise OtherHistory(
                f"place {last.seq} is {last.event_id} on the line and {known or 'nothing'} in the outbox:"
                f" delete the stream {self._line.name!r}, and it is filled anew"
            )

    async def _oldest(self) -> int:
        since = datetime.now(UTC) - self._line.keep
        async with self._db.fresh() as session:
            last = await session.value(SQL_LAST_BEFORE, UUID(int=int(since.timestamp() * 1000) << 80))
        return int(last or 0)

    async def _send(self, here: _Here, most: int) -> int:
        rows = await self._next(here, most)
        if not rows:
            return 0
        told = _carried(rows, here.seq)
        here.position = await self._line.send(told, position=here.position)
        here.seq = told[-1].seq
        await self._note(here.seq, here.born)
        return len(told)

    async def _next(self, here: _Here, most: int) -> Sequence[Row]:
        """The rows behind `here` up to the first empty place that may still be filled."""
        async with self._db.fresh() as session:
            if here.suspects is not None:
                # Asked before the rows: a transaction is seen before its locks are gone.
                here.suspects &= {row["virtualtransaction"] for row in await session.rows(SQL_WRITERS)}
                if not here.suspects:
                    here.settled, here.suspects = here.seen, None
            rows = await session.rows(SQL_NEXT, here.seq, most)
            sure = _sure([row["seq"] for row in rows], after=here.seq, settled=here.settled)
            if sure < len(rows) and here.suspects is None:
                here.seen = rows[-1]["seq"]
                writers = await session.rows(SQL_WRITERS)
                here.suspects = frozenset(row["virtualtransaction"] for row in writers)
        return rows[:sure]

    async def _note(self, seq: int, born: str) -> None:
        async with self._db.fresh() as session:
            await session.row(SQL_MOVE, self._line.name, self._holder, seq, born)


def _here(end: End, seq: int) -> _Here:
    return _Here(born=end.born, position=end.position, seq=seq)


def _sure(places: Sequence[int], *, after: int, settled: int) -> int:
    """How many of these places have nothing before them that may still appear."""
    expected = after + 1
    for count, place in enumerate(places):
        if place != expected and place - 1 > settled:
            return count
        expected = place + 1
    return len(places)


def _carried(rows: Sequence[Mapping[str, object] | Row], after: int) -> tuple[Carried, ...]:
    found = []
    for row in rows:
        given = dict(row)
        payload = str(given["payload"]).encode()
        given |= {"after": after, "event_id": given.pop("id"), "payload": msgspec.Raw(payload)}
        one = Carried(**given)
        found.append(one)
        after = one.seq
    return tuple(found)
