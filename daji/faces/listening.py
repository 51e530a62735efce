"""Where a web server listens, and how long it takes its leave: what whoever supervises one knows of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import msgspec

BACKLOG = 2048
_LISTEN_FDS = "DAJI_LISTEN_FDS"
_FIRST_FD = 3


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """`DAJI_SERVE_*`, all in seconds.

    `drain`: how long an instance that leaves still answers, so that whoever balances the load notices.
    `leave`: how long running requests have after that. `ready`: how long a new worker may take to get ready.
    """

    drain: float = 3.0
    leave: float = 10.0
    ready: float = 60.0


def inherited() -> list[socket.socket]:
    """Listening sockets handed down: by `daji up`, or by systemd's socket unit (`sd_listen_fds(3)`); none otherwise."""
    given = os.environ.pop(_LISTEN_FDS, "")
    if given:
        return [socket.socket(fileno=int(number)) for number in given.split(",")]
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        count = int(os.environ.get("LISTEN_FDS", "0"))
        return [socket.socket(fileno=_FIRST_FD + number) for number in range(count)]
    return []


def hand_down(sockets: Sequence[socket.socket], env: dict[str, str]) -> tuple[int, ...]:
    """Name sockets in a child's environment; the descriptors that it has to be given."""
    numbers = tuple(each.fileno() for each in sockets)
    env[_LISTEN_FDS] = ",".join(str(number) for number in numbers)
    return numbers


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """Listen `count` times on one address; the system spreads connections over them.

    Raises
    ------
    OSError
        When the address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made: list[socket.socket] = []
    try:
        for _ in range(count):
            one = socket.socket(family, socket.SOCK_STREAM)
            made.append(one)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if count > 1:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind((host, port))
            one.listen(BACKLOG)
            one.setblocking(False)
    except OSError:
        for one in made:
            one.close()
        raise
    return made
