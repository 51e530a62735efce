"""Refusals as a page."""

from __future__ import annotations

from typing import Any

from litestar import Response

from daji.boot import words
from daji.faces.http import problems, state
from daji.faces.store import markets
from daji.faces.store.buyer import Asked
from daji.faces.store.pages.scene import fragment, render
from daji.kit.problems import Problem


def render_problem(request: Asked, view: problems.ProblemView) -> Response[Any]:
    """Show a refusal without asking the database, which may be what is missing.

    The page speaks the language of its address, whatever the reader's browser prefers.
    """
    known = state.of(request)
    open_here = markets.of(request)
    market = open_here.of_path(request.url.path) or open_here.get(known.lang, markets.MAIN)
    lang = market.lang
    if lang != known.lang and (kind := Problem.catalogue().get(view.code)) is not None:
        view = problems.Speaker(words()).view(
            kind.rebuild(view.code, view.params), lang=lang, request_id=view.request_id
        )
    if request.headers.get("hx-request") == "true":
        return fragment("toast.html", status=view.status, problem=view, count=None)
    return render(
        "problem.html", request=request, market=market, shell=None, status=view.status, problem=view
    )
