"""Around everything, a 404 too: request id, language, limits of the head, span, histogram, access log, headers out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie

import structlog
from litestar import HttpMethod, Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, HTTPScope, Message, Receive, Scope, Send
from opentelemetry.trace import INVALID_SPAN, Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Histogram

from daji.faces.http import (
    cookies,
    language,
    leaving,
    limits,
    own_writes,
    security_headers,
    state,
    translate,
)
from daji.faces.http.compress import Compressing
from daji.faces.http.crowding import Doors, Visit
from daji.faces.http.kept import Kept
from daji.faces.http.problems import MEDIA_TYPE, Speaker
from daji.faces.http.settings import HttpSettings
from daji.faces.http.throttle import Throttle, quota_headers
from daji.kit import telemetry
from daji.kit.db import Database, on_statement
from daji.kit.db.reading import Reader
from daji.kit.i18n import Catalogue
from daji.kit.problems import Problem

log = structlog.get_logger(__name__)

# Long enough to be somebody's id, and nothing that could break out of a log line or a header.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNMATCHED = "(unmatched)"
_ABORTED = 499
_NOT_MODIFIED = 304
_NO_SPAN = nullcontext(INVALID_SPAN)

_propagator = TraceContextTextMapPropagator()

DURATION = Histogram(
    "daji_http_request_seconds",
    "Time from the first byte of a request to the last of its answer",
    ["method", "route", "status"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
STATEMENTS = Counter("daji_db_statements_total", "Statements sent to the database, BEGIN and COMMIT included")
_unwritten = 0


def _count() -> None:
    """Count in this process: the figure itself lies in a file that all of a machine's processes share, which costs more."""
    global _unwritten  # noqa: PLW0603 - one figure of the process
    _unwritten += 1


on_statement(_count)


def install(
    app: Litestar,
    settings: HttpSettings,
    *,
    db: Database,
    catalogue: Catalogue,
    meter: Throttle,
    kept: Kept,
) -> None:
    """Wrap the application's router; Litestar's own middleware would not see requests that match no route."""
    app.asgi_handler = Outer(app.asgi_handler, settings, db, catalogue, meter, kept)


