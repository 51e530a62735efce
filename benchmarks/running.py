"""A shop in production mode for a benchmark: real processes, its own home, and what they use of the machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300


@dataclass
class Usage:
    """CPU seconds by part, and resident memory in bytes (PSS where the system tells it)."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: int = 0

    def since(self, before: Usage) -> dict[str, float]:
        return {part: self.cpu[part] - before.cpu.get(part, 0.0) for part in self.cpu}


@dataclass
class House:
    """A running shop; `home` is its DAJI_HOME."""

    host: str
    port: int
    home: Path
    env: dict[str, str]
    pid: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def daji(self, *arguments: str) -> None:
        """Run a command of the shop's, beside it."""
        subprocess.run([sys.executable, "-m", "daji", *arguments], env=self.env, cwd=ROOT, check=True)

    def usage(self) -> Usage:
        found = Usage()
        for process in (psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)):
            self._add(found, process, "up")
        for process in psutil.process_iter(["name", "cmdline"]):
            line = " ".join(process.info["cmdline"] or ())
            if process.info["name"] == "postgres" and str(self.home) in line:
                for one in (process, *process.children(recursive=True)):
                    self._add(found, one, "postgres")
        return found

    @staticmethod
    def _add(found: Usage, process: psutil.Process, part: str) -> None:
        try:
            line = " ".join(process.cmdline())
            names = {"daji serve": "web", "daji work": "worker", "sandbox": "sandbox"}
            name = next((short for mark, short in names.items() if mark in line), part)
            times = process.cpu_times()
            found.cpu[name] = found.cpu.get(name, 0.0) + times.user + times.system
            memory = process.memory_full_info()
            found.memory += getattr(memory, "pss", memory.rss)
        except psutil.Error:
            return


@contextmanager
def open_house(workers: int) -> Iterator[House]:
    """`daji up` with its demo shop, until it is ready; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="daji-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        port, sandbox = _free_port(), _free_port()
        env = {
            **os.environ,
            "DAJI_HOME": folder,
            "DAJI_PORT": str(port),
            "DAJI_SANDBOX_PORT": str(sandbox),
            "DAJI_LOG_LEVEL": "WARNING",
        }
        log = home / "up.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "daji", "up", "--workers", str(workers)],
                cwd=ROOT,
                env=env,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        house = House(host="127.0.0.1", port=port, home=home, env=env, pid=process.pid)
        try:
            _wait(house.url, process, log)
            env["DAJI_DATABASE_URL"] = _database_url(house.pid)
            yield house
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def get(url: str) -> object:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def _database_url(pid: int) -> str:
    """What `daji up` told its children."""
    for child in psutil.Process(pid).children(recursive=True):
        found = child.environ().get("DAJI_DATABASE_URL")
        if found:
            return found
    raise RuntimeError("no child process of the shop knows its database")


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise RuntimeError(f"the shop did not open:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
