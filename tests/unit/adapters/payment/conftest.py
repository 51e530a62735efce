from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from daji.adapters.payment.sandbox.client import SandboxGateway
from daji.adapters.payment.sandbox.keys import Keys, ensure_keys
from daji.adapters.payment.sandbox.service.app import app_of, deliver_due, open_sandbox
from daji.adapters.payment.sandbox.wire import CreatePayment, Notification
from daji.kit.outbound import Answer, Outbound, Question, Within, application

GATEWAY_URL = "http://gateway.test"
SHOP_URL = "https://shop.test"


class Shop:
    """The merchant's door: keeps what arrives, answers what it is told to."""

    def __init__(self) -> None:
        self.status = 204
        self.fails: Exception | None = None
        self.arrived: list[tuple[dict[str, str], bytes]] = []

    async def receive(self, told: Question) -> Answer:
        self.arrived.append((dict(told.headers), told.body))
        if self.fails is not None:
            raise self.fails
        return Answer(status=self.status)


class World:
    """One gateway process, one shop, and a clock that only moves by hand."""

    def __init__(self, folder: Path, keys: Keys, app: Litestar) -> None:
        self.folder = folder
        self.app = app
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        self.keys = keys
        self.shop = Shop()
        self._count = 0
        self.start()

    def start(self) -> None:
        self.app.state.sandbox = open_sandbox(
            folder=self.folder,
            clock=lambda: self.now,
            base_url=GATEWAY_URL,
            http=Within(self.shop.receive),
            keys=self.keys,
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=GATEWAY_URL)
        self.gateway = self.client()

    async def kill(self) -> None:
        """Drop everything that lives in memory, without an orderly goodbye to the file."""
        await self.http.aclose()

    async def restart(self) -> None:
        await self.kill()
        self.start()

    async def stop(self) -> None:
        await self.kill()
        self.app.state.sandbox.db.close()

    def client(self, *, seconds: float = 5.0, http: Outbound | None = None) -> SandboxGateway:
        return SandboxGateway(
            http=http or Within(application(self.app)),
            base_url=GATEWAY_URL,
            keys=self.keys,
            clock=lambda: self.now,
            seconds=seconds,
        )

    def request(self, **changes: Any) -> CreatePayment:
        self._count += 1
        values: dict[str, Any] = {
            "merchant_id": "daji",
            "merchant_name": "大集鲜果",
            "out_no": f"tender-{self._count}",
            "amount": 12_880,
            "currency": "CNY",
            "method": "wallet",
            "subject": "赣南脐橙 5 kg",
            "notify_url": f"{SHOP_URL}/notify",
            "return_url": f"{SHOP_URL}/return?from=pay",
            "expires_at": self.now + timedelta(minutes=30),
        }
        return CreatePayment(**(values | changes))

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    async def deliver(self) -> int:
        return await deliver_due(self.app, self.now)

    def heard(self) -> list[Notification]:
        """What the shop believes: every arrived notification must prove itself."""
        return [self.gateway.parse_notification(head, body, self.now) for head, body in self.shop.arrived]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return ensure_keys(tmp_path_factory.mktemp("sandbox-keys"))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Litestar:
    """The doors are built once; every test puts a gateway of its own behind them."""
    folder = tmp_path_factory.mktemp("sandbox-app")
    sandbox = open_sandbox(folder=folder, clock=lambda: datetime.now(UTC), base_url=GATEWAY_URL, keys=keys)
    sandbox.db.close()
    return app_of(sandbox)


@pytest.fixture
async def world(tmp_path: Path, keys: Keys, app: Litestar) -> AsyncGenerator[World]:
    made = World(tmp_path, keys, app)
    yield made
    await made.stop()
