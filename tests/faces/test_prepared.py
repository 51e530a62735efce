"""The application that a master makes before its workers are forked: theirs while it still fits, and never waited for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from daji.faces.app import LateApp, Prepared
from daji.faces.http.settings import NO_LIMITS
from daji.faces.store import markets as storefront
from tests.faces.real_app import RealShop


@pytest.fixture
def here(shop: RealShop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment of a master beside the shop, on its database."""
    monkeypatch.setenv("DAJI_DATABASE_URL", shop.house.db.url)
    monkeypatch.setenv("DAJI_HOME", str(tmp_path))


async def made_of(prepared: Prepared) -> Prepared:
    found = await LateApp(NO_LIMITS, prepared=prepared)._prepared_now()
    await found.house.close()
    return found


@pytest.mark.usefixtures("here")
async def test_a_worker_serves_what_its_master_prepared(shop: RealShop) -> None:
    prepared = await asyncio.to_thread(LateApp(NO_LIMITS).prepare)
    assert prepared is not None
    assert prepared.markets == await storefront.load(shop.house)
    assert await made_of(prepared) is prepared


@pytest.mark.usefixtures("here")
async def test_a_worker_makes_its_own_where_the_markets_are_other_ones_by_now(shop: RealShop) -> None:
    prepared = await asyncio.to_thread(LateApp(NO_LIMITS).prepare)
    assert prepared is not None
    fewer = storefront.Markets(items=prepared.markets.items[:1])
    found = await made_of(replace(prepared, markets=fewer))
    assert found.app is not prepared.app
    assert found.house is prepared.house
    assert found.markets == await storefront.load(shop.house)


@pytest.mark.parametrize("url", ["", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_master_does_not_wait_for_a_database(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DAJI_DATABASE_URL", url)
    monkeypatch.setenv("DAJI_HOME", str(tmp_path))
    assert LateApp(NO_LIMITS).prepare() is None
