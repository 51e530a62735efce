"""Places that keep files."""

from __future__ import annotations

from daji.adapters.storage.folder import BadName, LocalFolder

__all__ = ["BadName", "LocalFolder"]
