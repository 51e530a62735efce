"""A world per test; the gateway's keys are made once, since RSA keys take their time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.kit.db import Database
from tests.makers.world import World


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
