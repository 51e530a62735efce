"""Refusals as a page."""

from __future__ import annotations

from typing import Any

from litestar import Response

from daji.boot import words
from daji.faces.http import problems, state
from daji.faces.store.buyer import Asked
from daji.faces.store.pages.scene import LANGUAGES, fragment, render
from daji.kit.problems import Problem


def render_problem(request: Asked, view: problems.ProblemView) -> Response[Any]:
    """Show a refusal without asking the database, which may be what is missing.

    The page speaks the language of its address, whatever the reader's browser prefers.
    """
    known = state.of(request)
    first = request.url.path[1:3]
    lang = first if first in LANGUAGES and request.url.path[3:4] in {"", "/"} else known.lang
    if lang != known.lang and (kind := Problem.catalogue().get(view.code)) is not None:
        view = problems.Speaker(words()).view(
            kind.rebuild(view.code, view.params), lang=lang, request_id=view.request_id
        )
    if request.headers.get("hx-request") == "true":
        return fragment("toast.html", status=view.status, problem=view, count=None)
    return render("problem.html", request=request, lang=lang, shell=None, status=view.status, problem=view)
