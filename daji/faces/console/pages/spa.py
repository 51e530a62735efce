"""The console's one page for browsers: everything in it is drawn by the script of `web/console`."""

from __future__ import annotations

from functools import partial

from litestar import MediaType, Response, get
from litestar.params import FromPath

from daji.faces.assets import asset
from daji.faces.console.asking import PUBLIC, Asked
from daji.faces.console.render import catalogue, environment
from daji.faces.http import state

BASE = "/console/next"
ENTRY = "src/main.ts"
THEME = "daji_console_theme"
THEMES = frozenset({"light", "dark"})
_OPT = {**PUBLIC, "html": True}


def _page(request: Asked) -> Response[str]:
    known = state.of(request)
    theme = request.cookies.get(THEME, "")
    body = (
        environment()
        .get_template("spa.html.j2")
        .render(
            t=partial(catalogue().text, known.lang),
            base=BASE,
            lang=known.lang,
            built=asset("console", ENTRY),
            theme=theme if theme in THEMES else "auto",
            nonce=known.nonce,
        )
    )
    return Response(body, media_type=MediaType.HTML, headers={"Cache-Control": "no-store"})


@get("/next", opt=_OPT)
async def index(request: Asked) -> Response[str]:
    """Show the console; who is not signed in meets its door."""
    return _page(request)


@get("/next/{path:path}", opt=_OPT)
async def anywhere(request: Asked, path: FromPath[str]) -> Response[str]:  # noqa: ARG001 - the script reads it
    """Show the same page below: its script knows which part of the console the address names."""
    return _page(request)


ROUTES = [index, anywhere]
