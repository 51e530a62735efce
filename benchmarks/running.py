"""A shop in production mode for a benchmark: real processes, its own home, and what they use of the machine."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120
IN_TURN = 20
sys.path.insert(0, str(ROOT / "tools"))
from shop import Shop, database_url, open_up  # noqa: E402 - a neighbour, not a package

_STATEMENTS = re.compile(r"^daji_db_statements_total ([\d.e+]+)$", re.MULTILINE)


@dataclass
class Usage:
    """CPU seconds and resident bytes by part (PSS where the system tells it), statements of the web processes."""

    cpu: dict[str, float] = field(default_factory=dict)
    parts: dict[str, int] = field(default_factory=dict)
    statements: float = 0.0

    @property
    def memory(self) -> int:
        return sum(self.parts.values())

    def since(self, before: Usage) -> dict[str, float]:
        return {part: self.cpu[part] - before.cpu.get(part, 0.0) for part in self.cpu}


@dataclass(frozen=True, kw_only=True)
class House(Shop):
    """A running shop whose processes are watched; its `env` names its database. `pid` is the process above all."""

    host = "127.0.0.1"

    @property
    def log_beside(self) -> Path:
        """What the last face `beside` wrote."""
        return self.home / "beside.log"

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
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:  # noqa: S310 - our own address
            said = _STATEMENTS.search(answer.read().decode())
        found.statements = float(said[1]) if said else 0.0
        return found

    @staticmethod
    def _add(found: Usage, process: psutil.Process, part: str) -> None:
        try:
            line = " ".join(process.cmdline())
            names = {"daji serve": "web", "daji work": "worker", "sandbox": "sandbox"}
            name = next((short for mark, short in names.items() if mark in line), part)
            times = process.cpu_times()
            spent = times.user + times.system
            if part == "postgres" and line.startswith(("/", "postgres -")):
                # Its first process: connections that have gone meanwhile spent time, too.
                spent += times.children_user + times.children_system
            found.cpu[name] = found.cpu.get(name, 0.0) + spent
            memory = process.memory_full_info()
            found.parts[name] = found.parts.get(name, 0) + getattr(memory, "pss", memory.rss)
        except psutil.Error:
            return

    @contextmanager
    def beside(self, workers: int, *, patience: float = READY_SECONDS, **settings: str) -> Iterator[House]:
        """Another web face on the same database with other settings; stopped at the end.

        Given when its index stands, for which it has `patience` seconds.
        """
        port = free_port()
        env = {**self.env, "DAJI_PORT": str(port), **settings}
        with self.log_beside.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "daji", "serve", "--workers", str(workers)],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        other = House(port=port, home=self.home, env=env, pid=process.pid)
        try:
            _wait_for_index(other.url, patience)
            yield other
        finally:
            process.terminate()
            process.wait(60)


@contextmanager
def open_house(workers: int, **settings: str) -> Iterator[House]:
    """`daji up` with its demo shop and these settings, until it is ready; stopped and removed at the end."""
    with open_up("--workers", str(workers), **settings) as shop:
        env = shop.env | {"DAJI_DATABASE_URL": database_url(shop.pid)}
        yield House(port=shop.port, home=shop.home, env=env, pid=shop.pid)


def held(pid: int) -> House:
    """A shop that somebody holds open: its `daji up` has this process id."""
    env = psutil.Process(pid).environ()
    url = database_url(pid)
    return House(
        port=int(env["DAJI_PORT"]), home=Path(env["DAJI_HOME"]), env=env | {"DAJI_DATABASE_URL": url}, pid=pid
    )


def restart_database(house: House) -> None:
    """End the shop's embedded server; `daji up` starts it again, sized for what it has by now."""
    pid_file = house.home / "postgres" / "postmaster.pid"
    before = pid_file.read_text().partition("\n")[0]
    os.kill(int(before), signal.SIGINT)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.5)
        with suppress(OSError, urllib.error.URLError):
            if pid_file.read_text().partition("\n")[0] != before and get(f"{house.url}/health/ready"):
                return
    raise RuntimeError("the database does not come back")


def _wait_for_index(url: str, patience: float) -> None:
    """Until every process that answers counts its hits, which only a whole index can."""
    deadline = time.monotonic() + patience
    in_turn = 0
    while in_turn < IN_TURN:
        try:
            found = get(f"{url}/store/v1/products?limit=1")
        except OSError:
            found = {}
        in_turn = in_turn + 1 if isinstance(found, dict) and found.get("total") else 0
        if time.monotonic() > deadline:
            raise RuntimeError("the second web face does not get ready")
        if not in_turn:
            time.sleep(0.3)


def get(url: str) -> object:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
