"""`daji backup` and `daji restore`: copies that outlive the machine, and the way back from them."""

from __future__ import annotations

import asyncio
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from daji.boot import HouseSettings, read_settings
from daji.faces.cli.common import JsonFile, fail, write_json
from daji.faces.cli.migrate import database_url
from daji.faces.cli.screen import console
from daji.kit.backup import plan, restore, seal, take, wal
from daji.kit.backup.vault import Vault
from daji.kit.db import DatabaseSettings, embedded
from daji.kit.settings import BadSetting

RECOVERY_SECONDS = 3600
_LOOK_SECONDS = 0.2
_EXAMPLE = """\
# Where copies of this shop go. Three copies, the running one included, on two media, one of them elsewhere.
keep_days = 14
# At most so much is lost with the machine, in seconds.
wal_seconds = 60

[[targets]]
name = "here"
folder = "backup"
medium = "this disk"

# [[targets]]
# name = "elsewhere"
# folder = "/mnt/elsewhere/daji"
# medium = "the machine in the other house"
# offsite = true
"""

app = typer.Typer(no_args_is_help=True, help="Copies of database and media: sealed, in several places.")


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: seconds until the database answered, and the last change in it."""

    copy: datetime
    pieces: int
    seconds: float
    last_change: datetime | None


@app.command("init")
def init() -> None:
    """Write an example of backup.toml and a key, where there are none."""
    home = _settings()[0].home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    path = home / plan.FILE
    if not path.exists():
        path.write_text(_EXAMPLE, encoding="utf-8")
    found = _plan(home)
    if not found.key.exists():
        seal.make_key(found.key)
    console.print(f"{path}: edit it, then `daji backup take`", highlight=False)
    console.print(
        f"{found.key}: keep a copy of it away from here; without it no copy can be read", highlight=False
    )
    _warn(found)


@app.command("take")
def take_copy(json_file: JsonFile = None) -> None:
    """Copy the whole database and the files beside it now, and drop copies past their days."""
    house, database = _settings()
    home = house.home.resolve()
    found = _plan(home)
    url, server = _open(house, database)
    try:
        with console.status("copying"):
            copy = take.take(found, url=url, home=home, now=datetime.now(UTC))
            take.thin_out(found, now=datetime.now(UTC))
    except (take.CannotTake, seal.NoKey, OSError) as error:
        fail(
            f"no copy was made: {error}",
            "mend what it names, then run it again; `daji backup init` makes a key",
        )
    finally:
        if server is not None:
            server.stop()
    console.print(
        f"copied {copy.database_bytes / 1e6:.1f} MB of database and {copy.files_bytes / 1e6:.1f} MB of files"
        f" to {', '.join(target.name for target in found.targets)}",
        highlight=False,
    )
    _warn(found)
    write_json(json_file, copy)


@app.command("follow")
def follow() -> None:
    """Keep the log of changes as it is written, until stopped: what a lost machine takes along is seconds, not days."""
    house, database = _settings()
    home = house.home.resolve()
    found = _plan(home)
    url, server = _open(house, database)
    try:
        asyncio.run(_follow(found, url, home))
    except seal.NoKey as error:
        fail(str(error), "run `daji backup init`, or put the key back")
    finally:
        if server is not None:
            server.stop()


async def _follow(found: plan.Plan, url: str, home: Path) -> None:
    leaving = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, leaving.set)
    follower = wal.Follower(
        found,
        url=url,
        spool=home / "backup-spool",
        heard=lambda text: console.print(f"[yellow]{text}[/]", highlight=False),
    )
    console.print("following the log; Ctrl-C stops")
    await follower.run(leaving)
    console.print(f"{follower.kept} pieces kept", highlight=False)


@app.command("list")
def list_copies() -> None:
    """Show which copies each target holds."""
    found = _plan(_settings()[0].home.resolve())
    table = Table("target", "copies", "newest", "pieces of log")
    for target in found.targets:
        vault = Vault(target.folder)
        there = take.copies(vault)
        newest = f"{take.begun(there[-1]):%Y-%m-%d %H:%M} UTC" if there else "-"
        table.add_row(target.name, str(len(there)), newest, str(len(vault.names(wal.FOLDER))))
    console.print(table)
    _warn(found)


def restore_to(
    home: Annotated[
        Path, typer.Argument(help="An empty folder that becomes the DAJI_HOME of the restored shop.")
    ],
    *,
    plan_file: Annotated[
        Path | None, typer.Option("--plan", help="The backup.toml to read; this installation's unless said.")
    ] = None,
    to: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%dT%H:%M:%S"], help="The moment, in UTC; the end unless said."),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """Lay out a shop as it was at a moment, and open its database; nothing that exists is overwritten."""
    found = _plan(plan_file.resolve().parent if plan_file else _settings()[0].home.resolve())
    began = time.monotonic()
    try:
        with console.status("bringing copy and log"):
            ready = restore.prepare(
                found, home=home.resolve(), to=None if to is None else to.replace(tzinfo=UTC)
            )
    except restore.NothingToRestore:
        fail(
            "no target holds a whole copy from before that moment",
            "look with `daji backup list`, or choose a later one",
        )
    except restore.NotEmpty as error:
        fail(f"{error} holds a database already", "choose an empty folder")
    except (seal.NoKey, seal.Damaged, OSError) as error:
        fail(f"nothing was restored: {error}", "check key and targets; other copies are tried by themselves")
    with console.status("recovering"):
        server = embedded.start(home.resolve(), patience=RECOVERY_SECONDS)
        try:
            last = asyncio.run(_recovered(server.url))
        finally:
            server.stop()
    restore.finish(home.resolve())
    result = Restored(
        copy=ready.copy, pieces=ready.pieces, seconds=round(time.monotonic() - began, 1), last_change=last
    )
    console.print(
        f"restored in {result.seconds} s from the copy of {result.copy:%Y-%m-%d %H:%M:%S} UTC and {result.pieces} pieces"
        f" of log; the last change is of {last}",
        highlight=False,
    )
    console.print(f"start it with DAJI_HOME={home}", highlight=False)
    write_json(json_file, result)


async def _recovered(url: str) -> datetime | None:
    """Wait until the server writes again; when the last change that it recovered was made."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        found = await restore.look(url)
        if found.writes:
            return found.last_change
        if time.monotonic() > deadline:
            fail("the database did not come back in an hour", "its log is in the new home, in postgres/log")
        await asyncio.sleep(_LOOK_SECONDS)


def _settings() -> tuple[HouseSettings, DatabaseSettings]:
    try:
        return read_settings()
    except BadSetting as error:
        fail(str(error), "correct the variable or unset it")


def _plan(home: Path) -> plan.Plan:
    try:
        found = plan.find(home)
    except plan.BadPlan as error:
        fail(str(error), "correct the file; `daji backup init` in an empty home shows an example")
    if found is None:
        fail(f"{home} has no {plan.FILE}", "run `daji backup init`")
    return found


def _open(house: HouseSettings, database: DatabaseSettings) -> tuple[str, embedded.EmbeddedServer | None]:
    try:
        return database_url(house, database)
    except OSError as error:
        fail(f"the database does not answer: {error}", "run `daji doctor`")


def _warn(found: plan.Plan) -> None:
    words = {
        "copies": "fewer than three copies, the running database included",
        "media": "all copies on one medium",
        "offsite": "no copy elsewhere",
    }
    for short in plan.shortfalls(found):
        console.print(f"[yellow]3-2-1: {words[short]}[/]", highlight=False)
