"""The console's pages: every GET reads one view, every POST does one thing and leads on."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Response, Router
from litestar.response import Redirect

from daji.faces.console.asking import DEPENDENCIES
from daji.faces.console.pages import door, home, orders, people, products, returns, spa, stock, work
from daji.faces.console.render import SEE_OTHER, show_problem
from daji.faces.http import problems, state

ROUTES = [
    Router(
        path="/console",
        route_handlers=[
            *spa.ROUTES,
            *door.ROUTES,
            *home.ROUTES,
            *orders.ROUTES,
            *work.ROUTES,
            *stock.ROUTES,
            *returns.ROUTES,
            *products.ROUTES,
            *people.ROUTES,
        ],
        dependencies=DEPENDENCIES,
        include_in_schema=False,
    )
]


def render_problem(request: state.AnyRequest, view: problems.ProblemView) -> Response[Any]:
    """The page for a refusal; who is not signed in is led to the door, and from there back."""
    if view.code == "unauthenticated" and request.method == "GET":
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return Redirect(f"/console/login?next={quote(wanted, safe='')}", status_code=SEE_OTHER)
    return show_problem(request, view)


__all__ = ["ROUTES", "render_problem"]
