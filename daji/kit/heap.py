"""Gives memory that was freed back to the machine."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from contextlib import suppress
from functools import cache
from typing import Any

TIDY_SECONDS = 10.0
"""How often a process that lives long gives back. Once costs it a few milliseconds of a thread, and a busy one the asking
for what it gave too early."""

_THRESHOLDS = (5_000, 10, 10)
"""New objects before the collector looks for rings among them; a request makes some hundreds, and nearly all go by themselves."""


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


def settle() -> None:
    """Say that this process holds now what it will hold until its end.

    The collector looks at it once and never again: a web process would otherwise look through all its routes, words and
    goods every few hundred requests (measured under a load of orders: 1.3 s of 9.9 s of its processor time).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    give_back()


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
