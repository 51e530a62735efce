"""A shop of one's own for a tool that looks at pages: `daji up` in a temporary home, stopped at the end."""

from __future__ import annotations

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
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 300


class ShopError(RuntimeError):
    """The shop did not open; the message holds what it said last."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A running `daji up`; `home` is its DAJI_HOME, `env` what it was started with."""

    port: int
    home: Path
    env: dict[str, str]
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def open_shop(url: str | None) -> Iterator[str]:
    """Address of a shop: the one given, or one with demo data that lives as long as this block.

    Raises
    ------
    ShopError
        When it ends or stays silent instead of getting ready.
    """
    if url is not None:
        yield url.rstrip("/")
        return
    with open_up() as shop:
        yield shop.url


@contextmanager
def open_up(*arguments: str, **settings: str) -> Iterator[Shop]:
    """`daji up` with these arguments and settings (DAJI_…) in a home of its own; stopped and removed at the end.

    Raises
    ------
    ShopError
        When it ends or stays silent instead of getting ready.
    """
    with tempfile.TemporaryDirectory(prefix="daji-tool-") as folder:
        home = Path(folder)
        # As root, the embedded database runs under a user of its own, who must get in.
        home.chmod(0o755)
        with open_at(home, *arguments, **settings) as shop:
            yield shop


@contextmanager
def open_at(home: Path, *arguments: str, **settings: str) -> Iterator[Shop]:
    """`daji up` in a home that is there, stopped at the end unless somebody killed it; raises as `open_up`."""
    port = _free_port()
    env = {
        **os.environ,
        "DAJI_HOME": str(home),
        "DAJI_PORT": str(port),
        "DAJI_SANDBOX_PORT": str(_free_port()),
        **settings,
    }
    log = home / "up.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "daji", "up", *arguments],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    shop = Shop(port=port, home=home, env=env, pid=process.pid)
    try:
        _wait(shop.url, process, log)
        yield shop
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def database_url(pid: int) -> str:
    """What the `daji up` with this process id told its children.

    Raises
    ------
    ShopError
        When none of them knows.
    """
    for child in psutil.Process(pid).children(recursive=True):
        found = child.environ().get("DAJI_DATABASE_URL")
        if found:
            return found
    raise ShopError("no child process of the shop knows its database")


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/ready", timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise ShopError(f"the shop did not open:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
