"""Budgets that all nodes of an installation count together, in Redis or Valkey.

The same algorithm as `budget` (GCRA) as one script on the server, which also brings the clock, so that nodes whose clocks
differ agree. While the server is away each process counts by itself again: limits become coarser, nobody waits for them, and
the server is asked again every few seconds (U-04).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import NamedTuple

import structlog
from prometheus_client import Gauge
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from daji.faces.http.budget import Limit, MemoryStore, Verdict

log = structlog.get_logger(__name__)

PREFIX = "daji:budget:"
TIMEOUT_SECONDS = 0.25
AWAY_SECONDS = 3.0
"""How long a server that did not answer is left alone."""

# KEYS[1] a key; ARGV rate, burst, cost. Times are seconds as text: a number would lose its fraction on the way out.
_SCRIPT = """
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local span = burst / rate
local whole = tonumber(redis.call('GET', KEYS[1]) or now)
whole = math.min(math.max(whole, now), now + span)
local after = whole + cost / rate
local taken = 0
if after - now <= span + 1e-9 then
  taken = 1
  whole = after
  if whole > now then
    redis.call('SET', KEYS[1], string.format('%.6f', whole), 'PX', math.max(1, math.ceil((whole - now) * 1000)))
  end
end
return {taken, string.format('%.6f', whole - now), string.format('%.6f', after - now - span)}
"""

_DIGEST = sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

SHARED = Gauge(
    "daji_budget_shared", "Whether budgets are counted together with other nodes", multiprocess_mode="min"
)


class _Asked(NamedTuple):
    key: str
    rate: float
    burst: int
    cost: float
    answer: asyncio.Future[tuple[int, float, float]]


class SharedStore:
    """`budget.Store` on a server; `close` at the end of the process.

    What is asked while an answer is on its way is asked together next, over one connection.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        self._own = MemoryStore()
        self._clock = clock
        self._away_until = float("-inf")
        self._waiting: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None

    async def charge(self, key: str, limit: Limit, cost: float, *, now: float) -> Verdict:
        """See `budget.Store.charge`; the server's clock counts, `now` only while it is away."""
        if self._clock() < self._away_until:
            return await self._own.charge(key, limit, cost, now=now)
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(f"{PREFIX}{limit.name}:{key}", limit.rate, limit.burst, cost, answer))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        try:
            taken, reset, lacking = await answer
        except (RedisError, OSError):
            return await self._own.charge(key, limit, cost, now=now)
        return Verdict(
            limit=limit,
            taken=bool(taken),
            left=max(0, math.floor((limit.seconds - reset) * limit.rate + 1e-6)),
            wait=0.0 if taken else min(lacking, limit.seconds),
            reset=reset,
        )

    async def close(self) -> None:
        if self._asking is not None:
            await self._asking
        await self._redis.aclose()

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._ask(asked)
        finally:
            self._asking = None

    async def _ask(self, asked: Sequence[_Asked]) -> None:
        try:
            async with self._redis.pipeline(transaction=False) as line:
                for number, one in enumerate(asked):
                    # The first brings the script along; the server knows it by its digest from then on.
                    known, script = (line.evalsha, _DIGEST) if number else (line.eval, _SCRIPT)
                    known(script, 1, one.key, one.rate, one.burst, one.cost)
                answers = await line.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = self._clock() + AWAY_SECONDS
            SHARED.set(0)
            log.warning("shared_budgets_away", error=repr(error))
            for one in asked:
                if not one.answer.done():
                    one.answer.set_exception(ConnectionError("the server is away"))
            return
        SHARED.set(1)
        for one, (taken, reset, lacking) in zip(asked, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result((taken, float(reset), float(lacking)))
