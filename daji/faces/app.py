"""The web application: every face on one ASGI app, guarded and measured by `faces.http`."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import msgspec
from litestar import Litestar, Response, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Receive, Scope, Send

from daji import __version__, migrations
from daji.boot import PATIENCE_SECONDS, House, lay_out, read_settings, unlock
from daji.faces import contract, presence, search_feed
from daji.faces.console import page as console_page
from daji.faces.face import Face
from daji.faces.groups import SEARCHES, routes
from daji.faces.http import install, leaving, maintenance, problems, state
from daji.faces.http.kept import Kept, KeptSettings
from daji.faces.http.settings import NO_CROWD, NO_LIMITS, CrowdSettings, LimitSettings, for_url
from daji.faces.store import home
from daji.faces.store import markets as storefront
from daji.faces.store import pages as store_pages
from daji.kit import heap, readiness, telemetry
from daji.kit import settings as kit_settings
from daji.kit.db import DOWN, Session, health, open_database
from daji.shop.search import api as search

APPLICATION = "daji-web"
_CONTRACT = "openapi_contract"
_STATIC = {"permission": "public", "auth": False, "html": False}


@get("/openapi.json", opt=_STATIC, sync_to_thread=False, include_in_schema=False)
def openapi_file(request: state.AnyRequest) -> dict[str, Any]:
    """The contract of both APIs, OpenAPI 3.1."""
    return describe(request.app)


def describe(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document with all that the routes declare to the gate; made once."""
    found: dict[str, Any] | None = app.state.get(_CONTRACT)
    if found is None:
        found = app.state[_CONTRACT] = contract.complete(app.openapi_schema.to_schema(), app)
    return found


