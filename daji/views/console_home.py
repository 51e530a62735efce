"""The first screen of the console: what waits for whom. One statement."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from daji.kit.db import Session
from daji.kit.i18n import DEFAULT_ZONE

SQL_HOME = """
SELECT (SELECT count(*) FROM orders.trade WHERE placed_at >= $1) AS placed_today,
       (SELECT count(*) FROM orders.trade WHERE placed_at >= $1 AND status IN ('confirmed', 'completed')) AS paid_today,
       (SELECT count(*) FROM orders.trade WHERE status = 'placed') AS unpaid,
       (SELECT count(*) FROM warehouse.pick_list WHERE status = 'released') AS to_pick,
       (SELECT count(*) FROM warehouse.pick_list WHERE status IN ('picking', 'picked')) AS in_work,
       (SELECT count(*) FROM warehouse.pick_list WHERE status = 'short') AS short,
       (SELECT count(*) FROM warehouse.pick_list WHERE status = 'packed') AS to_hand_over,
       (SELECT count(*) FROM orders."order" WHERE promised_by < $2 AND delivery IN ('released', 'picking', 'packed'))
           AS late_here,
       (SELECT count(*) FROM orders."order" WHERE promised_by < $2 AND delivery = 'shipped') AS late_on_the_way,
       (SELECT count(*) FROM aftersales.cases WHERE status = 'requested') AS returns_to_decide,
       (SELECT count(*) FROM aftersales.cases WHERE status = 'approved') AS returns_to_receive,
       (SELECT count(*) FROM aftersales.cases WHERE status = 'refunding') AS refunding,
       (SELECT count(*) FROM payments.refund WHERE status = 'failed') AS refunds_failed,
       (SELECT count(*) FROM payments.tender WHERE status = 'unknown') AS tenders_unknown,
       (SELECT count(*) FROM payments.notice WHERE outcome = 'unknown_payment') AS notices_unknown,
       (SELECT count(*) FROM pgqueuer WHERE entrypoint = 'outbox.deliver' AND status IN ('queued', 'picked'))
           AS events_waiting,
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created)), 0)::bigint FROM pgqueuer
         WHERE entrypoint = 'outbox.deliver' AND status IN ('queued', 'picked')) AS event_lag_s,
       (SELECT count(*) FROM pgqueuer WHERE status = 'failed') AS events_parked
"""
SQL_MONEY_TODAY = """
SELECT currency, count(*) AS orders, sum(total + difference)::bigint AS due FROM orders.trade
 WHERE placed_at >= $1 AND status IN ('confirmed', 'completed') GROUP BY currency ORDER BY due DESC LIMIT 5
"""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Paid orders of today in one currency; `due` in its minor units."""

    currency: str
    orders: int
    due: int


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of what waits. `event_lag_s` is the age of the oldest undelivered event, in seconds."""

    placed_today: int
    paid_today: int
    unpaid: int
    to_pick: int
    in_work: int
    short: int
    to_hand_over: int
    late_here: int
    late_on_the_way: int
    returns_to_decide: int
    returns_to_receive: int
    refunding: int
    refunds_failed: int
    tenders_unknown: int
    notices_unknown: int
    events_waiting: int
    event_lag_s: int
    events_parked: int
    taken: tuple[Taken, ...]


def day_start(now: datetime) -> datetime:
    """Midnight where the shop is."""
    return now.astimezone(ZoneInfo(DEFAULT_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)


async def get_home(session: Session, *, since: datetime, at: datetime) -> Home:
    """`since` is where the day began for the reader. Two statements."""
    row = await session.row(SQL_HOME, since, at)
    if row is None:
        raise AssertionError("a select without FROM has a row")
    taken = await session.rows(SQL_MONEY_TODAY, since)
    return Home(**dict(row), taken=tuple(Taken(**dict(one)) for one in taken))
