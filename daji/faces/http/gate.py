"""The one guard of an application: may they, is it really them, was it asked before, can it be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Request
from litestar.handlers import BaseRouteHandler

from daji.faces.http import csrf, idempotency, limits, permit, state
from daji.faces.http.throttle import Throttle

Guard = Callable[[state.AnyConnection, BaseRouteHandler], Awaitable[None]]


def make_guard(meter: Throttle) -> Guard:
    """Make the guard of an application."""

    async def guard(connection: state.AnyConnection, handler: BaseRouteHandler) -> None:
        """Let a request on to its handler; every refusal is a Problem."""
        if permit.is_own_options(handler):
            return
        permit.check(handler.opt, state.principal(connection))
        if isinstance(connection, Request):
            await csrf.check(connection)
            await meter.check_form(connection)
            await idempotency.check(connection, handler.opt)
            await limits.check_body(connection, handler)
        else:
            csrf.check_socket(connection)

    return guard
