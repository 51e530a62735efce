"""Whoever works in rounds outlives a database that died while nobody asked."""

from __future__ import annotations

import asyncio
from typing import cast

import asyncpg
import pytest

from daji.boot import House
from daji.faces import presence


class Silent:
    """A house whose first look meets a connection of a server that is gone; it counts the looks."""

    db = None

    def __init__(self) -> None:
        self.looks = 0
        self.goes_on = asyncio.Event()

    async def refresh(self) -> None:
        self.looks += 1
        if self.looks == 5:
            self.goes_on.set()
        if self.looks == 2:
            raise asyncpg.InternalClientError(
                "cannot switch to state 12; another operation (2) is in progress"
            )


async def test_a_kept_connection_whose_server_died_ends_no_presence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "REFRESH_SECONDS", 0.001)

    async def say(*_: object) -> None:
        return

    monkeypatch.setattr("daji.kit.heartbeats.beat", say)
    house = Silent()
    watching = presence.Presence(cast("House", house))
    await watching.start()
    await asyncio.wait_for(house.goes_on.wait(), 5)
    monkeypatch.setattr("daji.kit.heartbeats.leave", say)
    await watching.stop()
