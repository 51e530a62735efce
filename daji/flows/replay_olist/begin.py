"""One database holds one replay: of the whole source or of one slice, since steps of two would interleave."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from daji.flows.context import Context
from daji.flows.replay_olist.importing import SCOPE
from daji.flows.replay_olist.source import Source
from daji.kit import runs
from daji.kit.db import Tx
from daji.kit.problems import KeyReused


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be replayed, by the numbers of its orders."""

    orders: int
    digest: str


class OtherReplay(Exception):
    """The database holds the replay of another slice or source."""


async def begin(ctx: Context, source: Source, *, now: datetime) -> None:
    """Say what this database's replay is of; the same again changes nothing. Raises OtherReplay."""
    digest = hashlib.sha256("\n".join(order.id for order in source.orders).encode()).hexdigest()
    given = Begin(orders=len(source.orders), digest=digest)
    try:
        await runs.start(ctx.db, FLOW, ctx, given, scope=SCOPE, key="begin:whole:0", now=now)
    except KeyReused as reused:
        raise OtherReplay from reused


async def _begin(run: runs.Run, _ctx: Context, given: Begin) -> Begin:
    async def work(_tx: Tx) -> Begin:
        return given

    return await run.local("begin", Begin, work, final=True)


FLOW = runs.Flow(name="replay_begin", takes=Begin, gives=Begin, body=_begin)
