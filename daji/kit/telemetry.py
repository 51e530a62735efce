"""Logs, traces and metrics: structlog lines with request and trace ids, OpenTelemetry spans, Prometheus counters.

Traces leave the process only when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; without it spans cost next to nothing.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO, cast

import msgspec
import structlog
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from prometheus_client import Counter

_request_id: ContextVar[str | None] = ContextVar("daji_request_id", default=None)
_propagator = TraceContextTextMapPropagator()

tracer = trace.get_tracer("daji")


@lru_cache(maxsize=1)
def lost() -> Counter:
    """Count of lines that could not be written.

    The library decides when it is imported whether the workers of a master share their figures, which the master has
    not said yet when it imports this.
    """
    from prometheus_client import Counter  # noqa: PLC0415 - see above

    return Counter("daji_log_lines_lost_total", "Lines of the log that could not be written")


def request_id() -> str | None:
    """Id of the request or job this context works for."""
    return _request_id.get()


def bind_request(identifier: str) -> None:
    _request_id.set(identifier)


def unbind_request() -> None:
    _request_id.set(None)


def is_tracing() -> bool:
    """Whether spans go anywhere; where they do not, none needs to be made."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def trace_parent() -> str | None:
    """W3C `traceparent` of the current span, to be stored beside an event."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


class Unfailing:
    """A stream whose writing never fails: a full disk costs lines of the log, not answers."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            lost().inc()
            return 0

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


def configure(
    *, service: str, level: str = "INFO", json_lines: bool | None = None, counted: bool = True
) -> None:
    """Set up logging (JSON lines unless a person watches) and, when an endpoint is set, trace export.

    A process whose figures nobody asks for is not `counted`, and saves the library for them.
    """
    as_json = not sys.stderr.isatty() if json_lines is None else json_lines
    if counted:
        lost()
    out = cast("TextIO", Unfailing(sys.stderr))
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace_id,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=_write_json)
        if as_json
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=level.upper(), stream=out, format="%(levelname)s %(name)s %(message)s", force=True
    )
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        # 60 ms and a few megabytes that nobody else needs.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)


def _add_request_id(_logger: object, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    identifier = _request_id.get()
    if identifier is not None:
        line.setdefault("request_id", identifier)
    return line


def _write_json(line: dict[str, Any], **_: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _add_trace_id(_logger: object, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = format(context.trace_id, "032x")
    return line
