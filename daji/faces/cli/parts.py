"""A child process of `daji up`: started, watched, started again when it dies, replaced without a gap, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from daji.faces.cli.screen import console
from daji.kit.readiness import Ear

STOP_SECONDS = 15
READY_SECONDS = 120
RESTARTS = 5
_CALM_SECONDS = 30.0


class Part:
    """One child process.

    `handed` are descriptors that it inherits. An old one is asked to go by `farewell`, and has `patience` seconds.
    """

    def __init__(
        self,
        name: str,
        arguments: list[str],
        env: dict[str, str],
        *,
        log: Path,
        handed: Sequence[int] = (),
        patience: float = STOP_SECONDS,
        keep: object = None,
        farewell: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._env = env
        self._handed = tuple(handed)
        self._patience = patience
        self._farewell = farewell
        # What `handed` numbers belong to, open as long as this part may be started.
        self._keep = keep
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        self._process = await self._spawn()

    async def watch(self, leaving: asyncio.Event) -> None:
        """Start it again when it dies; give up, and end everything, when it keeps dying."""
        while not leaving.is_set() and self._process is not None:
            born, watched = time.monotonic(), self._process
            code = await watched.wait()
            if leaving.is_set():
                return
            if watched is not self._process:
                continue
            # A master that was killed leaves workers behind; its successor brings its own.
            signal_group(watched.pid, signal.SIGTERM)
            self.restarts = 0 if time.monotonic() - born > _CALM_SECONDS else self.restarts + 1
            console.print(
                f"[yellow]{self.name} ended with {code}; starting it again (see {self.log})[/]",
                highlight=False,
            )
            if self.restarts > RESTARTS:
                console.print(f"[red]{self.name} keeps dying: stopping. `daji doctor` may tell why.[/]")
                leaving.set()
                return
            await asyncio.sleep(min(self.restarts, 5))
            await self.start()

    async def replace(self, ear: Ear) -> bool:
        """Start a successor, let the old one go once that is ready; False, and the old one stays, if it is not."""
        old, young = self._process, await self._spawn()
        deadline = time.monotonic() + READY_SECONDS
        while not ear.heard(young.pid):
            if young.returncode is not None or time.monotonic() > deadline:
                signal_group(young.pid, signal.SIGKILL)
                await young.wait()
                return False
            await asyncio.sleep(0.1)
        self._process = young
        if old is not None:
            await self._end(old, self._farewell)
        return True

    async def stop(self) -> None:
        """End it at once: nobody is left to answer in its place."""
        if self._process is not None:
            await self._end(self._process, signal.SIGINT)

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self._handed,
            )

    async def _end(self, process: asyncio.subprocess.Process, how: signal.Signals) -> None:
        if process.returncode is None:
            try:
                # To the first of its group alone: a web server's master tells its workers in its own order.
                process.send_signal(how)
                await asyncio.wait_for(process.wait(), self._patience)
            except ProcessLookupError:
                return
            except TimeoutError:
                pass
        signal_group(process.pid, signal.SIGKILL)
        await process.wait()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a child and all of its children."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
