"""The log of changes, followed as it is written: finished pieces are sealed and kept in every target.

A replication slot makes the server keep what has not arrived here yet, so that a pause loses nothing
(https://www.postgresql.org/docs/current/app-pgreceivewal.html).
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncpg

from daji.kit.backup import seal
from daji.kit.backup.plan import Plan
from daji.kit.backup.vault import Vault
from daji.kit.db import tools

FOLDER = "wal"
SLOT = "daji_backup"
PIECE = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")
_LOOK_SECONDS = 1.0


class Follower:
    """Follows one server until told to stop; `kept` counts the pieces that all targets hold."""

    def __init__(self, plan: Plan, *, url: str, spool: Path, heard: Callable[[str], None]) -> None:
        self._plan = plan
        self._url = url
        self._spool = spool
        self._heard = heard
        self._switched = ""
        self.kept = 0

    async def run(self, leaving: asyncio.Event) -> None:
        """Follow, and start the follower again when it dies; the server may be away for a while."""
        self._spool.mkdir(parents=True, exist_ok=True)
        key = seal.read_key(self._plan.key)
        receiver = asyncio.create_task(self._receive(leaving))
        switcher = asyncio.create_task(self._switch(leaving))
        try:
            while not leaving.is_set():
                await asyncio.to_thread(self._keep_finished, key)
                await _sleep(leaving, _LOOK_SECONDS)
        finally:
            leaving.set()
            await asyncio.gather(receiver, switcher)
            await asyncio.to_thread(self._keep_finished, key)

    async def _receive(self, leaving: asyncio.Event) -> None:
        program = tools.find("pg_receivewal")
        common = [program, "--dbname", self._url, "--slot", SLOT]
        while not leaving.is_set():
            created = await asyncio.create_subprocess_exec(*common, "--create-slot", "--if-not-exists")
            if await created.wait() == 0:
                process = await asyncio.create_subprocess_exec(
                    *common, "--directory", str(self._spool), "--no-loop", "--synchronous"
                )
                ended = asyncio.create_task(process.wait())
                stop = asyncio.create_task(leaving.wait())
                await asyncio.wait((ended, stop), return_when=asyncio.FIRST_COMPLETED)
                stop.cancel()
                if not ended.done():
                    process.terminate()
                    await ended
            if not leaving.is_set():
                self._heard("the server does not answer; trying again")
                await _sleep(leaving, 5)

    async def _switch(self, leaving: asyncio.Event) -> None:
        """Close the piece in work every `wal_seconds`, which bounds what a lost machine takes along."""
        while not leaving.is_set():
            await _sleep(leaving, self._plan.wal_seconds)
            try:
                connection = await asyncpg.connect(self._url, timeout=10)
            except (OSError, asyncpg.PostgresError, TimeoutError):
                continue
            try:
                here = str(await connection.fetchval("SELECT pg_current_wal_insert_lsn()"))
                if here != self._switched:
                    await connection.execute("SELECT pg_switch_wal()")
                    self._switched = str(await connection.fetchval("SELECT pg_current_wal_insert_lsn()"))
            except (OSError, asyncpg.PostgresError):
                continue
            finally:
                await connection.close()

    def _keep_finished(self, key: bytes) -> None:
        for path in sorted(self._spool.iterdir()):
            if PIECE.fullmatch(path.name):
                try:
                    keep(self._plan, key, f"{FOLDER}/{path.name}", path)
                except OSError as error:
                    self._heard(f"{path.name} is not safe yet: {error}")
                    return
                path.unlink()
                self.kept += 1


def keep(plan: Plan, key: bytes, name: str, path: Path) -> None:
    """Seal a file once and keep it in every target; OSError leaves the rest for another try."""
    with tempfile.TemporaryDirectory() as folder:
        sealed = Path(folder) / "sealed"
        with path.open("rb") as source, sealed.open("wb") as out:
            seal.seal(key, source, out)
        for target in plan.targets:
            Vault(target.folder).put(name, sealed)


def bring(plan: Plan, key: bytes, name: str, path: Path) -> bool:
    """Bring a file back from the first target whose copy is whole; False when none has one.

    Raises
    ------
    Damaged
        When there are copies and none is whole: an end that is no end must not be taken for one.
    """
    damaged = ""
    for target in plan.targets:
        try:
            sealed = Vault(target.folder).path(name)
        except KeyError:
            continue
        try:
            with sealed.open("rb") as source, path.open("wb") as out:
                seal.unseal(key, source, out)
        except (seal.Damaged, OSError) as error:
            damaged = f"{sealed}: {error}"
        else:
            return True
    if damaged:
        raise seal.Damaged(damaged)
    return False


async def _sleep(leaving: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(leaving.wait(), seconds)
    except TimeoutError:
        return
