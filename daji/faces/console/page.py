"""The console's one page for browsers: everything in it is drawn by the script of `web/console`."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response, Router, get
from litestar.params import FromPath

from daji.boot import MESSAGES
from daji.faces.assets import asset
from daji.faces.http import problems, state
from daji.kit import i18n
from daji.kit.problems import NotFound

BASE = "/console"
ENTRY = "src/main.ts"
THEME = "daji_console_theme"
THEMES = frozenset({"light", "dark"})


@get("/", opt={"permission": "public", "auth": False, "html": True})
async def index(request: state.AnyRequest) -> Response[str]:
    """Show the console; who is not signed in meets its door."""
    return _page(request)


@get("/{path:path}", opt={"permission": "public", "auth": False})
async def anywhere(request: state.AnyRequest, path: FromPath[str]) -> Response[str]:
    """Show the same page below: its script knows which part of the console the address names."""
    if path.startswith("/v1/"):
        raise NotFound
    return _page(request)


def render_problem(request: state.AnyRequest, view: problems.ProblemView) -> Response[str]:
    """The page for a refusal: the same one, which says by itself what is not there."""
    return _page(request, status=view.status)


def _page(request: state.AnyRequest, *, status: int = 200) -> Response[str]:
    known = state.of(request)
    theme = request.cookies.get(THEME, "")
    body = (
        _environment()
        .get_template("console.html.j2")
        .render(
            t=lambda key: _catalogue().text(known.lang, f"backoffice.{key}"),
            base=BASE,
            lang=known.lang,
            built=asset("console", ENTRY),
            theme=theme if theme in THEMES else "auto",
            nonce=known.nonce,
        )
    )
    return Response(
        body, media_type=MediaType.HTML, status_code=status, headers={"Cache-Control": "no-store"}
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("daji.faces.console"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )


@lru_cache(maxsize=1)
def _catalogue() -> i18n.Catalogue:
    return i18n.Catalogue(MESSAGES)


ROUTES = [Router(path=BASE, route_handlers=[index, anywhere], include_in_schema=False)]
