"""The satellite's side: hear a line for as long as the process lives, whatever becomes of the line."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing

import structlog

from daji.kit.carriage.ports import Carried, Line, LineAway

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


async def attend(line: Line, take: Callable[[Carried], None], *, standing: Callable[[], int]) -> None:
    """Give `take` what the line tells after `standing()`, until cancelled; after a break it is asked where to go on.

    An event may come twice, and after `LineAway` the line may have lost some: `Carried.after` says so.
    """
    pause = FIRST_PAUSE
    away = False
    while True:
        try:
            async with aclosing(line.hear(standing())) as hearing:
                async for told in hearing:
                    if away:
                        log.info("line_back")
                    away, pause = False, FIRST_PAUSE
                    take(told)
        except LineAway as error:
            if not away:
                log.warning("line_away", error=str(error))
            away = True
        await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - so that not all come back at once
        pause = min(pause * 2, LONGEST_PAUSE)
