"""A shop in production mode for a benchmark: real processes, its own home, and what they use of the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from shop import Shop, open_up  # noqa: E402 - a neighbour, not a package


@dataclass
class Usage:
    """CPU seconds by part, and resident memory in bytes (PSS where the system tells it)."""

    cpu: dict[str, float] = field(default_factory=dict)
    memory: int = 0

    def since(self, before: Usage) -> dict[str, float]:
        return {part: self.cpu[part] - before.cpu.get(part, 0.0) for part in self.cpu}


@dataclass(frozen=True, kw_only=True)
class House(Shop):
    """A running shop whose processes are watched; its `env` names its database."""

    host = "127.0.0.1"

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
    with open_up("--workers", str(workers), DAJI_LOG_LEVEL="WARNING") as shop:
        env = shop.env | {"DAJI_DATABASE_URL": _database_url(shop.pid)}
        yield House(port=shop.port, home=shop.home, env=env, pid=shop.pid)


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
