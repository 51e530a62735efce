"""`daji up`: everything on one machine with one command, and a clean end on Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import typer

from daji.boot import HouseSettings, read_settings
from daji.faces.cli import demo
from daji.faces.cli.common import console, fail
from daji.faces.cli.migrate import database_url, migrate_database
from daji.kit import telemetry
from daji.kit.db import embedded
from daji.kit.settings import BadSetting

READY_SECONDS = 60
STOP_SECONDS = 15
RESTARTS = 5
_CALM_SECONDS = 30.0


class Part:
    """One child process: started, watched, started again when it dies, stopped at the end."""

    def __init__(self, name: str, arguments: list[str], env: dict[str, str], *, log: Path) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._env = env
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._arguments,
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def watch(self, leaving: asyncio.Event) -> None:
        """Start it again when it dies; give up, and end everything, when it keeps dying."""
        while not leaving.is_set() and self._process is not None:
            born = time.monotonic()
            code = await self._process.wait()
            if leaving.is_set():
                return
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

    async def stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        _signal_group(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


@contextmanager
def step(text: str, *, newline: bool = False) -> Iterator[None]:
    """Print what is being done, then how long it took; `newline` when the work prints something of its own."""
    began = time.monotonic()
    console.print(f"[cyan]→[/] {text} …", end="\n" if newline else "", highlight=False)
    yield
    console.print(
        f"  {time.monotonic() - began:.1f} s" if newline else f" {time.monotonic() - began:.1f} s",
        highlight=False,
    )


def up(
    workers: Annotated[int, typer.Option(min=1, help="Web processes.")] = 1,
    *,
    with_demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Fill an empty shop with demo data.")
    ] = True,
) -> None:
    """Start database, schema, demo data, web, worker and payment sandbox; Ctrl-C stops them all."""
    telemetry.configure(service="daji-up", level="WARNING")
    try:
        house, database = read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")
    _require_free(house.host, house.port, "DAJI_PORT")
    _require_free(house.host, house.sandbox_port, "DAJI_SANDBOX_PORT")
    server: embedded.EmbeddedServer | None = None
    try:
        try:
            with step("database"):
                url, server = database_url(house, database)
            with step("schema"):
                asyncio.run(migrate_database(url))
        except OSError as error:
            fail(f"the database does not answer: {error}", "run `daji doctor`")
        asyncio.run(_run(house, url, workers=workers, with_demo=with_demo))
    finally:
        if server is not None:
            with step("database stops"):
                server.stop()


def _require_free(host: str, port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(
                f"port {port} on {host} cannot be used: {error.strerror}",
                f"stop what uses it, or set {variable}",
            )


async def _run(house: HouseSettings, url: str, *, workers: int, with_demo: bool) -> None:
    env = {**os.environ, "DAJI_DATABASE_URL": url, "DAJI_HOME": str(house.home.resolve())}
    leaving = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, leaving.set)
    logs = house.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    parts = [
        Part("payment sandbox", ["-m", "daji.adapters.payment.sandbox"], env, log=logs / "sandbox.log"),
        Part("worker", ["-m", "daji", "work"], env, log=logs / "worker.log"),
        Part("web", ["-m", "daji", "serve", "--workers", str(workers)], env, log=logs / "web.log"),
    ]
    watchers: list[asyncio.Task[None]] = []
    try:
        await parts[0].start()
        accounts = demo.ACCOUNTS if with_demo and await _demo(house, env) else ()
        with step("web and worker"):
            for part in parts[1:]:
                await part.start()
            watchers = [asyncio.create_task(part.watch(leaving)) for part in parts]
            ready = await _wait_ready(house, leaving)
        if ready:
            _welcome(house, accounts)
        elif not leaving.is_set():
            console.print(f"[red]the web process did not get ready in time; {parts[-1].log} tells why[/]")
            leaving.set()
        await leaving.wait()
    finally:
        with step("web, worker and sandbox stop"):
            await asyncio.gather(*(part.stop() for part in reversed(parts)))
        for watcher in watchers:
            watcher.cancel()


async def _demo(house: HouseSettings, env: dict[str, str]) -> bool:
    """Fill an empty shop, in a process that gives its memory back; whether the demo accounts are this shop's."""
    kept, fresh = house.home / "demo.json", house.home / ".demo.json"
    with step("demo data", newline=True):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daji", "demo", "--json", str(fresh), env=env, start_new_session=True
        )
        if await child.wait() != 0:
            return False
    if msgspec.json.decode(fresh.read_bytes(), type=demo.SeedReport).created:
        fresh.replace(kept)
    return kept.exists() and msgspec.json.decode(kept.read_bytes(), type=demo.SeedReport).staff


async def _wait_ready(house: HouseSettings, leaving: asyncio.Event) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(timeout=2) as http:
        while time.monotonic() < deadline and not leaving.is_set():
            try:
                if (await http.get(f"http://{house.host}:{house.port}/health/ready")).is_success:
                    return True
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.2)
    return False


def _welcome(house: HouseSettings, accounts: Sequence[demo.Account]) -> None:
    console.print(
        f"""
[bold green]Daji is open.[/]  大集开市。
  shop            {house.base_url}/
  console         {house.base_url}/console/
  API             {house.base_url}/openapi.json
  payment sandbox {house.sandbox_url}/   (password 888888)
  logs            {house.home / "logs"}
""",
        highlight=False,
    )
    for account in accounts:
        console.print(f"  {account.role:<15} {account.login}  /  {account.password}", highlight=False)
    console.print("\nCtrl-C stops everything.", highlight=False)
