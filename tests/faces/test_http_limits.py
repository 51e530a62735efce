"""Limits as a client meets them (A10, U-110): who is counted with whom, what is said, and who is never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from litestar import Litestar

from daji.base.identity import api as identity
from daji.boot import MESSAGES
from daji.faces.http import throttle
from daji.faces.http.settings import LimitSettings
from daji.kit.clock import SimClock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from tests.faces import http_app

CATALOGUE = Catalogue(MESSAGES)
READER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Accept": "application/json",
    "Accept-Language": "en",
}
TIGHT = LimitSettings(scale=0.02)
"""A network has 30 units then and gets one back a second."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with http_app.silence():
        yield


@pytest.fixture
def app(db: Database, now: datetime) -> Litestar:
    return http_app.build(db, SimClock(now), CATALOGUE, limits=TIGHT)


@pytest.fixture
async def reader(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with http_app.client(app, headers=READER) as opened:
        yield opened


async def statuses(client: httpx.AsyncClient, path: str, times: int, **more: Any) -> list[int]:
    return [(await client.get(path, **more)).status_code for _ in range(times)]


async def exhaust(client: httpx.AsyncClient) -> None:
    assert 429 in await statuses(client, "/public", 40)


async def test_who_asks_too_often_is_told_when_to_come_again(reader: httpx.AsyncClient) -> None:
    first = await reader.get("/public")
    assert first.headers["ratelimit-policy"] == '"network";q=30;w=30'
    assert first.headers["ratelimit"].startswith('"network";r=29;t=')
    await exhaust(reader)
    refused = await reader.get("/public")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    assert 1 <= int(refused.headers["retry-after"]) <= 2
    assert refused.json()["retry_after"] == int(refused.headers["retry-after"])
    assert refused.headers["ratelimit"].startswith('"network";r=0;')
    assert refused.headers["content-security-policy"]
    chinese = await reader.get("/public", headers={"Accept-Language": "zh"})
    assert "秒" in chinese.json()["detail"]


async def test_people_get_a_page(reader: httpx.AsyncClient) -> None:
    await exhaust(reader)
    page = await reader.get("/public", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (429, "text/html")
    assert "retry-after" in page.headers
    assert "ratelimit" not in page.headers


async def test_it_comes_back_with_time(reader: httpx.AsyncClient) -> None:
    await exhaust(reader)
    await asyncio.sleep(1.2)
    assert (await reader.get("/public")).status_code == 200


async def test_files_and_health_are_never_counted(reader: httpx.AsyncClient) -> None:
    await exhaust(reader)
    assert set(await statuses(reader, "/free", 40)) == {200}
    assert set(await statuses(reader, "/health/live", 40)) == {200}


async def test_a_route_costs_what_it_says_and_writing_costs_more(
    app: Litestar, reader: httpx.AsyncClient
) -> None:
    assert (await reader.get("/dear")).status_code == 429
    async with http_app.client(app, headers=READER, address="203.0.113.1") as other:
        for _ in range(6):
            assert (await other.put("/text", json={"items": []})).status_code == 200
        assert (await other.put("/text", json={"items": []})).status_code == 429


async def test_neighbours_share_and_strangers_do_not(app: Litestar, reader: httpx.AsyncClient) -> None:
    await exhaust(reader)
    for address, status in (("198.51.100.200", 429), ("198.51.101.9", 200), ("::ffff:198.51.100.7", 429)):
        async with http_app.client(app, headers=READER, address=address) as other:
            assert (await other.get("/public")).status_code == status, address


async def test_an_owner_of_ipv6_does_not_walk_through_their_addresses(app: Litestar) -> None:
    async def ask(address: str) -> int:
        async with http_app.client(app, headers=READER, address=address) as one:
            return (await one.get("/public")).status_code

    same_64 = [await ask(f"2001:db8:1:2::{n:x}") for n in range(40)]
    assert (same_64.count(200), same_64[-1]) == (pytest.approx(30, abs=2), 429)
    same_48 = [await ask(f"2001:db8:2:{n:x}::1") for n in range(220)]
    assert (same_48.count(200), same_48[-1]) == (pytest.approx(150, abs=8), 429)
    assert await ask("2001:db8:3::1") == 200


async def test_a_made_up_address_is_not_believed(db: Database, now: datetime) -> None:
    direct = http_app.build(db, SimClock(now), CATALOGUE, limits=TIGHT)
    async with http_app.client(direct, headers=READER) as client:
        found = [
            (await client.get("/public", headers={"X-Forwarded-For": f"203.0.{n}.1"})).status_code
            for n in range(40)
        ]
    assert found[-1] == 429
    proxied = http_app.build(db, SimClock(now), CATALOGUE, limits=TIGHT, proxies=1)
    async with http_app.client(proxied, headers=READER) as client:
        told = [f"203.0.{n}.1, 198.51.100.9" for n in range(40)]
        found = [(await client.get("/public", headers={"X-Forwarded-For": one})).status_code for one in told]
        assert found[-1] == 429
        other = await client.get("/public", headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.50"})
    assert other.status_code == 200


async def test_who_claims_to_be_the_machine_itself_is_counted(db: Database, now: datetime) -> None:
    app = http_app.build(db, SimClock(now), CATALOGUE, limits=TIGHT, proxies=0)
    async with http_app.client(app, headers={**READER, "X-Forwarded-For": "127.0.0.1"}) as client:
        assert 429 in await statuses(client, "/public", 40)
    async with http_app.client(app, headers=READER, address="127.0.0.1") as client:
        assert set(await statuses(client, "/public", 60)) == {200}


async def member(db: Database, now: datetime) -> str:
    async with db.transaction() as tx:
        await identity.register_shopper(
            tx,
            phone=None,
            email="lin@example.com",
            password="lantern river 42",
            name="Lin",
            lang="en",
            now=now,
        )
    signed = await identity.login(
        db,
        realm="shopper",
        account="lin@example.com",
        password="lantern river 42",
        ip="::1",
        now=now,
        kind="bearer",
    )
    return f"Bearer {signed.token}"


async def test_who_is_signed_in_has_a_budget_of_their_own(
    db: Database, now: datetime, reader: httpx.AsyncClient
) -> None:
    token = await member(db, now)
    await exhaust(reader)
    mine = await reader.get("/public", headers={"Authorization": token})
    assert (mine.status_code, mine.headers["ratelimit-policy"]) == (200, '"shopper";q=18;w=30')


async def test_keys_that_are_nobodys_stop_asking_the_database(
    app: Litestar, db: Database, now: datetime, reader: httpx.AsyncClient
) -> None:
    """Each made-up key would be a budget of its own if it were believed before it was looked up."""
    found = [
        (await reader.get("/public", headers={"Authorization": f"Bearer made-up-{n}"})).status_code
        for n in range(10)
    ]
    assert found[0] == 401
    assert found[-1] == 429
    assert (await reader.get("/public")).status_code == 200, "readers of the same network are not in it"
    del app, db, now


async def test_a_guest_does_not_get_around_the_network_by_throwing_cookies_away(
    app: Litestar,
) -> None:
    found = []
    for _ in range(12):
        async with http_app.client(app, headers={**READER, "Origin": "http://shop.test"}) as fresh:
            found.append((await fresh.post("/cart", json={"items": []})).status_code)
    assert (found[0], found[-1]) == (201, 429)


async def test_the_linked_trap_makes_everything_dearer(app: Litestar, reader: httpx.AsyncClient) -> None:
    before = int((await reader.get("/public")).headers["ratelimit"].split("r=")[1].split(";")[0])
    assert (await reader.get("/en/offers/all")).status_code == 404
    after = int((await reader.get("/public")).headers["ratelimit"].split("r=")[1].split(";")[0])
    assert before - after == pytest.approx(throttle.MISS_COST + 4, abs=1)
    async with http_app.client(app, headers=READER, address="203.0.113.1") as other:
        assert (await other.get("/public")).headers["ratelimit"].startswith('"network";r=29;')


async def test_a_form_whose_invisible_field_is_filled_in_is_a_programs(app: Litestar) -> None:
    headers = {**READER, "Origin": "http://shop.test", "Accept": "text/html"}
    async with http_app.client(app, headers=headers) as client:
        assert (await client.post("/form", data={"a": "b", "website": ""})).status_code == 201
        sprung = await client.post("/form", data={"a": "b", "website": "http://spam.example"})
    assert (sprung.status_code, sprung.headers["retry-after"]) == (429, "3600")


async def test_a_search_engine_reads_public_pages_at_its_own_pace(
    app: Litestar, reader: httpx.AsyncClient
) -> None:
    await exhaust(reader)
    bing = {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)", "Accept": "*/*"}
    async with http_app.client(app, headers=bing) as crawler:
        answer = await crawler.get("/public")
        assert (answer.status_code, answer.headers["ratelimit-policy"].split(";")[0]) == (200, '"crawler"')
    pretender = {"User-Agent": "Googlebot/2.1", "Accept": "*/*"}
    async with http_app.client(app, headers=pretender) as crawler:
        assert (await crawler.get("/public")).status_code == 429


@pytest.mark.parametrize("mode", ["watch", "off"])
async def test_limits_can_be_watched_or_switched_off(db: Database, now: datetime, mode: Any) -> None:
    app = http_app.build(db, SimClock(now), CATALOGUE, limits=LimitSettings(mode=mode, scale=0.02))
    async with http_app.client(app, headers=READER) as client:
        assert set(await statuses(client, "/public", 60)) == {200}
        assert ("ratelimit" in (await client.get("/public")).headers) is (mode == "watch")


async def test_guessing_addresses_is_noted_though_no_route_matches(
    app: Litestar, reader: httpx.AsyncClient
) -> None:
    await statuses(reader, "/no/such/place", 14)
    left = int((await reader.get("/public")).headers["ratelimit"].split("r=")[1].split(";")[0])
    assert left < 5
    del app


def test_what_routes_cost() -> None:
    assert throttle.cost_of({}, "GET") == 1
    assert throttle.cost_of({}, "POST") == throttle.WRITE_COST
    assert throttle.cost_of({"cost": 0}, "POST") == 0
    assert throttle.cost_of({"auth": False}, "GET") == 0
    assert throttle.cost_of({"auth": False, "cost": 7}, "GET") == 7
