"""Which routes belong to which face, so that one image can serve each of them in processes of its own.

`store` is what buyers and partners reach, `console` what the office uses, `station` what stands in the warehouse,
`live` the streams that stay open. Together they are the whole; a path of another face does not exist here. Health,
readiness and figures are everywhere (`faces.http.ops`).
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from daji.faces import assets, notify
from daji.faces.console import api as console_api
from daji.faces.console import page as console_page
from daji.faces.console.api import delivery, live, orders, papers, session, stock, system, views, warehouse
from daji.faces.console.api import returns as case_work
from daji.faces.console.api import station as station_work
from daji.faces.console.asking import DEPENDENCIES
from daji.faces.face import Face
from daji.faces.http import static
from daji.faces.store import api as store_api
from daji.faces.store import pages as store_pages
from daji.faces.store.markets import Markets
from daji.faces.store.pages import pictures

_HERE = Path(__file__).parent


_STATION: tuple[ModuleType, ...] = (
    *(session, station_work, warehouse, stock, orders, delivery, case_work, papers, views, system, live),
)

SEARCHES = frozenset({Face.ALL, Face.STORE})
"""Faces that answer from the search index; the others need not keep one."""


def routes(face: Face, *, contract: HTTPRouteHandler, markets: Markets) -> list[ControllerRouterHandler]:
    """All routes of a face; `contract` tells the OpenAPI file of what is served here."""
    store = [*store_api.ROUTES, *store_pages.routes(markets), *notify.ROUTES]
    office = [*console_page.ROUTES, contract, _files("console")]
    match face:
        case Face.ALL:
            return [*store, *console_api.ROUTES, *office, _files("store")]
        case Face.STORE:
            return [*store, contract, _files("store")]
        case Face.CONSOLE:
            return [*console_api.ROUTES, *pictures.ROUTES, *office]
        case Face.STATION:
            return [_console(*_STATION), *pictures.ROUTES, *office]
        case Face.LIVE:
            return [_console(live)]


def _console(*modules: ModuleType) -> Router:
    """A part of the console's API, guarded as the whole is."""
    handlers = [handler for module in modules for handler in module.ROUTES]
    return Router(path="/console/v1", route_handlers=handlers, dependencies=DEPENDENCIES, opt={"html": False})


def _files(surface: assets.Surface) -> ControllerRouterHandler:
    folders = [_HERE / surface / "static", assets.folder(surface)]
    return static.route(f"/static/{surface}", folders, name=f"static_{surface}")
