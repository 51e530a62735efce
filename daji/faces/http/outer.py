"""Around everything, a 404 too: request id, language, limits of the head, span, histogram, access log, headers out."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Histogram

from daji.faces.http import cookies, language, leaving, limits, security_headers, state, translate
from daji.faces.http.compress import Compressing
from daji.faces.http.problems import MEDIA_TYPE, Speaker
from daji.faces.http.settings import HttpSettings
from daji.faces.http.throttle import Throttle, quota_headers
from daji.kit import ids, telemetry
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem

log = structlog.get_logger(__name__)

# Long enough to be somebody's id, and nothing that could break out of a log line or a header.
_INCOMING_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNMATCHED = "(unmatched)"
_ABORTED = 499

_propagator = TraceContextTextMapPropagator()

DURATION = Histogram(
    "daji_http_request_seconds",
    "Time from the first byte of a request to the last of its answer",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def install(app: Litestar, settings: HttpSettings, *, catalogue: Catalogue, meter: Throttle) -> None:
    """Wrap the application's router; Litestar's own middleware would not see requests that match no route."""
    app.asgi_handler = Outer(app.asgi_handler, settings, catalogue, meter)


class Outer:
    """The outermost layer of HTTP."""

    def __init__(self, app: ASGIApp, settings: HttpSettings, catalogue: Catalogue, meter: Throttle) -> None:
        self._app = app
        self._meter = meter
        self._settings = settings
        self._languages = catalogue.languages
        self._speaker = Speaker(catalogue)
        self._security = security_headers.build(settings)
        self._security_of_files = security_headers.for_files(self._security)
        self._policy = security_headers.ContentPolicy(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        known = self._begin(scope, headers)
        telemetry.bind_request(known.request_id)
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        status = _ABORTED
        send = Compressing(send, headers.get("accept-encoding", ""))

        async def send_out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._decorate(scope, message, known)
            await send(message)

        began = time.perf_counter()
        with telemetry.tracer.start_as_current_span(
            scope["method"], context=_propagator.extract(headers), kind=SpanKind.SERVER
        ) as span:
            try:
                refused = limits.check_head(scope) or await self._meter.before(scope, known, headers)
                if refused is None:
                    await self._app(scope, receive, send_out)
                else:
                    await self._refuse(refused, scope, known, send_out)
                await self._meter.after(scope, known, headers, status=status)
            finally:
                route = scope.get("path_template") or _UNMATCHED
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                seconds = time.perf_counter() - began
                DURATION.labels(method, route, str(status)).observe(seconds)
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": status,
                    }
                )
                log.info(
                    "request",
                    method=method,
                    path=scope["path"],
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 2),
                    who=known.principal.kind,
                )
                structlog.contextvars.unbind_contextvars("request_id")

    def _begin(self, scope: Scope, headers: Mapping[str, str]) -> state.RequestState:
        given = headers.get("x-request-id", "")
        lang, asked = language.choose(
            query_string=scope["query_string"],
            cookie=_cookie(headers.get("cookie", ""), cookies.LANG),
            accept_language=headers.get("accept-language"),
            languages=self._languages,
        )
        known = state.RequestState(
            settings=self._settings,
            request_id=given if _INCOMING_ID.fullmatch(given) else ids.show("req", ids.new_id()),
            lang=lang,
            client_ip=client_ip(scope, headers, self._settings.proxies),
            new_cookies={},
        )
        if asked:
            cookies.set_lang(known.new_cookies, self._settings, lang)
        state.attach(scope, known)
        return known

    def _decorate(self, scope: HTTPScope, message: HTTPResponseStartEvent, known: state.RequestState) -> None:
        headers = list(message.get("headers", []))
        present = {name.lower() for name, _ in headers}
        headers.append((b"x-request-id", known.request_id.encode()))
        inert = security_headers.is_inert(headers)
        security = self._security_of_files if inert else self._security
        headers += [(name, value) for name, value in security if name not in present]
        if not inert and b"content-security-policy" not in present:
            headers.append((b"content-security-policy", self._policy.for_nonce(known.nonce)))
        headers += [(b"set-cookie", line.encode()) for line in known.new_cookies.values()]
        if known.quota is not None and not _is_page(headers):
            headers += quota_headers(known.quota)
        personal = known.new_cookies or known.principal.kind != "anonymous"
        if personal and b"cache-control" not in present:
            headers.append((b"cache-control", b"private, no-cache"))
        handler = scope.get("route_handler")
        if b"vary" not in present and (handler is None or handler.opt.get("auth", True)):
            headers.append((b"vary", b"Accept, Accept-Language, Authorization, Cookie"))
        if leaving.THIS.closing and scope["http_version"].startswith("1"):
            headers.append((b"connection", b"close"))
        message["headers"] = headers

    async def _refuse(
        self, problem: Problem, scope: HTTPScope, known: state.RequestState, send: Send
    ) -> None:
        body = self._speaker.body(
            problem, lang=known.lang, request_id=known.request_id, instance=scope["path"][:200]
        )
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            # What follows on this connection may be the rest of what was refused.
            (b"connection", b"close"),
            *(
                (name.lower().encode(), value.encode())
                for name, value in translate.extra_headers(problem, problem).items()
            ),
        ]
        await send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _is_page(headers: list[tuple[bytes, bytes]]) -> bool:
    """Pages are read by people, who have no use for a program's figures."""
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers)


def client_ip(scope: Scope, headers: Mapping[str, str], proxies: int) -> str:
    """The reader's address: the socket's, or what the outermost trusted proxy saw.

    Each trusted proxy appends one address to X-Forwarded-For, so the one to believe is counted from the right;
    whatever stands further left was written by the reader.
    """
    client = scope.get("client")
    seen = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
    if proxies and len(seen) >= proxies:
        return seen[-proxies]
    return client[0] if client else ""


def _cookie(header: str, name: str) -> str | None:
    if name not in header:
        return None
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value
