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
from daji.kit import heartbeats, outbox, readiness, telemetry

log = structlog.get_logger(__name__)

TIMER_SECONDS = 1.0
JANITOR_SECONDS = 15.0
CARRIER_SECONDS = 1.0
UPLOAD_SECONDS = 1.0
SETTINGS_SECONDS = 2.0


async def work(house: House, *, stop: asyncio.Event | None = None) -> None:
    """Work until SIGTERM, SIGINT or `stop`."""
    leaving = stop or asyncio.Event()
    if stop is None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, leaving.set)
    rounds = [
        _every(TIMER_SECONDS, leaving, house.fire_timers),
        _every(JANITOR_SECONDS, leaving, house.resume_runs),
        _every(CARRIER_SECONDS, leaving, lambda: house.carrier.advance(house.clock.now())),
        _every(SETTINGS_SECONDS, leaving, house.refresh),
        _every(heartbeats.BEAT_SECONDS, leaving, lambda: heartbeats.beat(house.db, "worker")),
        _import(house, leaving),
        _deliver(house, leaving),
    ]
    log.info("worker_ready")
    readiness.say()
    await asyncio.gather(*rounds)
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await heartbeats.leave(house.db)
    log.info("worker_left")


async def _every(
    seconds: float, leaving: asyncio.Event, round_of_work: Callable[[], Awaitable[object]]
) -> None:
    """Repeat until leaving; a failing round is logged and the next one tries again."""
    while not leaving.is_set():
        try:
            await round_of_work()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
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
        await outbox.deliver(house.db, house.db.listeners, job.payload or b"", now=house.clock.now())

    queue.qm.register_executor(
        outbox.ENTRYPOINT,
        DatabaseRetryEntrypointExecutor(
            parameters=EntrypointExecutorParameters(concurrency_limit=0, func=deliver, on_failure="hold"),
            max_attempts=8,
            initial_delay=timedelta(seconds=1),
        ),
    )
    return queue


async def _deliver(house: House, leaving: asyncio.Event) -> None:
    """Run the queue; a lost connection is opened again."""
    while not leaving.is_set():
        try:
            connection = await asyncpg.connect(house.db.url)
        except (OSError, asyncpg.PostgresError):
            log.warning("queue_without_database")
            await asyncio.sleep(1)
            continue
        queue = make_queue(house, connection)
        running = asyncio.create_task(queue.run(dequeue_timeout=timedelta(seconds=5), batch_size=10))
        waiting = asyncio.create_task(leaving.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        waiting.cancel()
        for outcome in await asyncio.gather(running, waiting, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.warning("queue_stopped", error=repr(outcome))
        with suppress(Exception):
            await connection.close()


async def drain(house: House) -> None:
    """Deliver everything that waits and return; for replays, tests and `daji demo`."""
    connection = await asyncpg.connect(house.db.url)
    try:
        queue = make_queue(house, connection)
        await queue.run(dequeue_timeout=timedelta(seconds=0.2), batch_size=50, mode=QueueExecutionMode.drain)
    finally:
        await connection.close()
