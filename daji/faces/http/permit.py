"""Deny by default: what a route declares, and who passes (ADR 0012, U-116)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from daji.base.identity.api import Permission, Principal
from daji.kit.problems import Forbidden, Unauthenticated

PUBLIC = "public"
GUEST = "guest"
SHOPPER = "shopper"
_OPEN = frozenset({PUBLIC, GUEST, SHOPPER})
_DECLARABLE = _OPEN | frozenset(str(permission) for permission in Permission)


class UndeclaredRoute(Exception):
    """A route says nothing, or nothing known, about who may enter: a defect, found before the first request."""


def is_staff_side(opt: Mapping[str, Any]) -> bool:
    """Tell whether the route reads the staff's cookie rather than the shopper's."""
    return opt.get("realm") == "staff" or opt.get("permission") not in _OPEN


def check(opt: Mapping[str, Any], who: Principal) -> None:
    """Let `who` pass.

    Raises
    ------
    Unauthenticated
        For visitors where an account is needed.
    Forbidden
        For accounts of another kind, or without the permission.
    """
    wanted = opt.get("permission")
    if wanted == PUBLIC:
        return
    if wanted == GUEST:
        passes = who.kind in {"anonymous", "guest", "shopper"}
    elif wanted == SHOPPER:
        passes = who.kind == "shopper"
    else:
        passes = who.kind in {"staff", "api"} and wanted in who.permissions and wanted in _DECLARABLE
    if not passes:
        raise Unauthenticated if who.kind in {"anonymous", "guest"} else Forbidden


def declared(app: Litestar) -> Iterator[tuple[str, str, str]]:
    """Every route as (method, path, permission); the answers to OPTIONS, which tell methods only, are left out.

    Raises
    ------
    UndeclaredRoute
        Naming the first that declares nothing known.
    """
    for route in app.routes:
        handlers: list[tuple[str, BaseRouteHandler]]
        if isinstance(route, HTTPRoute):
            handlers = [(method, handler) for method, (handler, _) in route.route_handler_map.items()]
        else:
            handlers = [("*", route.route_handler)]
        for method, handler in handlers:
            if is_own_options(handler):
                continue
            permission = handler.opt.get("permission")
            if permission not in _DECLARABLE:
                raise UndeclaredRoute(
                    f'{method} {route.path} ({handler}) declares permission {permission!r}; say opt={{"permission": …}}'
                )
            yield method, route.path, str(permission)


def assert_every_route_declares(app: Litestar) -> None:
    """Refuse to start an application with a route that does not say who may enter.

    Raises
    ------
    UndeclaredRoute
        Naming the route.
    """
    for _ in declared(app):
        pass


def is_own_options(handler: BaseRouteHandler) -> bool:
    """Tell whether Litestar made this handler itself, to answer OPTIONS."""
    return getattr(handler.fn, "__qualname__", "").startswith(HTTPRoute.create_options_handler.__qualname__)
