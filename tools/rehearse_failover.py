"""Play the loss of the database on throw-away servers, and print how long each step takes.

    python tools/rehearse_failover.py [--bin /usr/lib/postgresql/15/bin] [--seconds 3] [--json FILE]

A primary and a streaming replica are made in a temporary folder with PostgreSQL's own programs. Daji's own database
layer, told of both by one address, writes without pause; the primary is killed (SIGKILL), the replica promoted, and the
writes go on there. With `--synchronous` (the default) a commit is answered when the replica has it, so that none may
be lost; `--asynchronous` shows what is lost without. Exit code 1 when a bar is missed: an answered write lost, longer
silence than the shop is allowed after any trouble, or readers who are not where they belong.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg

from daji import migrations
from daji.faces.cli.rehearsing import bars
from daji.kit import heartbeats
from daji.kit.db import DOWN, Database, DatabaseSettings, open_database

PROGRAMS = ("initdb", "pg_ctl", "pg_basebackup", "postgres")
PATIENCE = 60.0
MOST_SILENCE = 10.0
"""Seconds: the same bar that chaos has for every trouble."""


@dataclass(frozen=True)
class Report:
    """Seconds, and counts of writes. `silent_s`: the longest wait between two answers, counted from the kill."""

    server: str
    synchronous: bool
    base_backup_s: float
    killed_after_s: float
    promoted_s: float
    silent_s: float
    answered_before: int
    answered_after: int
    refused_meanwhile: int
    lost: int
    reads_on_replica: bool
    own_write_seen: bool


def find_bin() -> Path | None:
    """Folder of PostgreSQL's programs: the oldest version we support first, for it is what many run."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin")):
        if all((folder / name).exists() for name in PROGRAMS):
            return folder
    found = shutil.which("pg_ctl")
    folder = Path(found).resolve().parent if found else None
    return folder if folder and all((folder / name).exists() for name in PROGRAMS) else None


class Servers:
    """A primary and its replica in one folder; PostgreSQL refuses to run as root, so as root they run as `nobody`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self._user = _user()
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.ports = {"primary": _free_port(), "replica": _free_port()}

    def url(self, *names: str, database: str = "daji") -> str:
        """Address of one server, or of several of which the one that writes is meant."""
        hosts = ",".join(f"127.0.0.1:{self.ports[name]}" for name in names)
        wanted = "?target_session_attrs=primary" if len(names) > 1 else ""
        return f"postgresql://daji@{hosts}/{database}{wanted}"

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            check=False,
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            env={"PATH": str(self.programs), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
        )
        if done.returncode:
            raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stdout[-2000:]}")

    def make_primary(self) -> None:
        data = str(self.folder / "primary")
        self.run("initdb", "-D", data, "-U", "daji", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.start("primary")

    def make_replica(self, *, delay_s: float = 0) -> None:
        """Copy the primary and follow it, `delay_s` behind."""
        host, port = "127.0.0.1", str(self.ports["primary"])
        self.run(
            *("pg_basebackup", "-D", str(self.folder / "replica"), "-h", host, "-p", port, "-U", "daji"),
            *("-X", "stream", "-R", "-C", "-S", "replica", "--checkpoint=fast", "-N"),
        )
        with (self.folder / "replica" / "postgresql.auto.conf").open("a") as file:
            file.write(f"recovery_min_apply_delay = '{delay_s:g}s'\n")
        self.start("replica")

    def start(self, name: str) -> None:
        options = (
            f"-p {self.ports[name]} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c wal_level=replica"
            " -c shared_buffers=32MB -c max_connections=60 -c fsync=off"
        )
        log = str(self.folder / f"{name}.log")
        # -l and a null device: the server would hold our pipe open otherwise.
        self.run("pg_ctl", "start", "-w", "-D", str(self.folder / name), "-l", log, "-o", options)

    def kill(self, name: str) -> None:
        """SIGKILL the server and all that it started: what the loss of a machine looks like from outside."""
        pid = int((self.folder / name / "postmaster.pid").read_text().split("\n")[0])
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
        )
        for one in (pid, *map(int, children.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    def promote(self, name: str) -> None:
        self.run("pg_ctl", "promote", "-w", "-D", str(self.folder / name))

    def stop(self) -> None:
        for name in self.ports:
            with suppress(RuntimeError):
                self.run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / name))


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            pwd.getpwnam(name)
            return name
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Writer:
    """Writes one mark after the other, and knows which were answered."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.answered: list[tuple[float, str]] = []
        self.refused: list[float] = []

    async def run(self, over: asyncio.Event) -> None:
        number = 0
        while not over.is_set():
            number += 1
            mark = f"mark:{number}"
            try:
                async with asyncio.timeout(3), self._db.transaction() as tx:
                    await tx.execute(heartbeats.SQL_BEAT, mark, "web")
                self.answered.append((time.monotonic(), mark))
            except DOWN:
                self.refused.append(time.monotonic())
                await asyncio.sleep(0.05)


