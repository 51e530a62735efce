"""More than can be answered: readers come again, whoever buys gets through, and nothing was begun for who was sent away."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Response, get, post
from litestar.params import FromQuery
from litestar.response import Stream

from daji.boot import MESSAGES
from daji.faces.http import crowding
from daji.faces.http.kept import NOT_KEPT, Keep, Kept, KeptSettings
from daji.faces.http.settings import CrowdSettings
from daji.kit.clock import SystemClock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from tests.faces import http_app

OPEN = {"permission": "public"}


class Slow:
    """Handlers that answer when they are let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = 0
        self.made = itertools.count()

    def routes(self) -> list[Any]:
        @get("/slow", opt=OPEN)
        async def slow() -> str:
            self.begun += 1
            await self.go.wait()
            return "done"

        @post("/write", opt={"permission": "public", "auth": False})
        async def write() -> str:
            self.begun += 1
            await self.go.wait()
            return "done"

        @get("/kept", opt={"permission": "public", "kept": Keep()})
        async def kept(word: FromQuery[str] = "") -> str:
            return f"{word} {next(self.made)}"

        @get("/news", opt=OPEN)
        async def news() -> Response[Any]:
            async def lines() -> AsyncIterator[str]:
                yield "data: 1\n\n"
                await self.go.wait()

            return Stream(lines(), media_type="text/event-stream")

        return [slow, write, news, kept]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def kept() -> Kept:
    return Kept(KeptSettings())


@pytest.fixture
def app(db: Database, slow: Slow, kept: Kept) -> Litestar:
    return http_app.build(
        db, SystemClock(), Catalogue(MESSAGES), more=slow.routes(), crowd=CrowdSettings(most=4), kept=kept
    )


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with http_app.client(app) as client:
        yield client


async def started(slow: Slow, count: int) -> None:
    async with asyncio.timeout(5):
        while slow.begun < count:  # noqa: ASYNC110 - each of several handlers counts
            await asyncio.sleep(0)


async def test_the_fifth_reader_comes_again(http: httpx.AsyncClient, slow: Slow) -> None:
    waiting = [asyncio.create_task(http.get("/slow")) for _ in range(4)]
    await started(slow, 4)
    away = await http.get("/slow", headers={"Accept": "application/json", "Accept-Language": "en"})
    assert (away.status_code, away.json()["code"], slow.begun) == (503, "crowded", 4)
    assert 1 <= int(away.headers["Retry-After"]) <= 4
    assert away.headers["X-Request-Id"] == away.json()["request_id"]
    assert away.headers["Cache-Control"] == "no-store"
    named = await http.get("/slow", headers={"X-Request-Id": "asked-by-me-7"})
    assert (named.status_code, named.json()["request_id"]) == (503, "asked-by-me-7")
    slow.go.set()
    assert {(await one).status_code for one in waiting} == {200}
    assert (await http.get("/slow")).status_code == 200


