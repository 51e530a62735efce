"""A process that leaves: it says so first, lets what runs finish, and sends those who would stay to a neighbour.

Two ways to go. A worker whose place a younger one has taken *closes*: it answers all that reaches it and ends each
connection with its answer. A whole instance that goes *leaves*: it is also no longer ready, so that whoever balances
the load sends nobody any more. Both are a signal that the master process sends before it ends the worker.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

COME_BACK_MS = 250
"""How soon a page whose stream ended here asks again; it meets another process then."""

if hasattr(signal, "SIGUSR1"):
    LEAVE: signal.Signals | None = signal.SIGUSR1
    CLOSE: signal.Signals | None = signal.SIGUSR2
else:
    LEAVE = CLOSE = None


class Leaving:
    """Whether this process leaves, and whom to tell."""

    def __init__(self) -> None:
        self.closing = False
        self.unready = False
        self._told: list[Callable[[], None]] = []

    def on_begin(self, tell: Callable[[], None]) -> None:
        """Call `tell` once, in the event loop, when this process begins to leave."""
        self._told.append(tell)

    def begin(self, *, unready: bool) -> None:
        """Begin to leave; a second call may add that the instance is not ready."""
        first = not self.closing
        self.closing = True
        self.unready = self.unready or unready
        if first:
            log.info("leaving", unready=unready)
            for tell in self._told:
                tell()

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the master's two signals in `loop`, where the system has them."""
        if LEAVE is not None and CLOSE is not None:
            loop.add_signal_handler(LEAVE, lambda: self.begin(unready=True))
            loop.add_signal_handler(CLOSE, lambda: self.begin(unready=False))


THIS = Leaving()
"""This process's own."""
