"""A folder that holds sealed files: written whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SUFFIX = ".sealed"


class Vault:
    """Sealed files by name (`base/2026-03-03T12-00-00Z/data`, `wal/0000…`) below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, sealed: Path) -> None:
        """Copy a sealed file in. The same name twice: the later one stays, once it is on the disk."""
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with sealed.open("rb") as source, fresh.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        _settle(target.parent)

    def path(self, name: str) -> Path:
        """Where a sealed file is; KeyError when there is none of that name."""
        found = self._path(name)
        if not found.is_file():
            raise KeyError(name)
        return found

    def names(self, below: str) -> tuple[str, ...]:
        """Names that begin with the folder `below`, in order."""
        root = self._folder / below
        found = (path for path in root.rglob(f"*{SUFFIX}") if not path.name.startswith("."))
        return tuple(sorted(path.relative_to(self._folder).as_posix().removesuffix(SUFFIX) for path in found))

    def remove(self, name: str) -> None:
        path = self._path(name)
        path.unlink(missing_ok=True)
        if path.parent != self._folder and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"


def _settle(folder: Path) -> None:
    """A renamed file survives a power cut only when its folder is on the disk as well."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
