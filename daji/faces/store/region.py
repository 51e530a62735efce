"""Where a reader wants goods sent: a province, kept in a cookie, so that pages can say what the way costs and takes."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, unquote

from daji.faces.http import state
from daji.kit import divisions

COOKIE = "daji_region"
PARAMETER = "to"
YEAR_SECONDS = 365 * 24 * 3600


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The provinces of the shop's country."""
    return tuple(one.name for one in divisions.children() if one.code not in divisions.SPECIAL)


def choose(request: state.AnyRequest) -> str:
    """The province asked for now, which is remembered, else the one from before; empty when there is none."""
    asked = request.query_params.get(PARAMETER, "")
    if asked in names():
        keep(request, asked)
        return asked
    before = unquote(request.cookies.get(COOKIE, ""))
    return before if before in names() else ""


def keep(request: state.AnyRequest, name: str) -> None:
    """Remember a province. Not HttpOnly: it is no secret, and a page may want to read it."""
    known = state.of(request)
    secure = "; Secure" if known.settings.secure else ""
    known.new_cookies[COOKIE] = (
        f"{COOKIE}={quote(name)}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax{secure}"
    )