class _SameFile(JsonRenderPlugin):
    """Where Litestar serves the file by itself, it is the same one."""

    def render(self, request: state.AnyRequest, openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - as it came
        return self.render_json(request, describe(request.app))


def create_app(
    house: House,
    *,
    limits: LimitSettings = NO_LIMITS,
    crowd: CrowdSettings = NO_CROWD,
    face: Face = Face.ALL,
    kept: Kept | None = None,
    markets: storefront.Markets | None = None,
) -> Litestar:
    """The application on an open house; a route that does not say who may enter stops it here (U-116).

    `markets` are those that `storefront.load` found; without them the shop has its main ones.
    """
    markets = markets or storefront.make()
    expected = migrations.head()
    house.laid_out = home.texts(home.sections(house.settings.home))

    async def migrations_current(session: Session) -> bool:
        return migrations.serves(await health.revision(session), expected=expected)

    def give_house() -> House:
        return house

    return install.make_app(
        routes(face, contract=openapi_file, markets=markets),
        settings=for_url(
            house.settings.base_url,
            secret=house.secret,
            form_targets=(house.settings.sandbox_url,),
            proxies=house.settings.proxies,
            metrics_token=house.settings.metrics_token or None,
            limits=limits,
            crowd=crowd,
        ),
        db=house.db,
        clock=house.clock,
        catalogue=house.catalogue,
        render_html=_render_problem,
        state=State(storefront.keep(markets)),
        migrations_current=migrations_current,
        dependencies={"house": Provide(give_house, sync_to_thread=False)},
        inner=[maintenance.watch(house.settings.home)],
        kept=kept,
        openapi_config=OpenAPIConfig(
            title="Daji",
            version=__version__,
            description="One order through the whole chain: /store/v1 for buyers, /console/v1 for those who run the shop.",
            path="/schema",
            render_plugins=[_SameFile()],
            openapi_router=Router(path="/schema", route_handlers=[], opt=_STATIC, include_in_schema=False),
        ),
    )


def _render_problem(request: state.AnyRequest, view: problems.ProblemView) -> Response[Any]:
    if request.url.path.startswith("/console"):
        return console_page.render_problem(request, view)
    return store_pages.render_problem(request, view)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A house that nobody has unlocked yet, and its application: what the workers of one master share."""

    house: House
    kept: Kept
    markets: storefront.Markets
    app: Litestar


class LateApp:
    """Opens the house inside the server's own event loop, before the first request, and closes it at the end.

    A server calls the application with the lifespan scope first; connection pools belong to the loop they were
    opened in, so the house cannot be opened earlier.
    """

    def __init__(
        self,
        limits: LimitSettings,
        face: Face = Face.ALL,
        kept: KeptSettings | None = None,
        prepared: Prepared | None = None,
    ) -> None:
        self._limits = limits
        self._face = face
        self._kept = kept or KeptSettings()
        self._crowd = kit_settings.read(CrowdSettings, "DAJI_CROWD_", os.environ)
        self._prepared = prepared
        self._app: Litestar | None = None
        self._opening = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if app is None:
            async with self._opening:
                app = self._app = self._app or await self._open()
        await app(scope, receive, send)

    def prepare(self) -> Prepared | None:
        """Make the application before the processes are forked that will serve it; None while nobody knows its markets.

        The database is asked for them once, and not waited for: the workers do that, each for itself.
        """
        house = lay_out()
        try:
            markets = asyncio.run(_markets_now(house))
        except DOWN:
            return None
        return self._prepare(house, markets)

    def _prepare(self, house: House, markets: storefront.Markets) -> Prepared:
        kept = Kept(self._kept)
        app = create_app(
            house, limits=self._limits, crowd=self._crowd, face=self._face, kept=kept, markets=markets
        )
        return Prepared(house=house, kept=kept, markets=markets, app=app)

    async def _prepared_now(self) -> Prepared:
        """What the master has prepared; anew where there is nothing, or where the markets are other ones by now."""
        found = self._prepared
        house = lay_out() if found is None else found.house
        await unlock(house, application=APPLICATION, patience=PATIENCE_SECONDS)
        markets = await storefront.load(house)
        if found is None or found.markets != markets:
            found = self._prepare(house, markets)
        return found

    async def _open(self) -> Litestar:
        made = await self._prepared_now()
        house, kept, markets, app = made.house, made.kept, made.markets, made.app
        house.when_said.append(kept.drop_all)
        if self._face in SEARCHES:
            keeper = search_feed.Keeper(house, kept, channels=markets.channels)
            app.on_startup.append(keeper.start)
            app.on_shutdown.append(keeper.stop)
        here = presence.Presence(house)
        app.on_startup.append(here.start)
        app.on_shutdown.append(here.stop)
        tidier = heap.Tidier()
        app.on_startup.append(tidier.start)
        app.on_shutdown.append(tidier.stop)
        app.on_shutdown.append(house.close)
        leaving.THIS.listen(asyncio.get_running_loop())
        ready = _Ready(house if self._face in SEARCHES else None)
        app.on_startup.append(ready.start)
        app.on_shutdown.append(ready.stop)
        return app


class _Ready:
    """Says READY=1 to the supervisor when this process is as good as the one that it may replace."""

    def __init__(self, house: House | None) -> None:
        self._house = house
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._say())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _say(self) -> None:
        while self._house is not None and not self._house.search.ready:  # noqa: ASYNC110 - a thread fills it
            await asyncio.sleep(0.1)
        heap.settle()
        readiness.say()


async def _markets_now(house: House) -> storefront.Markets:
    _, found = read_settings()
    if not found.url:
        # The embedded server belongs to the processes that use it.
        raise ConnectionRefusedError
    alone = msgspec.structs.replace(found, pool=1, read_pool=1, replica_url="")
    house.db.take_over(await open_database(alone, application=APPLICATION))
    try:
        return await storefront.load(house)
    finally:
        await house.db.close()


def warm_up(face: Face) -> Prepared | None:
    """Load what the face's processes will need and never change: dictionaries, templates, what asks outside, and the application."""
    import_module("daji.kit.wire")
    if face in SEARCHES:
        search.warm_up()
        store_pages.warm_up()
    return _late(face).prepare()


def app_for(face: Face, prepared: Prepared | None = None) -> LateApp:
    """ASGI application of a face, for `daji serve`; `prepared` by `warm_up` in this process's master."""
    settings, _ = read_settings()
    telemetry.configure(service=f"daji-{face}", level=settings.log_level)
    return _late(face, prepared)


def _late(face: Face, prepared: Prepared | None = None) -> LateApp:
    return LateApp(
        kit_settings.read(LimitSettings, "DAJI_LIMIT_", os.environ),
        face,
        kit_settings.read(KeptSettings, "DAJI_", os.environ),
        prepared,
    )
