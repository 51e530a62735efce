"""Refusals as the reader gets them: RFC 9457 for programs, the face's own page for people, both in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog
from litestar import Response
from litestar.types import ExceptionHandlersMap

from daji.faces.http import state, translate
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem, to_body

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one input, as a sentence; `pointer` is a JSON pointer or the parameter's name."""

    pointer: str
    code: str
    detail: str


class ProblemView(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal ready to be shown."""

    status: int
    code: str
    title: str
    detail: str
    request_id: str
    fields: tuple[FieldView, ...] = ()
    params: Mapping[str, object] = {}


RenderHtml = Callable[[state.AnyRequest, ProblemView], Response[Any]]


class Speaker:
    """Puts problems into words."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def view(self, problem: Problem, *, lang: str, request_id: str) -> ProblemView:
        params = dict(problem.params)
        return ProblemView(
            status=problem.status,
            code=problem.code,
            title=self._say(lang, f"problems.{problem.code}.title", params),
            detail=self._say(lang, f"problems.{problem.code}.detail", params),
            request_id=request_id,
            fields=tuple(
                FieldView(
                    pointer=field.pointer,
                    code=field.code,
                    detail=self._say(lang, f"fields.{field.code}", dict(field.params)),
                )
                for field in problem.fields
            ),
            params=params,
        )

    def body(self, problem: Problem, *, lang: str, request_id: str, instance: str) -> bytes:
        """Encode the `application/problem+json` document."""
        view = self.view(problem, lang=lang, request_id=request_id)
        document = to_body(
            problem,
            title=view.title,
            detail=view.detail,
            request_id=request_id,
            instance=instance,
            field_details=[field.detail for field in view.fields],
        )
        return msgspec.json.encode(document, enc_hook=str)

    def _say(self, lang: str, key: str, params: Mapping[str, object]) -> str:
        try:
            return self._catalogue.text(lang, key, **params)
        except LookupError:
            # A strict catalogue complains; the refusal must come through all the same.
            log.exception("message_missing", key=key, lang=lang)
            return key


def handlers(catalogue: Catalogue, *, render_html: RenderHtml | None = None) -> ExceptionHandlersMap:
    """Exception handlers for a Litestar application; `render_html` makes the page for routes and readers of HTML."""
    speaker = Speaker(catalogue)

    def answer(request: state.AnyRequest, exc: Exception) -> Response[Any]:
        problem = translate.to_problem(exc)
        _note(request, exc, problem)
        known = state.of(request)
        headers = translate.extra_headers(exc, problem)
        if render_html is not None and wants_html(request):
            try:
                view = speaker.view(problem, lang=known.lang, request_id=known.request_id)
                response = render_html(request, view)
            except Exception:
                log.exception("error_page_failed", code=problem.code)
            else:
                for name, value in headers.items():
                    response.set_header(name, value)
                return response
        return Response(
            content=speaker.body(
                problem, lang=known.lang, request_id=known.request_id, instance=request.scope["path"]
            ),
            status_code=problem.status,
            media_type=MEDIA_TYPE,
            headers={**headers, "Content-Language": known.lang},
        )

    return {Exception: answer}


def wants_html(request: state.AnyRequest) -> bool:
    """Tell whether a page is wanted: what the route says, else what the reader's Accept says."""
    handler = request.scope.get("route_handler")
    declared = handler.opt.get("html") if handler is not None else None
    if declared is not None:
        return bool(declared)
    accept = request.headers.get("accept", "")
    return "text/html" in accept and "application/json" not in accept


def _note(request: state.AnyRequest, exc: Exception, problem: Problem) -> None:
    if translate.is_noteworthy(exc, problem):
        log.error(
            "request_failed",
            code=problem.code,
            method=request.method,
            route=request.scope.get("path_template"),
            exc_info=exc,
        )
