"""What just happened, from the outbox: events by number, newer than one that is known. One statement each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from daji.kit.db import Session

SQL_NEWS = """
SELECT seq, topic, occurred_at, payload FROM kit.outbox
 WHERE seq > $1 AND split_part(topic, '.', 1) = ANY($2::text[]) ORDER BY seq LIMIT $3
"""
SQL_NEWEST = "SELECT coalesce(max(seq), 0) FROM kit.outbox"

MOST = 500


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event: its number in the outbox, its topic such as `orders.order_placed`, and what it tells."""

    seq: int
    topic: str
    at: datetime
    payload: dict[str, Any]


async def newest(session: Session) -> int:
    """Number of the last event; 0 when there is none."""
    return int(await session.value(SQL_NEWEST))


async def list_news(session: Session, *, after: int, rooms: Sequence[str]) -> tuple[Happened, ...]:
    """At most `MOST` events of these rooms that are newer than `after`, oldest first."""
    rows = await session.rows(SQL_NEWS, after, list(rooms), MOST)
    return tuple(
        Happened(seq=row["seq"], topic=row["topic"], at=row["occurred_at"], payload=row["payload"])
        for row in rows
    )
