"""What media asks of a place that keeps files."""

from __future__ import annotations

from typing import Protocol


class StorageUnavailable(Exception):
    """The storage cannot be reached, is full, or refuses."""


class Storage(Protocol):
    """Keeps bytes under names like `3f/a1/0198….webp`, which this house makes and nobody else."""

    async def put(self, name: str, content: bytes) -> None:
        """Keep `content` whole or not at all; the same name again replaces. Raises StorageUnavailable."""
        ...

    async def read(self, name: str) -> bytes | None:
        """Content under `name`, None when there is none. Raises StorageUnavailable."""
        ...

    async def delete(self, name: str) -> None:
        """Forget `name`; nothing happens when it is not there. Raises StorageUnavailable."""
        ...
