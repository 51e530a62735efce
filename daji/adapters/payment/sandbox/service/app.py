"""The service as an ASGI application.

granian --interface asgi --factory daji.adapters.payment.sandbox.service.app:app_from_env
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import Scope

from daji.adapters.payment.sandbox.keys import Keys, ensure_keys
from daji.adapters.payment.sandbox.service import api, outbox, page, payments, refunds
from daji.adapters.payment.sandbox.service.core import Sandbox
from daji.adapters.payment.sandbox.service.db import Database
from daji.adapters.payment.sandbox.service.refusal import Refusal
from daji.adapters.payment.sandbox.signing import SignatureProblem
from daji.kit.outbound import Outbound, Wire
from daji.kit.web import Application

DEFAULT_PORT: Final = 8010
HIGHEST_PORT: Final = 65_535
LOOK_AGAIN_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)


@get("/health/live")
async def live() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


async def deliver_due(app: Litestar, now: datetime) -> int:
    """Do everything that time alone makes due at `now`; returns the number of delivery attempts.

    Expires unpaid payments, finishes refunds under way, sends notifications. The background task calls
    this every second; a test with a clock of its own calls it instead.
    """
    sandbox: Sandbox = app.state.sandbox
    more = 1
    while more:
        with sandbox.db.transaction() as connection:
            more = payments.expire_due(connection, now) + refunds.settle_due(connection, now)
    return await outbox.deliver(sandbox, now)


async def _keep_delivering(app: Litestar, sandbox: Sandbox) -> None:
    while True:
        sandbox.wake.clear()
        try:
            await deliver_due(app, sandbox.clock())
        except Exception:  # noqa: BLE001 - one bad round must not end all later ones
            _log.exception("a delivery round of the payment sandbox failed")
        try:
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await sandbox.wake.wait()
        except TimeoutError:
            continue


async def _log_accident(error: Exception, scope: Scope) -> None:
    if not isinstance(error, Refusal | SignatureProblem | HTTPException):
        _log.error("%s %s failed", scope.get("method"), scope["path"], exc_info=error)


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncGenerator[None]:
    sandbox: Sandbox = app.state.sandbox
    task = asyncio.create_task(_keep_delivering(app, sandbox))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sandbox.http.aclose()
        sandbox.db.close()


def open_sandbox(
    *,
    folder: Path,
    clock: Callable[[], datetime],
    base_url: str,
    http: Outbound | None = None,
    keys: Keys | None = None,
) -> Sandbox:
    """Open the gateway's file and keys in `folder`, making both at first start; see `create_app`."""
    return Sandbox(
        db=Database(folder / "sandbox.db"),
        keys=keys or ensure_keys(folder),
        clock=clock,
        base_url=base_url.rstrip("/"),
        http=http or Wire(),
        wake=asyncio.Event(),
    )


def app_of(sandbox: Sandbox) -> Litestar:
    """Give an opened gateway its doors."""
    return Application(
        route_handlers=[api.router, page.router, live],
        state=State({"sandbox": sandbox}),
        lifespan=[_lifespan],
        after_exception=[_log_accident],
        openapi_config=None,
        # The host process decides about logging; Litestar's default would take the root logger over.
        logging_config=None,
    )


def create_app(
    *,
    folder: Path,
    clock: Callable[[], datetime],
    base_url: str,
    http: Outbound | None = None,
) -> Litestar:
    """Make the service.

    `folder` holds its keys and `sandbox.db`; `base_url` is where buyers reach it; `http` carries the
    notifications, and is closed with the service. Without a running lifespan (as under
    `outbound.Within`) nothing is delivered but by `deliver_due`.
    """
    return app_of(open_sandbox(folder=folder, clock=clock, base_url=base_url, http=http))


def app_from_env() -> Litestar:
    """Make the service from DAJI_HOME, DAJI_SANDBOX_PORT (8010) and DAJI_SANDBOX_URL (its public address)."""
    home = Path(os.environ.get("DAJI_HOME", ".daji"))
    port = port_from_env()
    return create_app(
        folder=home / "sandbox",
        clock=lambda: datetime.now(UTC),
        base_url=os.environ.get("DAJI_SANDBOX_URL") or f"http://127.0.0.1:{port}",
    )


def port_from_env() -> int:
    """Read DAJI_SANDBOX_PORT; raises ValueError when it is no port."""
    text = os.environ.get("DAJI_SANDBOX_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        raise ValueError(f"DAJI_SANDBOX_PORT is not a port: {text!r}")
    return int(text)
