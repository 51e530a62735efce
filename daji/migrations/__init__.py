"""Schema migrations: Alembic over the metadata that the rooms' `tables.py` declare.

`upgrade` is safe to call from many processes at once (an advisory lock) and gives up on a busy table rather than
queue up behind it and stop the shop (`lock_timeout`).
"""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import daji

LOCK_TIMEOUT = "5s"
_ADVISORY_LOCK = 4_207_701  # any number that nothing else in this database locks on

_HERE = Path(__file__).parent


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
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url))


def head() -> str:
    """Revision that this code expects."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    return found or ""


def serves(found: str, *, expected: str) -> bool:
    """Whether code made for revision `expected` runs on a database at revision `found`: its own, or a newer one that it does not know yet.

    A newer release migrates before the processes of the older one are gone; what it may change until they are is
    in docs/how-to/migrate.md. Revisions are numbers of four digits, so they compare as they stand.
    """
    return found == expected or (found.isdigit() and expected.isdigit() and int(found) > int(expected))


async def current(url: str) -> str:
    """Revision of the database; empty when it was never migrated."""
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision() or ""
            )
    finally:
        await engine.dispose()


async def upgrade(url: str) -> None:
    """Bring the database to `head`; does nothing when it is there."""
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.commit()
            try:
                await connection.run_sync(_run)
                await connection.commit()
            finally:
                await connection.execute(text(f"SELECT pg_advisory_unlock({_ADVISORY_LOCK})"))
    finally:
        await engine.dispose()


def _run(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    return config


def upgrade_now(url: str) -> None:
    """`upgrade` for callers outside an event loop."""
    asyncio.run(upgrade(url))
