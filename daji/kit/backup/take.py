"""A whole copy of the database and of the files beside it, sealed, in every target."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from daji.kit.backup import seal, wal
from daji.kit.backup.plan import Plan
from daji.kit.backup.vault import Vault
from daji.kit.db import tools

FOLDER = "base"
_STAMP = "%Y-%m-%dT%H-%M-%SZ"
# What a shop needs beside its database; the embedded database itself and logs are left out.
BESIDE = ("media", "secret")


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One whole copy: when it was begun, and the sealed bytes of database and files."""

    at: datetime
    database_bytes: int
    files_bytes: int


class CannotTake(Exception):
    """The server did not give a copy; the message is what its program said."""


def take(plan: Plan, *, url: str, home: Path, now: datetime) -> Copy:
    """Copy the database at `url`, with the log it needs to be whole, and the files beside it at `home`.

    Raises
    ------
    CannotTake, NoKey, OSError
        A target that is full leaves the copy in the others; the copy counts when every target has it.
    """
    key = seal.read_key(plan.key)
    name = f"{FOLDER}/{now.strftime(_STAMP)}_{_piece_in_work(url)}"
    with tempfile.TemporaryDirectory(dir=home) as folder:
        database, files = Path(folder) / "database", Path(folder) / "files"
        _copy_database(key, url, database)
        with (Path(folder) / "files.tar").open("wb+") as plain:
            with tarfile.open(fileobj=plain, mode="w") as archive:
                for one in BESIDE:
                    if (home / one).exists():
                        archive.add(home / one, arcname=one)
            plain.seek(0)
            with files.open("wb") as out:
                seal.seal(key, plain, out)
        for target in plan.targets:
            vault = Vault(target.folder)
            vault.put(f"{name}/files", files)
            # Last, because its being there says that the copy is whole.
            vault.put(f"{name}/database", database)
        return Copy(at=now, database_bytes=database.stat().st_size, files_bytes=files.stat().st_size)


def copies(vault: Vault) -> tuple[str, ...]:
    """Names of the whole copies, the oldest first."""
    return tuple(name.removesuffix("/database") for name in vault.names(FOLDER) if name.endswith("/database"))


def begun(name: str) -> datetime:
    """When a copy was begun."""
    stamp = name.rpartition("/")[2].partition("_")[0]
    return datetime.strptime(f"{stamp}+0000", f"{_STAMP}%z")


def first_piece(name: str) -> str:
    """The piece of log that was in work when a copy was begun: nothing before it is needed with the copy."""
    return name.rpartition("_")[2]


def is_before(piece: str, other: str) -> bool:
    """Tell whether a piece of log comes before another, on whichever timeline (the first eight digits) they are."""
    return wal.PIECE.fullmatch(piece) is not None and len(piece) == len(other) and piece[8:] < other[8:]


def thin_out(plan: Plan, *, now: datetime) -> int:
    """Remove copies past their days, and the log before the oldest that stays; the newest copy always stays."""
    removed = 0
    until = now - timedelta(days=plan.keep_days)
    for target in plan.targets:
        vault = Vault(target.folder)
        there = copies(vault)
        old = [name for name in there[:-1] if begun(name) < until]
        for name in old:
            vault.remove(f"{name}/database")
            vault.remove(f"{name}/files")
        removed += len(old)
        if len(there) > len(old):
            removed += _drop_log(vault, first_piece(there[len(old)]))
    return removed


def _drop_log(vault: Vault, before: str) -> int:
    old = [name for name in vault.names(wal.FOLDER) if is_before(name.rpartition("/")[2], before)]
    for name in old:
        vault.remove(name)
    return len(old)


def _piece_in_work(url: str) -> str:
    asked = subprocess.run(  # noqa: S603 - our own command
        [tools.find("psql"), "-XAtqw", "-d", url, "-c", "SELECT pg_walfile_name(pg_current_wal_lsn())"],
        capture_output=True,
        text=True,
        check=False,
    )
    if asked.returncode:
        raise CannotTake(asked.stderr.strip())
    return asked.stdout.strip()


def _copy_database(key: bytes, url: str, path: Path) -> None:
    command = [
        *(tools.find("pg_basebackup"), "--dbname", url, "--pgdata", "-", "--format", "tar"),
        *("--wal-method", "fetch", "--checkpoint", "fast", "--no-password"),
    ]
    with (
        tempfile.TemporaryFile() as said,
        path.open("wb") as out,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process,  # noqa: S603 - our own command
    ):
        assert process.stdout is not None  # noqa: S101 - asked for just above
        seal.seal(key, process.stdout, out)
        code = process.wait()
        said.seek(0)
        if code:
            raise CannotTake(said.read().decode(errors="replace").strip())
