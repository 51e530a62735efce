"""What `daji up` tells `daji restart`: who it is, and how far the last round of replacing came."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

State = Literal["running", "done", "failed"]


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """The supervisor's process id, the number of the round (0: the start), and what became of it."""

    pid: int
    number: int
    state: State
    message: str = ""


def write(home: Path, said: Round) -> None:
    """Put it in place whole, so that a reader never sees half of it."""
    draft = home / f".up.{os.getpid()}"
    draft.write_bytes(msgspec.json.encode(said))
    draft.replace(home / "up.json")


def read(home: Path) -> Round | None:
    """The last word of the `daji up` of this home; None when none runs."""
    try:
        said = msgspec.json.decode((home / "up.json").read_bytes(), type=Round)
        os.kill(said.pid, 0)
    except (OSError, msgspec.DecodeError):
        return None
    return said


def leave(home: Path) -> None:
    """Say that nobody is there any more."""
    with suppress(FileNotFoundError):
        (home / "up.json").unlink()
