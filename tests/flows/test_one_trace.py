"""One trace is one order's life: from placing to the door, over requests, workers and calls to the outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from daji.kit import outbound, outbox, telemetry, tracing
from daji.kit.db import Database, Tx
from daji.trade.orders.events import OrderPlaced
from tests.makers.listening import listening, said
from tests.makers.world import START as NOW
from tests.makers.world import World


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Spans of this test alone, kept in memory."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    yield kept
    provider.shutdown()


def named(kept: InMemorySpanExporter, trace_id: int) -> list[str]:
    return [span.name for span in kept.get_finished_spans() if span.context.trace_id == trace_id]


async def test_placing_paying_and_shipping_are_in_the_order_s_own_trace(
    db: Database, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    world = World(db, tmp_path)
    await world.open_shop()
    sku = await world.sku(stock=3)
    with telemetry.tracer.start_as_current_span("POST /store/v1/orders") as asked:
        placed = await world.place({sku: 1})
    await world.pay(placed.trade_id)
    trade = await world.trade(placed.trade_id)
    await world.deliver(trade.orders[0].id)
    life = named(spans, placed.trade_id.int)
    assert life[0] == "orders.order_placed"
    assert "orders.order_confirmed" in life
    assert life.count("orders.delivery_moved") >= 2
    first = next(span for span in spans.get_finished_spans() if span.name == "orders.order_placed")
    assert [link.context.trace_id for link in first.links] == [asked.get_span_context().trace_id]
    request = next(span for span in spans.get_finished_spans() if span.name == "POST /store/v1/orders")
    assert placed.trade_id.int in {link.context.trace_id for link in request.links}
    assert outside(spans.get_finished_spans()) >= {"start_payment", "ship_order"}
    await world.check()
    await world.close()


def outside(finished: tuple[ReadableSpan, ...]) -> set[str]:
    """Flows that called the outside, by the spans of their calls."""
    return {span.name.split(" ")[0] for span in finished if span.kind is trace.SpanKind.CLIENT}


async def test_a_listener_goes_on_in_the_trace_that_told_it(
    db: Database, spans: InMemorySpanExporter
) -> None:
    listeners = outbox.Listeners()
    seen: list[int] = []

    async def react(tx: Tx, event: OrderPlaced, heard: outbox.Heard) -> None:
        seen.append(trace.get_current_span().get_span_context().trace_id)

    listeners.on(OrderPlaced, "test.react", react)
    db.listeners = listeners
    trade = uuid4()
    with telemetry.tracer.start_as_current_span("request") as asked:
        async with db.transaction() as tx:
            tx.emit(fact(trade), subject=trade, at=NOW)
    async with db.read() as session:
        job = await session.value("SELECT payload FROM pgqueuer WHERE entrypoint = 'outbox.deliver'")
    await outbox.deliver(db, listeners, job, now=NOW)
    assert seen == [asked.get_span_context().trace_id]


async def test_what_was_rolled_back_is_not_told(db: Database, spans: InMemorySpanExporter) -> None:
    trade = uuid4()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is the transaction
        async with db.transaction() as tx:
            tx.emit(fact(trade), subject=trade, at=NOW)
            raise ZeroDivisionError
    assert named(spans, trade.int) == []


async def test_a_call_to_the_outside_carries_the_trace(spans: InMemorySpanExporter) -> None:
    wire = outbound.Wire(also=tracing.carried)
    async with listening([said()]) as server:
        with tracing.calling("ship_order book"):
            here = trace.get_current_span().get_span_context()
            await wire.ask("GET", f"{server.url}/", headers={}, body=b"", seconds=5)
        await wire.aclose()
    assert f"\r\ntraceparent: 00-{here.trace_id:032x}-{here.span_id:016x}-" in server.heard[0].decode()


def fact(trade: UUID) -> OrderPlaced:
    return OrderPlaced(
        trade_id=trade,
        order_ids=(),
        shopper_id=None,
        channel="web",
        currency="CNY",
        total=1,
        placed_at=NOW,
    )
