"""The worker: delivers events, fires timers, resumes journeys whose process died, lets the carrier drive.

Any number may run; each claims its own jobs and timers. On SIGTERM it finishes what it holds and leaves.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.core.executors import DatabaseRetryEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from daji.boot import House
from daji.faces import carrying, figures, worker_port
from daji.kit import heap, heartbeats, outbox, readiness, telemetry
from daji.kit.db import DOWN
from daji.kit.db.reading import Reader, reading_as

log = structlog.get_logger(__name__)

TIMER_SECONDS = 1.0
JANITOR_SECONDS = 15.0
CARRIER_SECONDS = 1.0
UPLOAD_SECONDS = 1.0
SETTINGS_SECONDS = 2.0
_BATCH = 10
_MOST_AT_ONCE = 100
"""Deliveries that a worker holds; after an import of thousands the rest wait in the table, not in memory."""


async def work(house: House, *, stop: asyncio.Event | None = None) -> None:
    """Work until SIGTERM, SIGINT or `stop`; health and figures at DAJI_WORK_PORT, when there is one."""
    leaving = stop or asyncio.Event()
    if stop is None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, leaving.set)
    pulse = worker_port.Pulse()
    signs = figures.Figures(house)
    named: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
        "timers": (TIMER_SECONDS, house.fire_timers),
        "runs": (JANITOR_SECONDS, house.resume_runs),
        "carrier": (CARRIER_SECONDS, lambda: house.carrier.advance(house.clock.now())),
        "settings": (SETTINGS_SECONDS, house.refresh),
        "heartbeat": (heartbeats.BEAT_SECONDS, lambda: heartbeats.beat(house.db, "worker")),
        "figures": (figures.ROUND_SECONDS, signs.look),
        "heap": (heap.TIDY_SECONDS, heap.tidy),
    }
    for what in named:
        pulse.watch(what)
    rounds = [
        *(_every(seconds, leaving, _timed(pulse, what, each)) for what, (seconds, each) in named.items()),
        _import(house, leaving),
        _deliver(house, leaving, pulse),
        *(() if house.line is None else (carrying.carry(house, house.line, leaving),)),
    ]
    port = house.settings.work_port
    token = house.settings.metrics_token
    server = (
        await worker_port.serve(pulse, host=house.settings.host, port=port, token=token) if port else None
    )
    heap.settle()
    log.info("worker_ready")
    # What a worker decides by must be what is.
    with reading_as(Reader(own=True)):
        await asyncio.gather(*rounds)
    if server is not None:
        server.close()
    with suppress(*DOWN):
        await heartbeats.leave(house.db)
    log.info("worker_left")


def _timed(
    pulse: worker_port.Pulse, name: str, each: Callable[[], Awaitable[object]]
) -> Callable[[], Awaitable[object]]:
    """Note when a round comes to its end, well or not: what never ends is what a watchdog looks for."""

    async def one() -> None:
        try:
            await each()
        finally:
            pulse.beat(name)

    return one


async def _every(
    seconds: float, leaving: asyncio.Event, round_of_work: Callable[[], Awaitable[object]]
) -> None:
    """Repeat until leaving; a failing round is logged and the next one tries again."""
    while not leaving.is_set():
        try:
            await round_of_work()
        except DOWN:
            log.warning("round_failed", exc_info=True)
        except Exception:
            log.exception("round_failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), seconds)


async def _import(house: House, leaving: asyncio.Event) -> None:
    """Read uploaded files. One may take minutes: leaving breaks it off, and the next worker goes on where it was."""
    working = asyncio.create_task(_every(UPLOAD_SECONDS, leaving, house.work_uploads))
    waiting = asyncio.create_task(leaving.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for task in (working, waiting):
        task.cancel()
    await asyncio.gather(working, waiting, return_exceptions=True)


def make_queue(house: House, connection: asyncpg.Connection[asyncpg.Record]) -> PgQueuer:
    """A queue on its own connection that delivers this house's events, with retries and a parking place."""
    queue = PgQueuer.from_asyncpg_connection(connection)

    async def deliver(job: Job) -> None:
        telemetry.bind_request(f"job-{job.id}")
        try:
            await outbox.deliver(house.db, house.db.listeners, job.payload or b"", now=house.clock.now())
        except BaseException:
            figures.JOBS.labels("again").inc()
            raise
        figures.JOBS.labels("done").inc()

    queue.qm.register_executor(
        outbox.ENTRYPOINT,
        DatabaseRetryEntrypointExecutor(
            parameters=EntrypointExecutorParameters(concurrency_limit=0, func=deliver, on_failure="hold"),
            max_attempts=8,
            initial_delay=timedelta(seconds=1),
        ),
    )
    return queue


async def _deliver(house: House, leaving: asyncio.Event, pulse: worker_port.Pulse) -> None:
    """Run the queue; a lost connection is opened again."""
    while not leaving.is_set():
        try:
            connection = await asyncpg.connect(house.db.direct_url)
        except (OSError, asyncpg.PostgresError):
            log.warning("queue_without_database")
            await asyncio.sleep(1)
            continue
        queue = make_queue(house, connection)
        if not pulse.ready:
            pulse.ready = True
            readiness.say()
        running = asyncio.create_task(
            queue.run(
                dequeue_timeout=timedelta(seconds=5), batch_size=_BATCH, max_concurrent_tasks=_MOST_AT_ONCE
            )
        )
        waiting = asyncio.create_task(leaving.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        pulse.ready = pulse.ready and not leaving.is_set()
        queue.shutdown.set()
        waiting.cancel()
        for outcome in await asyncio.gather(running, waiting, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.warning("queue_stopped", error=repr(outcome))
        with suppress(Exception):
            await connection.close()


async def drain(house: House) -> None:
    """Deliver everything that waits and return; for replays, tests and `daji demo`."""
    connection = await asyncpg.connect(house.db.direct_url)
    try:
        queue = make_queue(house, connection)
        await queue.run(dequeue_timeout=timedelta(seconds=0.2), batch_size=50, mode=QueueExecutionMode.drain)
    finally:
        await connection.close()
