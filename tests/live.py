"""A living shop for tests that come from outside: the real processes of `daji up`, on ports of their own."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import httpx
import psutil

ROOT = Path(__file__).parents[1]
READY_SECONDS = 240


@dataclass(frozen=True)
class LiveShop:
    """Addresses of a running shop; `home` is its DAJI_HOME."""

    url: str
    sandbox_url: str
    database_url: str
    home: Path
    env: dict[str, str]
    pid: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_shop(
    database_url: str | None,
    home: Path,
    *arguments: str,
    python: str = sys.executable,
    folder: Path = ROOT,
) -> Iterator[LiveShop]:
    """`daji up` until it is ready; at the end it must leave cleanly within its time.

    Without `database_url` it brings its own embedded database, as on anybody's machine. `python` is what it is installed
    for, `folder` where it is started.
    """
    port, sandbox_port = free_port(), free_port()
    env = {
        **os.environ,
        **({"DAJI_DATABASE_URL": database_url} if database_url else {}),
        "DAJI_HOME": str(home),
        "DAJI_PORT": str(port),
        "DAJI_SANDBOX_PORT": str(sandbox_port),
    }
    log = (home / "up.log").open("w+")
    process = subprocess.Popen(
        [python, "-m", "daji", "up", *arguments],
        cwd=folder,
        env=env,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    shop = LiveShop(
        url=f"http://127.0.0.1:{port}",
        sandbox_url=f"http://127.0.0.1:{sandbox_port}",
        database_url=database_url or "",
        home=home,
        env=env,
        pid=process.pid,
    )
    try:
        _wait_ready(shop, process, home / "up.log")
        yield shop if database_url else replace(shop, database_url=_embedded_url(process.pid))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        log.close()
    assert code == 0, (home / "up.log").read_text()[-3000:]


def _embedded_url(pid: int) -> str:
    """What `daji up` told its children."""
    for child in psutil.Process(pid).children(recursive=True):
        found = child.environ().get("DAJI_DATABASE_URL")
        if found:
            return found
    raise AssertionError("no child process of the shop knows its database")


def _wait_ready(shop: LiveShop, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"`daji up` ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if httpx.get(f"{shop.url}/health/ready", timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"not ready after {READY_SECONDS} s:\n{log.read_text()[-3000:]}")


def create_database(server_url: str, name: str) -> None:
    """An empty database, from outside any event loop."""

    async def create() -> None:
        connection = await asyncpg.connect(server_url)
        await connection.execute(f'CREATE DATABASE "{name}"')
        await connection.close()

    asyncio.run(create())


def fresh_name(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(4)}"
