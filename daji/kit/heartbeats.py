"""Which processes of the house are alive: each writes its row every few seconds, in the database's own time."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from daji.kit.db.pool import Database
    from daji.kit.db.session import Session

BEAT_SECONDS = 5.0
SILENT_SECONDS = 20
"""From when on a process that was heard counts as silent: three beats missed, and some."""

SQL_BEAT = """
WITH gone AS (
    DELETE FROM kit.heartbeat WHERE seen_at < clock_timestamp() - interval '1 day' AND process <> $1
)
INSERT INTO kit.heartbeat (process, kind) VALUES ($1, $2)
ON CONFLICT (process) DO UPDATE SET seen_at = clock_timestamp(), kind = excluded.kind
"""
SQL_LEAVE = "DELETE FROM kit.heartbeat WHERE process = $1"
SQL_LIST = """
SELECT process, kind, started_at, seen_at,
       extract(epoch FROM clock_timestamp() - seen_at)::bigint AS silent_s
  FROM kit.heartbeat ORDER BY kind, seen_at DESC, process
"""


class Heartbeat(msgspec.Struct, frozen=True, kw_only=True):
    """A process, and how many seconds ago it was last heard."""

    process: str
    kind: str
    started_at: datetime
    seen_at: datetime
    silent_s: int

    @property
    def alive(self) -> bool:
        return self.silent_s <= SILENT_SECONDS


def this_process() -> str:
    """A name that no other living process bears."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def beat(db: Database, kind: str) -> None:
    """Say that this process is alive."""
    async with db.transaction() as tx:
        await tx.execute(SQL_BEAT, this_process(), kind)


async def leave(db: Database) -> None:
    """Say good-bye, so that nobody looks for a process that ended in order."""
    async with db.transaction() as tx:
        await tx.execute(SQL_LEAVE, this_process())


async def heard(session: Session) -> tuple[Heartbeat, ...]:
    """Everybody heard within a day."""
    return tuple(Heartbeat(**dict(row)) for row in await session.rows(SQL_LIST))