async def test_a_page_says_so_in_the_reader_s_language_and_asks_again(
    http: httpx.AsyncClient, slow: Slow
) -> None:
    waiting = [asyncio.create_task(http.get("/slow")) for _ in range(4)]
    await started(slow, 4)
    away = await http.get("/slow", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
    assert "此刻人太多" in away.text
    assert 'http-equiv="refresh"' in away.text
    slow.go.set()
    await asyncio.gather(*waiting)


async def test_whoever_buys_gets_through_and_probes_are_answered(http: httpx.AsyncClient, slow: Slow) -> None:
    waiting = [asyncio.create_task(http.get("/slow")) for _ in range(4)]
    await started(slow, 4)
    buying = [asyncio.create_task(http.post("/write")) for _ in range(20)]
    await started(slow, 24)
    away = await http.post("/write", headers={"Accept": "text/html"})
    assert (away.status_code, "refresh" in away.text) == (503, False)
    assert (await http.get("/health/live")).status_code == 200
    slow.go.set()
    assert {(await one).status_code for one in buying} == {201}
    await asyncio.gather(*waiting)


async def test_readers_are_served_beside_as_many_writers_as_there_may_be(
    http: httpx.AsyncClient, slow: Slow
) -> None:
    waiting = [asyncio.create_task(http.post("/write")) for _ in range(20)]
    await started(slow, 20)
    reading = asyncio.create_task(http.get("/slow"))
    await started(slow, 21)
    slow.go.set()
    assert (await reading).status_code == 200
    await asyncio.gather(*waiting)


async def test_what_is_kept_is_given_to_any_crowd_and_nothing_is_made_for_it(
    http: httpx.AsyncClient, slow: Slow, kept: Kept
) -> None:
    kept.renew(kept.clock())
    first = (await http.get("/kept?word=a")).text
    waiting = [asyncio.create_task(http.get("/slow")) for _ in range(4)]
    await started(slow, 4)
    assert (await http.get("/kept?word=a")).text == first
    other = await http.get("/kept?word=b", headers={"Accept": "application/json"})
    assert (other.status_code, other.json()["code"]) == (503, "crowded")
    assert 1 <= int(other.headers["Retry-After"]) <= 4
    for who in ({"Cookie": "daji_session=x"}, {"Authorization": "Bearer x"}):
        named = await http.get("/kept?word=a", headers={"Accept": "application/json", **who})
        assert (named.status_code, named.json()["code"]) == (503, "crowded")
    assert next(slow.made) == 1
    slow.go.set()
    await asyncio.gather(*waiting)
    assert (await http.get("/kept?word=b")).status_code == 200


async def test_readers_have_their_turn_one_after_the_other_and_wait_for_no_slow_one(
    db: Database, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daji.faces.http.crowding.AT_WORK", 0)
    monkeypatch.setattr("daji.faces.http.crowding.LEAST_AT_WORK", 2)
    monkeypatch.setattr("daji.faces.http.crowding.TURN_SECONDS", 30.0)
    app = http_app.build(
        db, SystemClock(), Catalogue(MESSAGES), more=slow.routes(), crowd=CrowdSettings(most=5)
    )
    async with http_app.client(app) as http:
        waiting = [asyncio.create_task(http.get("/slow")) for _ in range(5)]
        await started(slow, 2)
        assert (await http.get("/slow")).status_code == 503
        for one in (waiting[0], waiting[3]):
            one.cancel()
        await started(slow, 3)
        assert (await http.get("/health/live")).status_code == 200
        monkeypatch.setattr("daji.faces.http.crowding.TURN_SECONDS", 0.01)
        late = asyncio.create_task(http.get("/slow"))
        await started(slow, 4)
        slow.go.set()
        done = await asyncio.gather(*waiting, late, return_exceptions=True)
        assert [one.status_code for one in done if isinstance(one, httpx.Response)] == [200] * 4
        assert (await http.get("/slow")).status_code == 200


def one_at_work(
    db: Database, monkeypatch: pytest.MonkeyPatch, *, most: int, turn_seconds: float
) -> tuple[crowding.Doors, Any]:
    """Doors that let one reader work at a time, and what a reader asks."""
    monkeypatch.setattr(crowding, "AT_WORK", 0)
    monkeypatch.setattr(crowding, "LEAST_AT_WORK", 1)
    monkeypatch.setattr(crowding, "TURN_SECONDS", turn_seconds)
    doors = crowding.Doors(CrowdSettings(most=most), Catalogue(MESSAGES), Kept(NOT_KEPT), db)
    return doors, {"method": "GET", "path": "/slow", "headers": []}


async def test_whoever_had_a_turn_by_time_leaves_nothing_behind(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors, scope = one_at_work(db, monkeypatch, most=10, turn_seconds=0.001)
    at_report = doors.enter(scope)
    for _ in range(50):
        visit = doors.enter(scope)
        assert visit is not None
        assert visit.waits
        await visit.turn()
        visit.leave()
    assert not doors._waiting
    assert at_report is not None
    at_report.leave()
    assert (doors._working, doors._counts) == (0, {"read": 0, "write": 0})


async def test_nobody_joins_many_who_wait_for_long(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    doors, scope = one_at_work(db, monkeypatch, most=8, turn_seconds=30.0)
    monkeypatch.setattr(crowding, "QUEUE_SECONDS", 0.0)
    at_work = doors.enter(scope)
    assert at_work is not None
    queue = []
    for waits in range(2):
        visit = doors.enter(scope)
        assert visit is not None, waits
        queue.append(asyncio.create_task(visit.turn()))
        await asyncio.sleep(0.001)
    assert doors.enter(scope) is None
    probe = doors.enter({**scope, "path": "/health/live"})
    assert probe is not None
    probe.leave()
    assert doors.enter({**scope, "method": "POST"}) is not None
    # Half of those who may be in hand are: a quicker machine takes more in.
    monkeypatch.setattr(crowding, "QUEUE_SECONDS", 0.5)
    more = doors.enter(scope)
    assert more is not None
    at_work.leave()
    await queue[0]
    assert not queue[1].done()
    queue[1].cancel()


async def test_whoever_leaves_early_makes_room(http: httpx.AsyncClient, slow: Slow) -> None:
    waiting = [asyncio.create_task(http.get("/slow")) for _ in range(4)]
    await started(slow, 4)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    slow.go.set()
    assert (await http.get("/slow")).status_code == 200


async def test_a_stream_of_news_counts_no_more_once_it_has_begun(app: Litestar, slow: Slow) -> None:
    begun: list[str] = []

    async def listen() -> None:
        async def send(message: Any) -> None:
            begun.append(message["type"])

        async def receive() -> Any:
            await slow.go.wait()
            return {"type": "http.disconnect"}

        scope = {
            "type": "http", "method": "GET", "path": "/news", "raw_path": b"/news", "query_string": b"", "headers": [],
            "http_version": "1.1", "scheme": "http", "server": ("shop.test", 80), "client": ("198.51.100.9", 5),
            "root_path": "", "asgi": {"version": "3.0"}, "app": app, "state": {},
        }  # fmt: skip
        await app(scope, receive, send)  # type: ignore[arg-type]

    listening = [asyncio.create_task(listen()) for _ in range(6)]
    async with asyncio.timeout(5):
        while begun.count("http.response.body") < 6:  # noqa: ASYNC110 - each of six answers counts
            await asyncio.sleep(0)
    slow.go.set()
    await asyncio.gather(*listening)
    assert begun.count("http.response.start") == 6