class Outer:
    """The outermost layer of HTTP."""

    def __init__(
        self,
        app: ASGIApp,
        settings: HttpSettings,
        db: Database,
        catalogue: Catalogue,
        meter: Throttle,
        kept: Kept,
    ) -> None:
        self._app = app
        self._writes = own_writes.OwnWrites(db, settings)
        self._meter = meter
        self._settings = settings
        self._languages = catalogue.languages
        self._speaker = Speaker(catalogue)
        self._security = security_headers.build(settings)
        self._security_of_files = security_headers.for_files(self._security)
        self._policy = security_headers.ContentPolicy(settings)
        self._doors = Doors(settings.crowd, catalogue, kept, db)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._take(scope, receive, send, None)
        elif (visit := self._doors.enter(scope)) is None:
            await self._doors.turn_away(scope, send)
        else:
            try:
                if visit.waits:
                    await visit.turn()
                await self._take(scope, receive, send, visit)
            finally:
                visit.leave()

    async def _take(self, scope: Scope, receive: Receive, send: Send, visit: Visit | None) -> None:
        headers = _read(scope["headers"])
        known = self._begin(scope, headers)
        known.light = visit is not None and visit.light
        telemetry.bind_request(known.request_id)
        try:
            if visit is None or scope["type"] != ScopeType.HTTP:
                await self._app(scope, receive, send)
            else:
                seen = _cookie(headers.get("cookie", ""), cookies.seen_name(self._settings))
                with (
                    self._writes.reading(scope["method"], seen) as reader,
                    _span(scope["method"], headers) as span,
                ):
                    await self._serve(scope, receive, _streaming(send, visit), known, span, reader)
        finally:
            telemetry.unbind_request()

    async def _serve(
        self,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        known: state.RequestState,
        span: Span,
        reader: Reader,
    ) -> None:
        status = _ABORTED
        headers, method = known.headers, scope["method"]
        if method == HttpMethod.HEAD:
            # What GET would say, without its body (RFC 9110, 9.3.2).
            scope["method"] = HttpMethod.GET
            send = _without_body(send)
        send = Compressing(send, headers.get("accept-encoding", ""))

        async def send_out(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await self._writes.note(reader, known)
                self._decorate(scope, message, known)
            await send(message)

        began = time.perf_counter()
        try:
            refused = limits.check_head(scope) or await self._meter.before(scope, known, headers)
            if refused is None:
                await self._app(scope, receive, send_out)
            else:
                await self._refuse(refused, scope, known, send_out)
            await self._meter.after(scope, known, headers, status=status)
        finally:
            _note(scope, known, span, method=method, status=status, seconds=time.perf_counter() - began)

    def _begin(self, scope: Scope, headers: Mapping[str, str]) -> state.RequestState:
        lang, asked = language.choose(
            query_string=scope["query_string"],
            cookie=_cookie(headers.get("cookie", ""), cookies.LANG),
            accept_language=headers.get("accept-language"),
            languages=self._languages,
        )
        known = state.RequestState(
            settings=self._settings,
            request_id=state.request_id(headers.get("x-request-id", "")),
            lang=lang,
            client_ip=client_ip(scope, headers, self._settings.proxies),
            new_cookies={},
            headers=headers,
        )
        if asked:
            cookies.set_lang(known.new_cookies, self._settings, lang)
        state.attach(scope, known)
        return known

    def _decorate(self, scope: HTTPScope, message: HTTPResponseStartEvent, known: state.RequestState) -> None:
        headers = list(message.get("headers", []))
        present = {name.lower(): value for name, value in headers}
        kind = present.get(b"content-type", b"")
        headers.append((b"x-request-id", known.request_id.encode()))
        inert = security_headers.is_inert(kind)
        security = self._security_of_files if inert else self._security
        headers += [one for one in security if one[0] not in present]
        # A page that the reader has already goes on with the policy, and the nonce, that it came with (RFC 9111, 3.2).
        if not inert and b"content-security-policy" not in present and message["status"] != _NOT_MODIFIED:
            data = security_headers.is_data(kind)
            policy = security_headers.DATA_POLICY if data else self._policy.for_nonce(known.nonce)
            headers.append((b"content-security-policy", policy))
        headers += [(b"set-cookie", line.encode()) for line in known.new_cookies.values()]
        # Pages are read by people, who have no use for a program's figures.
        if known.quota is not None and not kind.startswith(b"text/html"):
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


def _read(given: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw, value in given:
        name = raw.decode("latin-1").lower()
        before = headers.get(name) if name == "cookie" else None
        # The one header that comes in pieces (RFC 9113, 8.2.3).
        headers[name] = value.decode("latin-1") if before is None else f"{before}; {value.decode('latin-1')}"
    return headers


def _streaming(send: Send, visit: Visit) -> Send:
    """A stream of news that has begun waits more than it works: it is in nobody's way."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start" and any(
            value.startswith(b"text/event-stream")
            for name, value in message["headers"]
            if name == b"content-type"
        ):
            visit.leave()
        await send(message)

    return send_on


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            if message.get("more_body"):
                return
            message["body"] = b""
        await send(message)

    return send_head


def _span(method: str, headers: Mapping[str, str]) -> AbstractContextManager[Span]:
    """A span, where spans go anywhere or somebody before us has begun a trace."""
    if not telemetry.is_tracing() and "traceparent" not in headers:
        return _NO_SPAN
    return telemetry.tracer.start_as_current_span(
        method, context=_propagator.extract(headers), kind=SpanKind.SERVER
    )


def _note(
    scope: HTTPScope, known: state.RequestState, span: Span, *, method: str, status: int, seconds: float
) -> None:
    """Figures, trace and access log of a request that has been answered."""
    global _unwritten  # noqa: PLW0603 - as above
    if _unwritten:
        STATEMENTS.inc(_unwritten)
        _unwritten = 0
    route = scope.get("path_template") or _UNMATCHED
    shown = method if method in _METHODS else "OTHER"
    _timer(shown, route, status).observe(seconds)
    if span.is_recording():
        span.update_name(f"{shown} {route}")
        span.set_attributes(
            {"http.request.method": shown, "http.route": route, "http.response.status_code": status}
        )
    log.info(
        "request",
        method=shown,
        path=scope["path"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        who=known.principal.kind,
        kept=known.kept,
    )


@lru_cache(maxsize=4096)
def _timer(method: str, route: str, status: int) -> Histogram:
    return DURATION.labels(method, route, str(status))


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
