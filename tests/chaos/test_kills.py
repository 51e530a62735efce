"""Chaos: a crowd buys and the counter ships while troubles come; afterwards everything that was answered is true.

The short form meets every trouble once and is part of `make test`. `make chaos` lets them come at random for minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator

import pytest

from tests.chaos import wreck
from tests.chaos.verdict import BACK_SECONDS, busy, own_house
from tests.live import LiveShop

LONG_SECONDS = float(os.environ.get("DAJI_CHAOS_SECONDS", "240"))
PAUSE_SECONDS = 0.5
"""Between two troubles of the short form, in which orders are placed again anyway."""


@pytest.fixture(scope="module")
def shop() -> Iterator[LiveShop]:
    with own_house() as opened:
        yield opened


@pytest.mark.timeout(600)
@pytest.mark.xdist_group("chaos")
async def test_every_trouble_comes_once_while_a_crowd_buys(shop: LiveShop) -> None:
    async with busy(shop, seed=1) as story:
        await asyncio.sleep(2)
        for what, trouble in wreck.TROUBLES.items():
            await story.suffer(what, trouble)
            await asyncio.sleep(PAUSE_SECONDS)
    assert set(story.first_order) == set(wreck.TROUBLES)
    assert story.packers.shipped


@pytest.mark.slow
@pytest.mark.timeout(LONG_SECONDS + 300)
@pytest.mark.xdist_group("chaos")
async def test_random_troubles_for_minutes(shop: LiveShop) -> None:
    seed = int(os.environ.get("DAJI_CHAOS_SEED", "2026"))
    chance = random.Random(seed)
    async with busy(shop, seed=seed) as story:
        until = time.monotonic() + LONG_SECONDS
        while time.monotonic() < until - 15:
            await asyncio.sleep(chance.uniform(1, 5))
            what = chance.choice(sorted(wreck.TROUBLES))
            await story.suffer(what, wreck.TROUBLES[what])
    assert story.worst < BACK_SECONDS, (seed, story.took)
