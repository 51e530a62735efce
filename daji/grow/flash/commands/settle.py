"""One round of a process with the database: tell what was called, learn what may be called next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from daji.grow.flash import rules
from daji.grow.flash.commands.moving import load, tell
from daji.grow.flash.errors import SaleUnknown
from daji.grow.flash.facts import LaneReport, Sale, Settled
from daji.grow.flash.states import SALE
from daji.grow.flash.store import line, sales
from daji.kit.db import Row, Tx


async def settle(
    tx: Tx,
    *,
    sale_id: UUID,
    worker: str,
    reports: Sequence[LaneReport],
    seen: Mapping[UUID, int],
    now: datetime,
) -> Settled:
    """Write down this process's lanes, move the sale where time and orders brought it, and share out the room.

    Rounds take turns at the sale's row; orders do not wait for them.

    Raises
    ------
    SaleUnknown
    """
    if not await sales.lock_round(tx, sale_id):
        raise SaleUnknown
    sale = await _moved(tx, await load(tx, sale_id), now=now)
    await line.tell(tx, sale_id=sale_id, worker=worker, reports=reports, now=now)
    await line.note_seen(tx, sale_id=sale_id, seen=seen)
    silent_since = now - timedelta(seconds=rules.DEAD_SECONDS)
    await line.adopt(tx, sale_id=sale_id, worker=worker, silent_since=silent_since, now=now)
    rows = await line.lanes(tx, sale_id=sale_id, now=now)
    units = _shared(sale, rows, worker, reports, silent_since=silent_since, now=now)
    await line.share_out(tx, units)
    return Settled(
        sale=sale,
        hope=await line.hope(
            tx, sale_id=sale_id, since=now - timedelta(minutes=sale.pay_minutes) - rules.GRACE
        ),
        lanes=tuple(line.view(row, units.get(row["id"])) for row in rows),
        passes=await line.passes(tx, lane_ids=list(units), now=now),
        at=now,
    )


async def _moved(tx: Tx, sale: Sale, *, now: datetime) -> Sale:
    verb = rules.move_verb(sale.status, rules.phase(sale, now))
    if verb is None:
        return sale
    target = SALE.after(sale.status, verb)
    if await sales.move(tx, sale_id=sale.id, sources=SALE.sources(verb), target=target, now=now):
        tell(tx, sale_id=sale.id, was=sale.status, status=target, now=now)
    return await load(tx, sale.id)


def _shared(
    sale: Sale,
    rows: Sequence[Row],
    worker: str,
    reports: Sequence[LaneReport],
    *,
    silent_since: datetime,
    now: datetime,
) -> dict[UUID, int]:
    told = {one.id: one for one in reports}
    mine = [
        told.get(row["id"])
        or LaneReport(
            id=row["id"],
            late=row["late"],
            issued=row["issued"],
            called=row["called"],
            busy=row["living"],
        )
        for row in rows
        if row["worker"] == worker
    ]
    others = [
        # Of a silent process nothing is left but the passes that it gave out.
        (line.view(row), row["living"] if row["beat_at"] < silent_since else row["units"])
        for row in rows
        if row["worker"] != worker
    ]
    return rules.shares(rules.room(sale, now), mine, others)


async def advance(tx: Tx, *, sale_id: UUID, now: datetime) -> Sale:
    """Move the sale where time and orders brought it; for the timer of its opening. Raises SaleUnknown."""
    if not await sales.lock_round(tx, sale_id):
        raise SaleUnknown
    return await _moved(tx, await load(tx, sale_id), now=now)
