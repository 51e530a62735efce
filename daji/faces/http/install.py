"""All of it in one go: a Litestar application whose every route is guarded, measured and understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler, Middleware

from daji.faces.http import auth, gate, keeping, limits, ops, outer, permit, problems, state, throttle
from daji.faces.http.kept import NOT_KEPT, Kept
from daji.faces.http.settings import HttpSettings, LimitSettings
from daji.kit.clock import Clock
from daji.kit.db import Database
from daji.kit.i18n import Catalogue
from daji.kit.web import Application

if TYPE_CHECKING:
    from daji.faces.http.shared_budget import SharedStore


def make_app(
    route_handlers: Sequence[ControllerRouterHandler],
    *,
    settings: HttpSettings,
    db: Database,
    clock: Clock,
    catalogue: Catalogue,
    render_html: problems.RenderHtml | None = None,
    migrations_current: ops.MigrationsCurrent | None = None,
    dependencies: Mapping[str, Provide] | None = None,
    openapi_config: OpenAPIConfig | None = None,
    inner: Sequence[Middleware] = (),
    kept: Kept | None = None,
    **more: Any,
) -> Litestar:
    """Build the application; `inner` stands between the throttle and what is kept, `more` goes to Litestar as it is.

    Raises
    ------
    keeping.UnsoundKeeping
        For a route whose answers may not be kept, and that says they are.
    permit.UndeclaredRoute
        For a route that does not say who may enter (U-116).
    """
    shared = _shared_store(settings.limits)
    meter = throttle.Throttle(settings.limits, store=shared)
    kept = Kept(NOT_KEPT) if kept is None else kept
    own = ops.routes(db=db, metrics_token=settings.metrics_token, migrations_current=migrations_current)
    app = Application(
        route_handlers=[*own, *route_handlers],
        middleware=[
            auth.middleware(settings, db=db, clock=clock),
            meter.middleware(),
            *inner,
            keeping.middleware(kept, clock=clock),
        ],
        guards=[gate.make_guard(meter)],
        exception_handlers=problems.handlers(catalogue, render_html=render_html),
        dependencies={**state.dependencies(clock), **(dependencies or {})},
        request_max_body_size=limits.MAX_BODY,
        openapi_config=openapi_config,
        logging_config=None,
        **more,
    )
    if shared is not None:
        app.on_shutdown.append(shared.close)
    permit.assert_every_route_declares(app)
    keeping.check(app)
    _provide_in_turn(app)
    outer.install(app, settings, db=db, catalogue=catalogue, meter=meter, kept=kept)
    return app


def _shared_store(limits: LimitSettings) -> SharedStore | None:
    if not limits.shared_url:
        return None
    from daji.faces.http.shared_budget import SharedStore  # noqa: PLC0415 - megabytes that one node does without

    return SharedStore(limits.shared_url)


def _provide_in_turn(app: Litestar) -> None:
    """Give a handler what it asks for one after the other.

    Litestar starts a task for each of several that do not need one another; ours only hand over what is there already,
    and the tasks would cost more than many a handler.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [{one} for batch in model.dependency_batches for one in batch]
