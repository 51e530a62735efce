"""The console on a whole small world, spoken to over HTTP without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from daji.adapters.payment.sandbox.keys import ensure_keys
from daji.adapters.storage import LocalFolder
from daji.base.audit import api as audit
from daji.base.identity import api as identity
from daji.boot import MESSAGES, House, HouseSettings, make_timers
from daji.faces.app import create_app
from daji.kit import ids
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from tests.makers.world import SECRET, World

ORIGIN = "http://shop.test"
PASSWORD = "plum-blossom-in-snow-42"
QUICK = identity.Passwords(memory_kib=64, rounds=1)


class Desk:
    """Somebody at the console, with a bearer token."""

    def __init__(self, http: httpx.AsyncClient, house: House) -> None:
        self.http = http
        self.house = house

    async def get(self, url: str, **more: Any) -> httpx.Response:
        return await self.http.get(url, **more)

    async def post(
        self, url: str, body: object = None, *, key: str | None = None, **more: Any
    ) -> httpx.Response:
        """Send JSON with a fresh idempotency key, or the one given."""
        return await self.http.post(
            url, json=body, headers={"Idempotency-Key": key or str(ids.new_id())}, **more
        )

    async def trail(self) -> tuple[audit.Entry, ...]:
        async with self.house.db.read() as session:
            return (await audit.list_entries(session, limit=100)).items


Hire = Callable[..., Awaitable[Desk]]


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
    return House(
        settings=HouseSettings(home=tmp_path, public_url=ORIGIN),
        db=world.db,
        clock=world.clock,
        ctx=world.ctx,
        catalogue=Catalogue(MESSAGES),
        secret=SECRET,
        timers=make_timers(world.ctx),
        carrier=world.carrier,
        storage=LocalFolder(tmp_path / "media"),
    )


@pytest.fixture
def app(house: House) -> Litestar:
    return create_app(house)


def open_client(app: Litestar, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=("198.51.100.9", 5)),
        base_url=ORIGIN,
        headers={"Origin": ORIGIN, "Accept-Language": "en", **headers},
        follow_redirects=True,
    )


@pytest.fixture
async def anybody(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with open_client(app) as client:
        yield client


@pytest.fixture
async def hire(app: Litestar, house: House) -> AsyncIterator[Hire]:
    """Makes a member of staff with these roles and sits them down."""
    opened: list[httpx.AsyncClient] = []
    serial = 0

    async def sit_down(*roles: str) -> Desk:
        nonlocal serial
        serial += 1
        email = f"{roles[0] if roles else 'nobody'}{serial}@shop.test"
        async with house.db.transaction() as tx:
            await identity.create_staff(
                tx,
                email=email,
                name=f"{roles[0].title() if roles else 'Nobody'} {serial}",
                password=PASSWORD,
                roles=roles,
                by=None,
                now=house.clock.now(),
                passwords=QUICK,
            )
        client = open_client(app)
        opened.append(client)
        answer = await client.post("/console/v1/login", json={"email": email, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        assert answer.status_code == 200, answer.text
        return Desk(client, house)

    yield sit_down
    for client in opened:
        await client.aclose()
