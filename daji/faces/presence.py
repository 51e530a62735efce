"""A web process says that it is alive, and takes over settings that were changed in another one."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from daji.boot import House
from daji.kit import heartbeats
from daji.kit.db import DOWN

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 2.0


class Presence:
    """Runs beside the requests of one process, from its first to its last."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take the settings before the first request does, then keep looking."""
        await self._house.refresh()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Leave in order, so that nobody looks for this process."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(*DOWN):
            await heartbeats.leave(self._house.db)

    async def _run(self) -> None:
        beats = round(heartbeats.BEAT_SECONDS / REFRESH_SECONDS)
        n = 0
        while True:
            try:
                if n % beats == 0:
                    await heartbeats.beat(self._house.db, "web")
                await self._house.refresh()
            except DOWN:
                log.warning("presence_without_database")
            n += 1
            await asyncio.sleep(REFRESH_SECONDS)
