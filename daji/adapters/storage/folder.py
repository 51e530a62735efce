"""Files in a folder of this machine, written whole or not at all, and never outside it."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from daji.base.media.ports import StorageUnavailable

# A name is made of plain parts; a dot may not begin one, so neither `.` nor `..` nor a hidden file is a part.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}(?:/[a-z0-9][a-z0-9_.-]{0,99}){0,7}")
_READABLE = 0o644


class BadName(ValueError):
    """A name that this storage never gives: absolute, climbing, hidden, or of other characters."""


class LocalFolder:
    """Storage in `root`, which is made when it is missing. Files are never executable."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Path of a name, which need not exist. Raises BadName when it is not inside the folder."""
        if not _NAME.fullmatch(name):
            raise BadName(name)
        root = self.root.resolve()
        path = (root / name).resolve()
        # A symbolic link in the folder could still lead out of it.
        if not path.is_relative_to(root):
            raise BadName(name)
        return path

    async def put(self, name: str, content: bytes) -> None:
        path = self.path(name)
        try:
            await asyncio.to_thread(_write, path, content)
        except OSError as error:
            raise StorageUnavailable(str(error)) from error

    async def read(self, name: str) -> bytes | None:
        path = self.path(name)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageUnavailable(str(error)) from error

    async def delete(self, name: str) -> None:
        path = self.path(name)
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(str(error)) from error


def _write(path: Path, content: bytes) -> None:
    """Write beside the goal and move over it, so that a reader or a crash never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(_READABLE)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
