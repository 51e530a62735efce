"""The real application on a small world, for tests that look at the whole face at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.kit.db import Database
from tests.faces import http_app
from tests.faces.real_app import RealShop, open_real
from tests.makers.world import World


@pytest.fixture(scope="session")
def gateway_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    ensure_keys(folder)
    return folder


@pytest.fixture
async def shop(
    db: Database, database_url: str, tmp_path: Path, gateway_keys: Path
) -> AsyncIterator[RealShop]:
    """What `daji serve` serves, with the world's clock, sandbox and carrier around it."""
    world = World(db, tmp_path, gateway_keys)
    await world.open_shop()
    with http_app.silence():
        opened = await open_real(world, database_url)
        yield opened
        await world.check()
        await opened.close()
    await world.close()
