"""The worker's hand that sends the outbox to satellites, where a line is connected (`DAJI_NATS_URL`).

Every worker has it, one sends. A line that is away is asked again ever more slowly; nothing else waits for it, and what
was told meanwhile is sent when it is back.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import structlog

from daji.boot import House
from daji.kit import heartbeats
from daji.kit.carriage import Carrier, Line, LineAway
from daji.kit.carriage.carrier import LEASE_SECONDS, MOST
from daji.kit.db import DOWN

log = structlog.get_logger(__name__)

STEP_SECONDS = 0.1
"""How long an event waits at most when nothing else does."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


async def carry(house: House, line: Line, leaving: asyncio.Event) -> None:
    """Send until leaving."""
    carrier = Carrier(house.db, line, holder=heartbeats.this_process())
    away = FIRST_PAUSE
    while not leaving.is_set():
        try:
            sent = await carrier.step()
            away = FIRST_PAUSE
            pause = STEP_SECONDS if sent is not None else LEASE_SECONDS / 4
            pause = 0.0 if sent == MOST else pause
        except LineAway as error:
            log.warning("carrier_without_line", error=str(error), again_s=away)
            pause, away = away * (0.5 + random.random()), min(2 * away, LONGEST_PAUSE)  # noqa: S311 - jitter
        except DOWN:
            log.warning("carrier_without_database", exc_info=True)
            pause = 1.0
        except Exception:
            # Whatever is wrong with carrying must not end what else the worker does.
            log.exception("carrier_failed")
            pause = LONGEST_PAUSE
        with suppress(TimeoutError):
            await asyncio.wait_for(leaving.wait(), pause)
    with suppress(*DOWN):
        await carrier.leave()
