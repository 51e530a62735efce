"""A database that is away, or still recovering, is waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from daji.kit.db.pool import Database

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 0.5


async def wait_for(opening: Callable[[], Awaitable[Database]], *, patience: float) -> Database:
    """Open, again and again for `patience` seconds at most while nobody answers or the server says "not yet".

    Raises
    ------
    OSError, asyncpg.CannotConnectNowError
        When the time is over. Whatever else is wrong with the address is told at once.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return await opening()
        except (OSError, asyncpg.CannotConnectNowError):
            if time.monotonic() >= until:
                raise
            log.warning("waiting_for_database")
            await asyncio.sleep(ASK_AGAIN_SECONDS)
