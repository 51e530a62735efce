"""A NATS server of a test's own, that may be killed and started again; and a line in memory for what needs no server."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path

from daji.kit.carriage import Carried, End, LineAway, LineMoved

PATIENCE = 15.0
LOCAL = os.environ.get("DAJI_TEST_NATS", "nats://127.0.0.1:4222")


def find_server() -> str | None:
    return shutil.which("nats-server", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as wire:
            return wire.recv(5) == b"INFO "
    except OSError:
        return False


class Server:
    """One process with JetStream, and its files."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-js", "-sd", str(self._folder), "-a", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not answers(self.port):
            if time.monotonic() > until or self._process.poll() is not None:
                raise RuntimeError("nats-server does not start")
            time.sleep(0.02)

    def kill(self) -> None:
        """What the loss of a machine looks like from outside."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(PATIENCE)
            self._process = None

    def forget(self) -> None:
        """Lose all that was kept."""
        shutil.rmtree(self._folder, ignore_errors=True)


class MemoryLine:
    """A line without a server: keeps what it is given, and breaks when told."""

    def __init__(self, *, name: str = "memory", keep: timedelta = timedelta(days=7)) -> None:
        self.name = name
        self.keep = keep
        self.born = "first"
        self.away = False
        self.told: list[Carried] = []
        self._position = 0
        self._grown = asyncio.Event()

    def forget(self, born: str) -> None:
        """Begin another life, with nothing on it."""
        self.born, self.told, self._position = born, [], 0

    def expire(self) -> None:
        """Keep nothing of what was told; the position stays."""
        self.told = []

    def lose(self, count: int) -> None:
        """Forget the last few, as a server does whose disk had not written them."""
        del self.told[-count:]
        self._position -= count

    async def end(self) -> End:
        self._ask()
        return End(born=self.born, position=self._position, last=self.told[-1] if self.told else None)

    async def send(self, told: Sequence[Carried], *, position: int) -> int:
        self._ask()
        if position != self._position:
            raise LineMoved(f"stands at {self._position}")
        self.told += told
        self._position += len(told)
        self._grown.set()
        return self._position

    async def hear(self, after: int) -> AsyncGenerator[Carried, None]:
        while True:
            self._ask()
            for one in [one for one in self.told if one.seq > after]:
                yield one
                after = one.seq
            self._grown.clear()
            await self._grown.wait()

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _ask(self) -> None:
        if self.away:
            raise LineAway("not there")
