"""Back to a moment: the newest whole copy before it, and the log up to it."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import msgspec

from daji.kit.backup import seal, take, wal
from daji.kit.backup.plan import Plan
from daji.kit.backup.vault import Vault

_AUTO = "postgresql.auto.conf"
LOG = "restored-log"
SQL_RECOVERY = """
SELECT pg_is_in_recovery() AS recovering, pg_last_xact_replay_timestamp() AS last_change
"""


class NothingToRestore(Exception):
    """No target holds a whole copy from before the moment asked for."""


class NotEmpty(Exception):
    """There is a database already, and nothing is ever overwritten."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A data folder that PostgreSQL recovers when it starts: the copy it comes from, how much log lies ready."""

    data: Path
    copy: datetime
    pieces: int
    version: str


def prepare(plan: Plan, *, home: Path, to: datetime | None = None) -> Prepared:
    """Lay out `home` (database in `home/postgres`, media and secret beside it) as it was at `to`, the end when None.

    Starting a server on it recovers it; it stops recovering at the last change before `to` and opens for writing.

    Raises
    ------
    NothingToRestore, NotEmpty, NoKey, Damaged
    """
    key = seal.read_key(plan.key)
    data = home / "postgres"
    if data.exists() and any(data.iterdir()):
        raise NotEmpty(str(data))
    name = _choose(plan, to)
    home.mkdir(parents=True, exist_ok=True)
    data.mkdir(mode=0o700, exist_ok=True)
    _unpack(plan, key, f"{name}/database", data)
    # Traces of the server that was copied while it ran, which would be taken for a running one.
    for trace in (
        *data.glob(".s.PGSQL.*"),
        data / ".handle_pids.json",
        data / "postmaster.pid",
        data / "log",
    ):
        trace.unlink(missing_ok=True)
    _unpack(plan, key, f"{name}/files", home)
    log = home / LOG
    pieces = _bring_log(plan, key, log, take.first_piece(name))
    with (data / _AUTO).open("a", encoding="utf-8") as file:
        file.write(f'restore_command = \'cp "{log}/%f" "%p"\'\n')
        if to is not None:
            file.write(f"recovery_target_time = '{to.astimezone(UTC).isoformat()}'\n")
            file.write("recovery_target_action = 'promote'\n")
    (data / "recovery.signal").touch()
    for path in (data, log):
        _give_to_owner(path, home)
    return Prepared(
        data=data, copy=take.begun(name), pieces=pieces, version=(data / "PG_VERSION").read_text().strip()
    )


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """How far a server has come: whether it writes again, and when the last change that it recovered was made."""

    writes: bool
    last_change: datetime | None = None


async def look(url: str) -> Recovery:
    """Ask a recovering server; one that does not answer yet does not write yet."""
    try:
        connection = await asyncpg.connect(url, timeout=10)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return Recovery(writes=False)
    try:
        found = await connection.fetchrow(SQL_RECOVERY)
    finally:
        await connection.close()
    if found is None:
        return Recovery(writes=False)
    return Recovery(writes=not found["recovering"], last_change=found["last_change"])


def finish(home: Path) -> None:
    """After the server has recovered: forget the log that it was recovered from."""
    shutil.rmtree(home / LOG, ignore_errors=True)


def _choose(plan: Plan, to: datetime | None) -> str:
    found = {
        name
        for target in plan.targets
        for name in take.copies(Vault(target.folder))
        if to is None or take.begun(name) <= to
    }
    if not found:
        raise NothingToRestore
    return max(found)


def _unpack(plan: Plan, key: bytes, name: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        plain = Path(scratch) / "plain.tar"
        if not wal.bring(plan, key, name, plain):
            raise NothingToRestore
        with tarfile.open(plain) as archive:
            archive.extractall(folder, filter="data")


def _bring_log(plan: Plan, key: bytes, folder: Path, since: str) -> int:
    """Unseal the pieces from the one that was in work when the copy was begun."""
    folder.mkdir(exist_ok=True)
    found = {name for target in plan.targets for name in Vault(target.folder).names(wal.FOLDER)}
    wanted = sorted(name for name in found if not take.is_before(name.rpartition("/")[2], since))
    for name in wanted:
        wal.bring(plan, key, name, folder / name.rpartition("/")[2])
    return len(wanted)


def _give_to_owner(path: Path, home: Path) -> None:
    """As root, the embedded server runs as another user, to whom its files must belong."""
    if os.name == "nt" or os.geteuid() != 0:
        return
    from daji.kit.db import embedded  # noqa: PLC0415 - only this case

    embedded.give_to_server(path)
    home.chmod(home.stat().st_mode | 0o055)
