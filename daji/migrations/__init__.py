"""Schema migrations: Alembic over the metadata that the rooms' `tables.py` declare.

`upgrade` is safe to call from many processes at once (an advisory lock) and gives up on a busy table rather than
queue up behind it and stop the shop (`lock_timeout`).

Alembic and SQLAlchemy are for whoever migrates: 25 MB that a process which only asks for a revision need not hold.
"""

from __future__ import annotations

import asyncio
import importlib
import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import structlog

import daji

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LOCK_TIMEOUT = "2s"
"""How long a statement may wait for its lock: everybody who comes after it waits behind it for as long."""
ATTEMPTS = 40
PAUSE_SECONDS = 3.0
"""Between attempts, about; whoever held the table works on meanwhile."""
TURN_SECONDS = 0.2
"""Between looks at whether another process has done migrating."""
_LOCK_NOT_AVAILABLE = "55P03"
_ADVISORY_LOCK = 4_207_701  # any number that nothing else in this database locks on

_HERE = Path(__file__).parent
log = structlog.get_logger(__name__)


def load_tables() -> tuple[str, ...]:
    """Import every `tables` module of the house so that the metadata is whole; the modules' names."""
    root = Path(daji.__path__[0])
    found = sorted(
        ".".join(("daji", *path.relative_to(root).with_suffix("").parts)) for path in root.rglob("tables.py")
    )
    for name in found:
        importlib.import_module(name)
    return tuple(found)


def engine_for(url: str) -> AsyncEngine:
    """An SQLAlchemy engine on asyncpg for migrations only; the house's own queries never go through it.

    asyncpg reads the address by itself, so that one which names several servers is understood too.
    """
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - see above

    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))


@cache
def head() -> str:
    """Revision that this code expects: the highest that a migration's file begins with."""
    return max(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py"))


def serves(found: str, *, expected: str) -> bool:
    """Whether code made for revision `expected` runs on a database at revision `found`: its own, or a newer one that it does not know yet.

    A newer release migrates before the processes of the older one are gone; what it may change until they are is
    in docs/how-to/migrate.md. Revisions are numbers of four digits, so they compare as they stand.
    """
    return found == expected or (found.isdigit() and expected.isdigit() and int(found) > int(expected))


async def current(url: str) -> str:
    """Revision of the database; empty when it was never migrated."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see above

    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision() or ""
            )
    finally:
        await engine.dispose()


async def upgrade(url: str) -> None:
    """Bring the database to `head`; does nothing when it is there.

    A migration that does not get its lock in time is undone and tried again, so that a long report holds up the
    migration and not the shop. Those before it stand.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        When the lock was not to be had in all attempts, or the migration itself fails.
    """
    from sqlalchemy import text  # noqa: PLC0415 - see above

    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            await _take_turn(connection)
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.commit()
            try:
                await _run_patiently(connection)
            finally:
                await connection.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})"))
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Take the advisory lock, asking again and again: an index that is built concurrently waits for every statement that
    runs, so that one which waits for the builder would never end.
    """
    from sqlalchemy import text  # noqa: PLC0415 - see above

    taken = text(f"SELECT pg_try_advisory_lock({_ADVISORY_LOCK})")
    while not await connection.scalar(taken):
        await connection.rollback()
        await asyncio.sleep(TURN_SECONDS)


async def _run_patiently(connection: AsyncConnection) -> None:
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - see above

    for attempt in range(1, ATTEMPTS + 1):
        try:
            await connection.run_sync(_run)
            await connection.commit()
        except DBAPIError as error:
            await connection.rollback()
            if not _no_lock(error) or attempt == ATTEMPTS:
                raise
            log.warning("migration_waits", attempt=attempt, statement=(error.statement or "")[:200])
            await asyncio.sleep(PAUSE_SECONDS * (0.5 + random.random()))  # noqa: S311 - jitter
        else:
            return


def _no_lock(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE


def _run(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see above

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config


def upgrade_now(url: str) -> None:
    """`upgrade` for callers outside an event loop."""
    asyncio.run(upgrade(url))
