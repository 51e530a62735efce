"""Ready, said to whoever started us: the protocol of systemd's `sd_notify(3)`, one datagram to `$NOTIFY_SOCKET`.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html. Our own supervisor listens the same way as
systemd does (`Type=notify`), so a child need not know which of the two it has.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

VARIABLE = "NOTIFY_SOCKET"
_MOST = 1024


def say(address: str | None = None) -> bool:
    """Say READY=1 to the supervisor of this process, or at `address`; False when nobody listens there."""
    address = os.environ.get(VARIABLE, "") if address is None else address
    if not address or not hasattr(socket, "AF_UNIX"):
        return False
    # A name that begins with @ stands for Linux's abstract socket.
    target = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            wire.sendto(f"READY=1\nMAINPID={os.getpid()}".encode(), target)
    except OSError:
        return False
    return True


class Ear:
    """Where children say that they are ready; belongs to one supervisor."""

    def __init__(self) -> None:
        # Below the temporary folder: a socket's path may have 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="daji-"))
        self.path = str(self._folder / "ready")
        self._wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._wire.bind(self.path)
        self._wire.setblocking(False)
        self._ready: set[int] = set()

    def give(self, env: MutableMapping[str, str]) -> None:
        """Name this ear in a child's environment."""
        env[VARIABLE] = self.path

    def heard(self, pid: int) -> bool:
        """Whether the process with this id has said that it is ready."""
        while True:
            try:
                lines = self._wire.recv(_MOST).decode("utf-8", "replace").split("\n")
            except BlockingIOError:
                return pid in self._ready
            said = dict(line.partition("=")[::2] for line in lines)
            if said.get("READY") == "1" and said.get("MAINPID", "").isdigit():
                self._ready.add(int(said["MAINPID"]))

    def close(self) -> None:
        self._wire.close()
        shutil.rmtree(self._folder, ignore_errors=True)
