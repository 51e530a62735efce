"""The search index hears the line where there is one, and misses nothing where it breaks (U-04, U-72)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from daji.faces.http.kept import Kept, KeptSettings
from daji.faces.search_feed import Feed
from daji.kit.carriage import Carrier
from daji.views import search_source
from tests.faces.real_app import RealShop
from tests.faces.store.test_search import browser, titles
from tests.makers.lines import MemoryLine

__all__ = ["browser"]


@pytest.fixture
def line(shop: RealShop) -> MemoryLine:
    made = MemoryLine()
    shop.house.line = made
    return made


@pytest.fixture
def carrier(shop: RealShop, line: MemoryLine) -> Carrier:
    return Carrier(shop.house.db, line, holder="one")


@pytest.fixture
def feed(shop: RealShop) -> Feed:
    return Feed(shop.house, shop.house.search, Kept(KeptSettings()))


class Rows:
    """Counts what the database has to tell; `silent` makes it tell nothing."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.silent = False
        real = search_source.changes

        async def changes(*given: Any, **more: Any) -> tuple[search_source.Change, ...]:
            found = () if self.silent else await real(*given, **more)
            self.count += len(found)
            return found

        patch.setattr(search_source, "changes", changes)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    return iter((Rows(monkeypatch),))


async def carry(carrier: Carrier) -> None:
    while await carrier.step():
        pass


async def bring(feed: Feed, line: MemoryLine, carrier: Carrier) -> None:
    """Send what waits, and hand the feed what it has not got."""
    known = len(line.told)
    await carry(carrier)
    for one in line.told[known:]:
        feed.bring(one)


async def test_what_the_line_brings_is_found_and_the_database_has_nothing_to_add(
    shop: RealShop, browser: Any, line: MemoryLine, carrier: Carrier, feed: Feed, rows: Iterator[Rows]
) -> None:
    counted = next(rows)
    await carry(carrier)
    await feed.build()
    await shop.world.sku()
    counted.silent = True
    await bring(feed, line, carrier)
    await feed.step()
    assert await titles(browser, "?q=龙井") == ["龙井 1 号"]
    counted.silent = False
    await feed.step()
    assert counted.count == 0
    assert feed.standing() == line.told[-1].seq


async def test_without_the_line_the_database_tells_all(
    shop: RealShop, browser: Any, line: MemoryLine, carrier: Carrier, feed: Feed, rows: Iterator[Rows]
) -> None:
    counted = next(rows)
    await feed.build()
    line.away = True
    await shop.world.sku()
    await feed.step()
    assert await titles(browser, "?q=龙井") == ["龙井 1 号"]
    told = counted.count
    assert told
    # Back again, the line brings the same: nothing is done twice.
    line.away = False
    await bring(feed, line, carrier)
    assert await feed.step() <= 1
    assert counted.count == told


async def test_what_a_replica_does_not_show_yet_waits(
    shop: RealShop, browser: Any, line: MemoryLine, carrier: Carrier, feed: Feed
) -> None:
    await carry(carrier)
    await feed.build()
    before = feed.standing()
    await shop.world.sku()
    known = len(line.told)
    await carry(carrier)
    for one in line.told[known:]:
        feed.bring(msgspec.structs.replace(one, lsn=one.lsn + (1 << 40)))
    async with shop.house.db.read() as session:
        await feed._unpack(session)
    assert feed.standing() == before
    await feed.step()
    assert await titles(browser, "?q=龙井") == ["龙井 1 号"]


async def test_a_hole_in_the_line_is_left_to_the_database(
    shop: RealShop, browser: Any, line: MemoryLine, carrier: Carrier, feed: Feed
) -> None:
    await carry(carrier)
    await feed.build()
    before = feed.standing()
    await shop.world.sku()
    await carry(carrier)
    feed.bring(line.told[-1])
    assert line.told[-1].after > before
    async with shop.house.db.read() as session:
        await feed._unpack(session)
    assert feed.standing() == before
    await feed.step()
    assert await titles(browser, "?q=龙井") == ["龙井 1 号"]
    assert feed.standing() == line.told[-1].seq


async def test_a_feed_attends_from_where_its_index_stands(
    shop: RealShop, line: MemoryLine, carrier: Carrier, feed: Feed
) -> None:
    await shop.world.sku()
    await carry(carrier)
    attending = asyncio.create_task(feed.attend())
    await feed.build()
    stands = feed.standing()
    assert stands == line.told[-1].seq
    await shop.world.sku()
    await carry(carrier)
    async with asyncio.timeout(10):
        while feed.standing() == stands:
            await asyncio.sleep(0.05)
            async with shop.house.db.read() as session:
                await feed._unpack(session)
    attending.cancel()
    with suppress(asyncio.CancelledError):
        await attending
    assert feed.standing() > stands
