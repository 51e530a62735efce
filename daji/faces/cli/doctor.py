"""`daji doctor`: name each check, and each fix."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from pathlib import Path

import asyncpg
import msgspec
import typer

from daji.boot import HouseSettings, make_line, read_carriage, read_settings
from daji.faces.cli.common import JsonFile, says_yes, write_json
from daji.faces.cli.migrate import database_url
from daji.faces.cli.screen import console
from daji.kit.carriage import CarriageSettings, LineAway
from daji.kit.db import DOWN, DatabaseSettings
from daji.kit.settings import BadSetting
from daji.migrations import current, head

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 15
FREE_BYTES = 1 << 30


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at; `fix` says what to do when it is not `ok`."""

    name: str
    ok: bool
    found: str
    fix: str = ""


async def examine(
    house: HouseSettings, database: DatabaseSettings, carriage: CarriageSettings
) -> list[Check]:
    """Every check, in the order in which a start needs them."""
    checks = [
        _python(),
        _home(house.home),
        _disk(house.home),
        await _port(house.host, house.port, "DAJI_PORT"),
    ]
    checks.append(await _port(house.host, house.sandbox_port, "DAJI_SANDBOX_PORT"))
    try:
        url, server = database_url(house, database)
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever is wrong
        fix = f"look at {house.home / 'postgres' / 'log'}; an empty DAJI_HOME starts afresh"
        checks.append(Check(name="embedded PostgreSQL starts", ok=False, found=repr(error), fix=fix))
        return checks
    try:
        checks += await _database(url, embedded=not database.url)
    finally:
        if server is not None:
            server.stop()
    if database.replica_url:
        checks.append(await _replica(database.replica_url))
    checks.append(await _stream(carriage))
    return checks


def _python() -> Check:
    version = sys.version_info[:3]
    return Check(
        name="Python is 3.11 or newer",
        ok=version >= OLDEST_PYTHON,
        found=".".join(map(str, version)),
        fix="install Python 3.11 or newer and run `make setup` again",
    )


def _home(home: Path) -> Check:
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".doctor"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return Check(
            name="DAJI_HOME can be written",
            ok=False,
            found=str(error),
            fix="set DAJI_HOME to a folder you may write",
        )
    return Check(name="DAJI_HOME can be written", ok=True, found=str(home))


def _disk(home: Path) -> Check:
    folder = next((part for part in (home, *home.resolve().parents) if part.exists()), Path("/"))
    free = shutil.disk_usage(folder).free
    return Check(
        name="1 GiB of disk is free",
        ok=free >= FREE_BYTES,
        found=f"{free / FREE_BYTES:.1f} GiB",
        fix="free some space, or set DAJI_HOME to a folder on a larger disk",
    )


async def _port(host: str, port: int, variable: str) -> Check:
    name = f"port {port} is free, or ours"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return await _taken(name, host, port, variable, error)
    return Check(name=name, ok=True, found="free")


async def _taken(name: str, host: str, port: int, variable: str, error: OSError) -> Check:
    if await asyncio.to_thread(says_yes, host, port, "/health/live"):
        return Check(name=name, ok=True, found="a running Daji")
    return Check(
        name=name, ok=False, found=str(error), fix=f"stop what uses it, or set {variable} to another port"
    )


async def _database(url: str, *, embedded: bool) -> list[Check]:
    kind = "embedded PostgreSQL" if embedded else "DAJI_DATABASE_URL"
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, asyncpg.PostgresError, ValueError, TimeoutError) as error:
        fix = "start that server, correct DAJI_DATABASE_URL, or unset it to use the embedded one"
        return [Check(name=f"{kind} answers", ok=False, found=str(error) or repr(error), fix=fix)]
    try:
        version = connection.get_server_version()
    finally:
        await connection.close()
    revision = await current(url)
    return [
        Check(name=f"{kind} answers", ok=True, found=url if embedded else "reachable"),
        Check(
            name="PostgreSQL is 15 or newer",
            ok=version.major >= OLDEST_POSTGRES,
            found=f"{version.major}.{version.minor}",
            fix="upgrade the server, or unset DAJI_DATABASE_URL to use the embedded one",
        ),
        Check(
            name="the schema is this code's",
            ok=revision == head(),
            found=revision or "empty",
            fix="run `daji migrate`",
        ),
    ]


async def _replica(url: str) -> Check:
    name = "the replica (DAJI_DATABASE_REPLICA_URL) answers"
    try:
        connection = await asyncpg.connect(url, timeout=5)
        await connection.close()
    except (*DOWN, ValueError) as error:
        fix = "start that server; until then everything is read from the primary, and orders go on"
        return Check(name=name, ok=False, found=str(error) or repr(error), fix=fix)
    return Check(name=name, ok=True, found="reachable")


async def _stream(settings: CarriageSettings) -> Check:
    name = "NATS JetStream (DAJI_NATS_URL) carries the outbox"
    line = make_line(settings)
    if line is None:
        return Check(name=name, ok=True, found="not set: nothing is carried, and nothing misses it")
    try:
        end = await line.end()
    except LineAway as error:
        fix = "start that server with JetStream (-js); until then events wait in the outbox, and orders go on"
        return Check(name=name, ok=False, found=str(error), fix=fix)
    finally:
        await line.close()
    last = "empty" if end.last is None else f"last event is place {end.last.seq} of the outbox"
    return Check(name=name, ok=True, found=f"stream {settings.stream!r}, {last}")


def _print(checks: list[Check]) -> None:
    for check in checks:
        console.print(
            f"[green]✓[/] {check.name}: {check.found}"
            if check.ok
            else f"[red]✗[/] {check.name}: {check.found}",
            highlight=False,
        )
        if not check.ok:
            console.print(f"  → {check.fix}", highlight=False)


def doctor(json_file: JsonFile = None) -> None:
    """Name each check and each fix; exits 1 when one fails."""
    try:
        house, database = read_settings()
        carriage = read_carriage()
    except BadSetting as error:
        checks = [Check(name="settings", ok=False, found=str(error), fix="correct the variable or unset it")]
    else:
        checks = asyncio.run(examine(house, database, carriage))
    _print(checks)
    write_json(json_file, checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
