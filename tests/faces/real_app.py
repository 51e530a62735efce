"""The application as it is served, opened on a test's world, and those who knock at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
from litestar import Litestar

from daji.base.identity import api as identity
from daji.boot import House, open_house
from daji.faces.app import create_app
from daji.faces.store import markets
from tests.makers.world import World

ORIGIN = "http://127.0.0.1:8000"
SECRET_WORD = "lantern river 42"
QUICK = identity.Passwords(memory_kib=64, rounds=1)


@dataclass(kw_only=True)
class RealShop:
    """`create_app` on an open house, beside the world that made its data."""

    world: World
    house: House
    app: Litestar
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def client(self, token: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A browser, or with a token a program; forms come from our own pages."""
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("198.51.100.9", 5)),  # type: ignore[arg-type]
            base_url=ORIGIN,
            headers={"Origin": ORIGIN, "Accept-Language": "en", **headers}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
            trust_env=False,
        )
        self.opened.append(made)
        return made

    async def shopper(self, email: str) -> tuple[UUID, str]:
        """An account of somebody new, and a token that stands for it."""
        now = self.house.clock.now()
        async with self.house.db.transaction() as tx:
            made = await identity.register_shopper(
                tx, phone=None, email=email, password=SECRET_WORD, name="Lin", lang="en", now=now
            )
        return made.id, await self.sign_in("shopper", email)

    async def staff(self, email: str, *roles: str) -> str:
        """A token of a new member of staff."""
        async with self.house.db.transaction() as tx:
            await identity.create_staff(
                tx,
                email=email,
                name=email,
                password=SECRET_WORD,
                roles=roles,
                by=None,
                now=self.house.clock.now(),
                passwords=QUICK,
            )
        return await self.sign_in("staff", email)

    async def key(self, admin: str, permissions: list[str]) -> str:
        """A script's token that may do exactly this; `admin` is a token of whoever gives it."""
        now = self.house.clock.now()
        async with self.house.db.transaction() as tx:
            giver = await identity.authenticate_bearer(tx, token=admin, now=now)
            assert giver.id is not None
            made = await identity.create_api_key(
                tx,
                staff_id=giver.id,
                label="script",
                permissions=permissions,
                lives=timedelta(days=1),
                now=now,
            )
        return made.token

    async def sign_in(self, realm: identity.Realm, email: str) -> str:
        signed = await identity.login(
            self.house.db,
            realm=realm,
            account=email,
            password=SECRET_WORD,
            ip="::1",
            now=self.house.clock.now(),
            kind="bearer",
        )
        return signed.token

    async def close(self) -> None:
        for client in self.opened:
            await client.aclose()
        await self.house.close()


async def open_real(world: World, database_url: str, **more: str) -> RealShop:
    """Open the house by its environment, as the server does, but on the world's clock and to its sandbox."""
    house = await open_house(
        env={"DAJI_DATABASE_URL": database_url, "DAJI_HOME": str(world.folder), **more},
        clock=world.clock,
        sandbox_http=world.http,
    )
    return RealShop(world=world, house=house, app=create_app(house, markets=await markets.load(house)))
