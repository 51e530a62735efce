"""The one guard of an application: may they, is it really them, was it asked before, can it be read."""

from __future__ import annotations

from litestar import Request
from litestar.handlers import BaseRouteHandler

from daji.faces.http import csrf, idempotency, limits, permit, state


async def guard(connection: state.AnyConnection, handler: BaseRouteHandler) -> None:
    """Let a request on to its handler; every refusal is a Problem."""
    if permit.is_own_options(handler):
        return
    permit.check(handler.opt, state.principal(connection))
    if isinstance(connection, Request):
        await csrf.check(connection)
        await idempotency.check(connection, handler.opt)
        await limits.check_body(connection, handler)
    else:
        csrf.check_socket(connection)
