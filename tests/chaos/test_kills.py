"""Chaos: processes are killed while a crowd buys; afterwards everything that was answered is true.

The short form kills each kind once. `make chaos` kills at random for minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.chaos import wreck
from tests.chaos.crowd import Crowd
from tests.chaos.verdict import BACK_SECONDS, BUYERS, goods, judge, own_house, report, settle
from tests.live import LiveShop

LONG_SECONDS = float(os.environ.get("DAJI_CHAOS_SECONDS", "240"))


@pytest.fixture(scope="module")
def shop() -> Iterator[LiveShop]:
    with own_house() as opened:
        yield opened


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("chaos")
async def test_every_process_dies_once_while_a_crowd_buys(shop: LiveShop) -> None:
    crowd = Crowd(shop, await goods(shop))
    until = time.monotonic() + 36
    buying = asyncio.create_task(crowd.shop_until(until, buyers=BUYERS, seed=1))
    took: dict[str, list[float]] = {}
    for what, kill in wreck.KILLS.items():
        await asyncio.sleep(3)
        kill(shop)
        took[what] = [await wreck.back(shop)]
    await buying
    await settle(shop)
    report(crowd, took)
    await judge(shop, crowd)
    assert crowd.lost == []
    assert max(seconds for found in took.values() for seconds in found) < BACK_SECONDS


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS + 300)
@pytest.mark.xdist_group("chaos")
async def test_random_deaths_for_minutes(shop: LiveShop) -> None:
    seed = int(os.environ.get("DAJI_CHAOS_SEED", "2026"))
    chance = random.Random(seed)
    crowd = Crowd(shop, await goods(shop))
    until = time.monotonic() + LONG_SECONDS
    buying = asyncio.create_task(crowd.shop_until(until, buyers=BUYERS, seed=seed))
    took: dict[str, list[float]] = {}
    deaths: Counter[str] = Counter()
    while time.monotonic() < until - 15:
        await asyncio.sleep(chance.uniform(2, 8))
        what = chance.choice(sorted(wreck.KILLS))
        wreck.KILLS[what](shop)
        deaths[what] += 1
        took.setdefault(what, []).append(await wreck.back(shop))
    await buying
    await settle(shop)
    report(crowd, took)
    await judge(shop, crowd)
    assert max(seconds for found in took.values() for seconds in found) < BACK_SECONDS, (seed, deaths)
