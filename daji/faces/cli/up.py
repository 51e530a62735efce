"""`daji up`: everything on one machine with one command, a clean end on Ctrl-C, a new release on SIGHUP."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import msgspec
import typer

from daji.faces import listening
from daji.faces.cli import rounds
from daji.faces.cli.common import fail, says_yes
from daji.faces.cli.demoshop.accounts import ACCOUNTS, Account
from daji.faces.cli.migrate import database_url
from daji.faces.cli.parts import STOP_SECONDS, Part
from daji.faces.cli.screen import console
from daji.faces.http import leaving
from daji.installation import HouseSettings, read_settings
from daji.kit import heap, settings, telemetry
from daji.kit.db import embedded
from daji.kit.readiness import Ear
from daji.kit.settings import BadSetting

READY_SECONDS = 60
DATABASE_SECONDS = 0.5
"""How often the embedded database is looked after."""


class _Seeded(msgspec.Struct, frozen=True):
    """What `daji demo --json` says that matters here."""

    created: bool
    staff: bool = False


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
    telemetry.configure(service="daji-up", level="WARNING", counted=False)
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
                _migrate(url)
        except OSError as error:
            fail(f"the database does not answer: {error}", "run `daji doctor`")
        asyncio.run(_run(house, database.url or url, server, workers=workers, with_demo=with_demo))
    finally:
        if server is not None:
            with step("database stops"):
                server.stop()


def _migrate(url: str) -> None:
    """Bring the schema up to date, in a process that gives its memory back; it says itself what stops it."""
    done = subprocess.run(
        [sys.executable, "-m", "daji", "migrate"],
        env={**os.environ, "DAJI_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise typer.Exit(1)


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


ON_ONE_MACHINE = {
    # Of glibc: eight heaps for each core, one for each thread, would keep what threads gave back to themselves.
    "MALLOC_ARENA_MAX": "2",
    # One machine's cores are busy with fewer connections than a process may hold where the database is far away.
    "DAJI_DATABASE_POOL": "2",
    "DAJI_DATABASE_READ_POOL": "2",
    # The most asked pages of a small shop; each web process keeps its own.
    "DAJI_KEPT_MEGABYTES": "24",
}
"""What every process of `daji up` is given, unless the environment says otherwise."""


async def _run(
    house: HouseSettings,
    url: str,
    server: embedded.EmbeddedServer | None,
    *,
    workers: int,
    with_demo: bool,
) -> None:
    ear = Ear()
    env = {
        **ON_ONE_MACHINE,
        **os.environ,
        "DAJI_DATABASE_URL": url,
        "DAJI_HOME": str(house.home.resolve()),
    }
    ear.give(env)
    leaving, asked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, leaving.set)
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    logs = house.home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    sandbox = Part("payment sandbox", ["-m", "daji.adapters.payment.sandbox"], env, log=logs / "sandbox.log")
    parts = [sandbox]
    watchers: list[asyncio.Task[None]] = []
    if server is not None:
        watchers.append(asyncio.create_task(_watch_database(server, leaving)))
    try:
        await sandbox.start()
        accounts = ACCOUNTS if with_demo and await _demo(house, env) else ()
        parts += _web_and_worker(house, env, workers=workers)
        with step("web and worker"):
            for part in parts[1:]:
                await part.start()
            watchers += [asyncio.create_task(part.watch(leaving)) for part in parts]
            ready = await _wait_ready(house, leaving)
        if ready:
            _welcome(house, accounts)
            heap.give_back()
        elif not leaving.is_set():
            console.print(f"[red]the web process did not get ready in time; {parts[-1].log} tells why[/]")
            leaving.set()
        watchers.append(asyncio.create_task(_replace_when_asked(house, env, parts[1:], ear, asked)))
        await leaving.wait()
    finally:
        rounds.leave(house.home)
        with step("web, worker and sandbox stop"):
            await asyncio.gather(*(part.stop() for part in reversed(parts)))
        for watcher in watchers:
            watcher.cancel()
        ear.close()


async def _watch_database(server: embedded.EmbeddedServer, leaving: asyncio.Event) -> None:
    """Start the embedded server again when somebody killed it; every process waits for it meanwhile."""
    while not leaving.is_set():
        await asyncio.sleep(DATABASE_SECONDS)
        if leaving.is_set() or server.alive():
            continue
        console.print("[yellow]the database ended; starting it again[/]", highlight=False)
        try:
            await asyncio.to_thread(server.start_again)
        except (OSError, subprocess.SubprocessError) as error:
            console.print(f"[yellow]not yet: {error}[/]", highlight=False)


def _web_and_worker(house: HouseSettings, env: dict[str, str], *, workers: int) -> list[Part]:
    """The two parts that a new release replaces. The sockets are ours, so that no connection depends on a child."""
    pace = settings.read(listening.Pace, "DAJI_SERVE_", env)
    sockets = listening.bind(house.host, house.port, workers)
    web_env = dict(env)
    logs, handed = house.home / "logs", listening.hand_down(sockets, web_env)
    return [
        Part("worker", ["-m", "daji", "work"], env, log=logs / "worker.log", patience=60),
        Part(
            "web",
            ["-m", "daji", "serve", "--workers", str(workers)],
            web_env,
            log=logs / "web.log",
            handed=handed,
            patience=pace.drain + pace.leave + STOP_SECONDS,
            keep=sockets,
            farewell=leaving.CLOSE or signal.SIGTERM,
        ),
    ]


async def _replace_when_asked(
    house: HouseSettings, env: dict[str, str], parts: Sequence[Part], ear: Ear, asked: asyncio.Event
) -> None:
    """On SIGHUP: schema first, then a successor for each part; whatever is not ready leaves the old one in place."""
    number = 0
    rounds.write(house.home, rounds.Round(pid=os.getpid(), number=number, state="done"))
    while True:
        await asked.wait()
        asked.clear()
        number += 1
        rounds.write(house.home, rounds.Round(pid=os.getpid(), number=number, state="running"))
        failed = ""
        with step("replacing web and worker", newline=True):
            migrating = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "daji", "migrate"), env=env, start_new_session=True
            )
            if await migrating.wait() != 0:
                failed = "the schema could not be migrated"
            for part in parts:
                if not failed and not await part.replace(ear):
                    failed = f"the new {part.name} did not get ready, see {part.log}"
            if failed:
                console.print(f"[red]{failed}; what ran goes on[/]", highlight=False)
        state: rounds.State = "failed" if failed else "done"
        rounds.write(house.home, rounds.Round(pid=os.getpid(), number=number, state=state, message=failed))


async def _demo(house: HouseSettings, env: dict[str, str]) -> bool:
    """Fill an empty shop, in a process that gives its memory back; whether the demo accounts are this shop's."""
    kept, fresh = house.home / "demo.json", house.home / ".demo.json"
    with step("demo data", newline=True):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "daji", "demo", "--json", str(fresh), env=env, start_new_session=True
        )
        if await child.wait() != 0:
            return False
    if msgspec.json.decode(fresh.read_bytes(), type=_Seeded).created:
        fresh.replace(kept)
    return kept.exists() and msgspec.json.decode(kept.read_bytes(), type=_Seeded).staff


async def _wait_ready(house: HouseSettings, leaving: asyncio.Event) -> bool:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not leaving.is_set():
        if await asyncio.to_thread(says_yes, house.host, house.port, "/health/ready"):
            return True
        await asyncio.sleep(0.2)
    return False


def _welcome(house: HouseSettings, accounts: Sequence[Account]) -> None:
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
