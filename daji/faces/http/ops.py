"""Routes for those who run the house: is it alive, can it work, what does it measure."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry

from daji.faces.http import leaving, state
from daji.faces.http.exposing import figures
from daji.kit.db import Database, Session, health
from daji.kit.problems import NotFound

log = structlog.get_logger(__name__)

PING_SECONDS = 2.0

MigrationsCurrent = Callable[[Session], Awaitable[bool]]
_OPT: dict[str, Any] = {"permission": "public", "auth": False, "html": False}


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """What a load balancer asks before it sends anybody."""

    ready: bool
    database: bool
    migrations: bool
    leaving: bool = False


LEAVES = Readiness(ready=False, database=True, migrations=True, leaving=True)
"""Said as soon as this instance has been asked to go, while it still answers whatever reaches it."""


def routes(
    *,
    db: Database,
    metrics_token: str | None = None,
    migrations_current: MigrationsCurrent | None = None,
    ping_seconds: float = PING_SECONDS,
    registry: CollectorRegistry = REGISTRY,
) -> Sequence[HTTPRouteHandler]:
    """`/health/live`, `/health/ready` and `/metrics`.

    Figures of a shop are nobody's business: `/metrics` answers the machine itself, asked directly, or whoever brings
    `metrics_token` as a bearer token; to all others it does not exist.
    """

    @get("/health/live", opt=_OPT, sync_to_thread=False, tags=["ops"])
    def live() -> dict[str, bool]:
        return {"alive": True}

    @get("/health/ready", opt=_OPT, tags=["ops"])
    async def ready() -> Response[Readiness]:
        found = LEAVES if leaving.THIS.unready else await _look(db, migrations_current, ping_seconds)
        headers = {"Cache-Control": "no-store"} | ({} if found.ready else {"Retry-After": "5"})
        return Response(found, status_code=200 if found.ready else 503, headers=headers)

    @get("/metrics", opt=_OPT, sync_to_thread=False, include_in_schema=False)
    def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        if not _may_measure(request, metrics_token):
            raise NotFound
        return Response(figures(registry), media_type=CONTENT_TYPE_LATEST)

    return (live, ready, metrics)


async def _look(db: Database, migrations_current: MigrationsCurrent | None, seconds: float) -> Readiness:
    database = migrations = False
    try:
        async with asyncio.timeout(seconds), db.read() as session:
            database = await health.ping(session)
            migrations = migrations_current is None or await migrations_current(session)
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"
        log.warning("not_ready", error=repr(error))
    return Readiness(ready=database and migrations, database=database, migrations=migrations)


def _may_measure(request: state.AnyRequest, token: str | None) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode()):
        return True
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(state.of(request).client_ip).is_loopback
    except ValueError:
        return False
