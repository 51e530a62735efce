"""The faces a web process can serve; their routes are in `faces.groups`."""

from __future__ import annotations

from enum import StrEnum


class Face(StrEnum):
    """What a web process serves."""

    ALL = "all"
    STORE = "store"
    CONSOLE = "console"
    STATION = "station"
    LIVE = "live"
