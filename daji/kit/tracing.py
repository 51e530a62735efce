"""The life of a thing as one trace: every fact told of it is a span in the trace that bears the thing's own id.

A request has its own trace, which the outbox and calls to the outside carry on. An order's life takes weeks and many
requests, of buyers, staff, gateways, carriers and workers. So each fact also becomes a span of a second trace whose id
is the id of the fact's subject (both have 128 bits): whoever knows the order finds its life, without a look-up. The
two are linked both ways (OpenTelemetry, "Links between spans").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from datetime import datetime
from uuid import UUID

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from daji.kit import events, telemetry

_NOBODY: Mapping[UUID, Context] = {}
_propagator = TraceContextTextMapPropagator()
_SPAN_BITS = (1 << 64) - 1


def is_on() -> bool:
    """Whether spans go anywhere; where they do not, none needs to be made."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def life(subject: UUID) -> trace.SpanContext:
    """The place that all spans of a subject's life hang from; nobody ever writes a span there."""
    return trace.SpanContext(
        trace_id=subject.int,
        span_id=(subject.int & _SPAN_BITS) or 1,
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )


def tell(
    facts: Iterable[tuple[UUID, UUID, events.Event, datetime]], asked: Mapping[UUID, Context] = _NOBODY
) -> None:
    """Leave a span for each fact that was committed: (event id, subject, event, occurred at).

    It is linked with the request in hand, or with the one that `asked` for what happened to this subject.
    """
    if not is_on():
        return
    for event_id, subject, event, at in facts:
        context = asked.get(subject)
        here = trace.get_current_span() if context is None else context.run(trace.get_current_span)
        links = [trace.Link(here.get_span_context())] if here.get_span_context().is_valid else []
        parent = trace.set_span_in_context(trace.NonRecordingSpan(life(subject)), contexts.Context())
        span = telemetry.tracer.start_span(
            event.topic,
            context=parent,
            kind=trace.SpanKind.PRODUCER,
            links=links,
            attributes={
                "daji.event.id": str(event_id),
                "daji.subject": str(subject),
                "daji.occurred_at": at.isoformat(),
            },
        )
        span.end()
        here.add_link(span.get_span_context())


@contextmanager
def hearing(carried: str | None, *, topic: str, listener: str) -> Iterator[None]:
    """Go on in the trace that an outbox row carries, for as long as a listener works."""
    if not is_on():
        yield
        return
    parent = _propagator.extract({"traceparent": carried} if carried else {}, contexts.Context())
    with telemetry.tracer.start_as_current_span(
        f"{listener} hears {topic}", context=parent, kind=trace.SpanKind.CONSUMER
    ):
        yield


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Measure a call to the outside."""
    if not is_on():
        yield
        return
    with telemetry.tracer.start_as_current_span(what, kind=trace.SpanKind.CLIENT):
        yield


def carried() -> Mapping[str, str]:
    """Name the trace that a call to the outside belongs to (W3C Trace Context); `also` of every `outbound.Wire`."""
    parent = telemetry.trace_parent()
    return {} if parent is None else {"traceparent": parent}
