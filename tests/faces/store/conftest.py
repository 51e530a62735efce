"""The store's face on a whole small world, spoken to over HTTP without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.adapters.storage import LocalFolder
from daji.boot import House, HouseSettings, make_timers, words
from daji.faces.app import create_app
from daji.kit.db import Database
from tests.makers.world import SECRET, World

ORIGIN = "http://shop.test"
Visitor = Callable[[], httpx.AsyncClient]


@pytest.fixture(scope="session")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
async def world(db: Database, tmp_path: Path, gateway_keys: Path) -> AsyncIterator[World]:
    made = World(db, tmp_path, gateway_keys)
    await made.open_shop()
    yield made
    await made.check()
    await made.close()


@pytest.fixture
def house(world: World, tmp_path: Path) -> House:
    return make_house(world, tmp_path)


def make_house(world: World, home: Path) -> House:
    return House(
        settings=HouseSettings(home=home, public_url=ORIGIN),
        db=world.db,
        clock=world.clock,
        ctx=world.ctx,
        catalogue=words(),
        secret=SECRET,
        timers=make_timers(world.ctx),
        carrier=world.carrier,
        storage=LocalFolder(home / "media"),
    )


@pytest.fixture
def app(house: House) -> Litestar:
    """The real application, every face on it."""
    return create_app(house)


@pytest.fixture
async def visitor(app: Litestar) -> AsyncIterator[Visitor]:
    """Makes browsers: each has cookies of its own and says where its forms come from."""
    opened: list[httpx.AsyncClient] = []

    def enter() -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("198.51.100.9", 5)),
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, "Accept-Language": "en"},
        )
        opened.append(client)
        return client

    yield enter
    for client in opened:
        await client.aclose()
