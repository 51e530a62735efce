"""The line before a sale: lanes of processes, and the passes of those who were called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from daji.grow.flash.facts import IssuedPass, LaneReport, LaneView, PassView, Ticket
from daji.kit import ids
from daji.kit.db import Row, Tx

SQL_TELL = """
INSERT INTO flash.lane AS l (id, sale_id, worker, late, issued, called, busy, expected, beat_at)
SELECT t.id, $1, $2, t.late, t.issued, t.called, t.busy, t.expected::bigint[], $9
  FROM unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::bool[], $8::text[])
       AS t(id, issued, called, busy, late, expected)
ON CONFLICT (id) DO UPDATE
   SET issued = greatest(l.issued, excluded.issued), called = greatest(l.called, excluded.called),
       busy = excluded.busy, expected = excluded.expected, beat_at = excluded.beat_at
 WHERE l.worker = excluded.worker
"""
SQL_SEEN = """
UPDATE flash.lane l SET issued = greatest(l.issued, s.issued)
  FROM unnest($2::uuid[], $3::bigint[]) AS s(id, issued)
 WHERE l.sale_id = $1 AND l.id = s.id AND l.issued < s.issued
"""
SQL_ADOPT = """
UPDATE flash.lane SET worker = $2, beat_at = $3
 WHERE sale_id = $1 AND worker <> $2 AND beat_at < $4 AND issued > called
"""
SQL_LANES = """
SELECT l.id, l.worker, l.late, l.issued, l.called, l.units, l.expected, l.beat_at,
       (SELECT count(*) FROM flash.admission a
         WHERE a.lane_id = l.id AND a.trade_id IS NULL AND a.expires_at > $2)::int AS living
  FROM flash.lane l WHERE l.sale_id = $1 ORDER BY l.id
"""
SQL_SHARE_OUT = """
UPDATE flash.lane l SET units = u.units FROM unnest($1::uuid[], $2::int[]) AS u(id, units)
 WHERE l.id = u.id AND l.units <> u.units
"""
SQL_PASSES = """
SELECT lane_id, place, expires_at, trade_id IS NOT NULL AS spent
  FROM flash.admission WHERE lane_id = ANY($1::uuid[]) AND expires_at > $2
"""
# One living pass for a buyer. A spent or late one makes room for a new one, while there is room before the till.
SQL_ADMIT = """
INSERT INTO flash.admission AS a (id, sale_id, buyer, lane_id, place, issued_at, expires_at)
SELECT $1, $2, $3, $4, $5, $6, $7
 WHERE (SELECT count(*) FROM flash.admission o
         WHERE o.sale_id = $2 AND o.trade_id IS NULL AND o.expires_at > $6 AND o.buyer <> $3) < $8
ON CONFLICT (sale_id, buyer) DO UPDATE
   SET id = excluded.id, lane_id = excluded.lane_id, place = excluded.place, issued_at = excluded.issued_at,
       expires_at = excluded.expires_at, trade_id = NULL
 WHERE (a.trade_id IS NOT NULL OR a.expires_at <= $6) AND (a.lane_id, a.place) <> (excluded.lane_id, excluded.place)
RETURNING a.id, a.expires_at
"""
SQL_KNOWN = """
SELECT id, expires_at, lane_id, place, trade_id IS NOT NULL AS spent FROM flash.admission
 WHERE sale_id = $1 AND buyer = $2
"""
SQL_HOPE = """
SELECT EXISTS (SELECT FROM flash.claim WHERE sale_id = $1 AND status = 'held' AND claimed_at > $2)
"""
SQL_HAD = "SELECT taken FROM flash.buyer WHERE sale_id = $1 AND buyer_key = $2"

Used = Literal["spent", "late"]


async def tell(tx: Tx, *, sale_id: UUID, worker: str, reports: Sequence[LaneReport], now: datetime) -> None:
    """Write what a process did in its lanes; a lane that somebody else took over is left to them."""
    await tx.execute(
        SQL_TELL,
        sale_id,
        worker,
        [one.id for one in reports],
        [one.issued for one in reports],
        [one.called for one in reports],
        [one.busy for one in reports],
        [one.late for one in reports],
        ["{" + ",".join(str(place) for place in one.expected) + "}" for one in reports],
        now,
    )


async def note_seen(tx: Tx, *, sale_id: UUID, seen: Mapping[UUID, int]) -> None:
    """Remember places that a lane gave out and did not tell, because its process died."""
    if seen:
        await tx.execute(SQL_SEEN, sale_id, list(seen), list(seen.values()))


async def adopt(tx: Tx, *, sale_id: UUID, worker: str, silent_since: datetime, now: datetime) -> int:
    return await tx.execute(SQL_ADOPT, sale_id, worker, now, silent_since)


async def lanes(tx: Tx, *, sale_id: UUID, now: datetime) -> list[Row]:
    """Rows of all lanes; `living` counts passes that are neither spent nor late."""
    return await tx.rows(SQL_LANES, sale_id, now)


async def share_out(tx: Tx, units: Mapping[UUID, int]) -> None:
    await tx.execute(SQL_SHARE_OUT, list(units), list(units.values()))


async def passes(tx: Tx, *, lane_ids: Sequence[UUID], now: datetime) -> tuple[PassView, ...]:
    rows = await tx.rows(SQL_PASSES, list(lane_ids), now)
    return tuple(PassView(**dict(row)) for row in rows)


async def admit(
    tx: Tx, *, ticket: Ticket, now: datetime, expires_at: datetime, room: int
) -> IssuedPass | Used | None:
    """The pass of a called buyer: the living one, or a new one while fewer than `room` others are before the till.

    A ticket gives one pass; `spent` and `late` say what became of it.
    """
    made = await tx.row(
        SQL_ADMIT,
        ids.new_id(),
        ticket.sale_id,
        ticket.buyer,
        ticket.lane_id,
        ticket.place,
        now,
        expires_at,
        room,
    )
    if made is not None:
        return IssuedPass(id=made["id"], expires_at=made["expires_at"])
    row = await tx.row(SQL_KNOWN, ticket.sale_id, ticket.buyer)
    if row is None:
        return None
    if not row["spent"] and row["expires_at"] > now:
        return IssuedPass(id=row["id"], expires_at=row["expires_at"])
    if (row["lane_id"], row["place"]) == (ticket.lane_id, ticket.place):
        return "spent" if row["spent"] else "late"
    return None


async def hope(tx: Tx, *, sale_id: UUID, since: datetime) -> bool:
    """Whether an order younger than this may still give its pieces back."""
    found: bool = await tx.value(SQL_HOPE, sale_id, since)
    return found


async def had(tx: Tx, *, sale_id: UUID, buyer: str) -> int:
    """Pieces in this buyer's orders."""
    found: int | None = await tx.value(SQL_HAD, sale_id, buyer)
    return found or 0


def view(row: Row, units: int | None = None) -> LaneView:
    return LaneView(
        id=row["id"],
        worker=row["worker"],
        late=row["late"],
        issued=row["issued"],
        called=row["called"],
        units=row["units"] if units is None else units,
        expected=frozenset(row["expected"]),
    )
