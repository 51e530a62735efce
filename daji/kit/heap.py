"""Gives memory that was freed back to the machine."""

from __future__ import annotations

import asyncio
import ctypes
from contextlib import suppress
from functools import cache
from typing import Any

TIDY_SECONDS = 10.0
"""How often a process that lives long gives back. Once costs it a few milliseconds of a thread, and a busy one the asking
for what it gave too early."""


@cache
def _libc() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        # Of glibc alone; others give back by themselves.
        return None


def give_back() -> None:
    """Give back what lies free between what is used, for instance after work that needed much for a moment."""
    trim = _libc()
    if trim is not None:
        trim(ctypes.c_size_t(0))


async def tidy() -> None:
    """One round of a process that lives long; beside the event loop, which goes on."""
    await asyncio.to_thread(give_back)


class Tidier:
    """Gives back in rounds, beside an application: `start` and `stop` are what a server's lifespan calls."""

    def __init__(self, every: float = TIDY_SECONDS) -> None:
        self._every = every
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await tidy()