async def rehearse(programs: Path, folder: Path, *, seconds: float, synchronous: bool) -> Report:
    """Make both servers, lose the first, go on with the second."""
    servers = Servers(programs, folder)
    try:
        return await _play(servers, seconds=seconds, synchronous=synchronous)
    finally:
        await asyncio.to_thread(servers.stop)


async def _play(servers: Servers, *, seconds: float, synchronous: bool) -> Report:
    await asyncio.to_thread(servers.make_primary)
    admin = await asyncpg.connect(servers.url("primary", database="postgres"))
    await admin.execute("CREATE DATABASE daji")
    version = str(await admin.fetchval("SELECT current_setting('server_version')")).split(" ")[0]
    await migrations.upgrade(servers.url("primary"))
    began = time.monotonic()
    await asyncio.to_thread(servers.make_replica)
    base_backup = time.monotonic() - began
    if synchronous:
        await admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await admin.execute("SELECT pg_reload_conf()")
    await admin.close()
    db = await open_database(
        DatabaseSettings(url=servers.url("primary", "replica"), replica_url=servers.url("replica"), pool=4)
    )
    writer, over = Writer(db), asyncio.Event()
    writing = asyncio.create_task(writer.run(over))
    await asyncio.sleep(seconds)
    reads_on_replica, own = await _look(db)
    servers.kill("primary")
    killed = time.monotonic()
    await asyncio.to_thread(servers.promote, "replica")
    promoted = time.monotonic() - killed
    while time.monotonic() - killed < PATIENCE and not _again(writer, killed):  # noqa: ASYNC110 - a clock, not an event
        await asyncio.sleep(0.05)
    await asyncio.sleep(seconds)
    over.set()
    await writing
    async with db.read() as session:
        kept = {row["process"] for row in await session.rows("SELECT process FROM kit.heartbeat")}
    await db.close()
    before = [mark for at, mark in writer.answered if at <= killed]
    after = [(at, mark) for at, mark in writer.answered if at > killed]
    return Report(
        server=f"PostgreSQL {version}",
        synchronous=synchronous,
        base_backup_s=round(base_backup, 2),
        killed_after_s=seconds,
        promoted_s=round(promoted, 2),
        silent_s=round(_longest_gap([killed, *sorted(at for at, _ in after)]), 2),
        answered_before=len(before),
        answered_after=len(after),
        refused_meanwhile=len(writer.refused),
        lost=sum(mark not in kept for _, mark in writer.answered),
        reads_on_replica=reads_on_replica,
        own_write_seen=own,
    )


def _longest_gap(moments: Sequence[float]) -> float:
    """Answers that were under way when the server died come just after; what counts is the silence that follows."""
    return max(later - earlier for earlier, later in itertools.pairwise(moments))


def _again(writer: Writer, killed: float) -> bool:
    return bool(writer.answered) and writer.answered[-1][0] > killed + 0.5


async def _look(db: Database) -> tuple[bool, bool]:
    """Whether readers are on the replica, and whether a writer sees what it wrote a moment ago."""
    async with db.transaction() as tx:
        await tx.execute(heartbeats.SQL_BEAT, "own", "web")
    async with db.fresh() as fresh:
        own = bool(await fresh.value("SELECT count(*) FROM kit.heartbeat WHERE process = 'own'"))
    async with db.read() as session:
        return bool(await session.value("SELECT pg_is_in_recovery()")), own


def judge(report: Report) -> bars.Verdict:
    """What must hold. Without a synchronous replica, what was lost is shown and no bar."""
    lost = bars.exactly("answered writes lost", report.lost)
    return bars.judge(
        "failover",
        (
            *((lost,) if report.synchronous else ()),
            bars.at_least("writes answered before the loss", report.answered_before, 1),
            bars.at_least("writes answered after it", report.answered_after, 1),
            bars.at_most("silence after the loss", report.silent_s, MOST_SILENCE, "s"),
            bars.exactly("readers who are not on the replica", int(not report.reads_on_replica)),
            bars.exactly("writers who miss their own write", int(not report.own_write_seen)),
        ),
        asdict(report),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--bin", type=Path, default=find_bin())
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--asynchronous", dest="synchronous", action="store_false")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.bin is None:
        print("no PostgreSQL programs found: name their folder with --bin", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="daji-failover-") as folder:
        Path(folder).chmod(0o755)
        report = asyncio.run(
            rehearse(given.bin, Path(folder), seconds=given.seconds, synchronous=given.synchronous)
        )
    for name, value in asdict(report).items():
        print(f"{name:18} {value}")
    return bars.finish(judge(report), json_file=given.json)


if __name__ == "__main__":
    sys.exit(main())
