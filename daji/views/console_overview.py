"""The overview of the console: today so far against the same hours of earlier days, and how hours and days went.

Each figure is defined once, here; the console shows the same words as its explanation.

- orders: trades placed in the period, on every channel
- gmv: what paid trades placed in the period have to pay, differences included
- conversion: share of the trades placed in the period that are paid by now
- units: pieces in paid trades placed in the period
- refunds: money that went back in the period, whenever it was paid
- late: orders whose promised moment fell into the period and that had not arrived by then
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from daji.kit.db import Session
from daji.kit.i18n import DEFAULT_ZONE
from daji.views.console_home import day_start

SQL_COUNTS = """
SELECT w.key,
       (SELECT count(*) FROM orders.trade t WHERE t.placed_at >= w.since AND t.placed_at < w.until) AS orders,
       (SELECT count(*) FROM orders.trade t WHERE t.placed_at >= w.since AND t.placed_at < w.until
           AND t.status IN ('confirmed', 'completed')) AS paid,
       (SELECT coalesce(sum(l.qty), 0)::bigint FROM orders.trade t JOIN orders."order" o ON o.trade_id = t.id
          JOIN orders.line l ON l.order_id = o.id
         WHERE t.placed_at >= w.since AND t.placed_at < w.until AND t.status IN ('confirmed', 'completed')) AS units,
       (SELECT count(*) FROM orders."order" o WHERE o.promised_by >= w.since AND o.promised_by < w.until
           AND o.status IN ('confirmed', 'completed') AND o.delivery NOT IN ('stopped', 'returned')
           AND (o.delivered_at IS NULL OR o.delivered_at > o.promised_by)) AS late
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS w(key, since, until)
"""
SQL_SUMS = """
SELECT w.key, 'gmv' AS figure, t.currency, sum(t.total + t.difference)::bigint AS amount
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS w(key, since, until)
  JOIN orders.trade t ON t.placed_at >= w.since AND t.placed_at < w.until AND t.status IN ('confirmed', 'completed')
 GROUP BY w.key, t.currency
UNION ALL
SELECT w.key, 'refunds', r.currency, sum(r.amount)::bigint
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS w(key, since, until)
  JOIN payments.refund r ON r.status = 'done' AND r.finished_at >= w.since AND r.finished_at < w.until
 GROUP BY w.key, r.currency
"""
SQL_HOURS = """
SELECT w.key, extract(hour FROM t.placed_at AT TIME ZONE $4)::int AS step, count(*) AS orders, t.currency,
       coalesce(sum(t.total + t.difference) FILTER (WHERE t.status IN ('confirmed', 'completed')), 0)::bigint AS gmv
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS w(key, since, until)
  JOIN orders.trade t ON t.placed_at >= w.since AND t.placed_at < w.until
 GROUP BY w.key, step, t.currency
"""
SQL_DAYS = """
SELECT (t.placed_at AT TIME ZONE $3)::date AS day, count(*) AS orders, t.currency,
       coalesce(sum(t.total + t.difference) FILTER (WHERE t.status IN ('confirmed', 'completed')), 0)::bigint AS gmv
  FROM orders.trade t WHERE t.placed_at >= $1 AND t.placed_at < $2 GROUP BY day, t.currency
"""

Key = Literal["today", "yesterday", "last_week"]
_BACK: tuple[tuple[Key, int], ...] = (("today", 0), ("yesterday", 1), ("last_week", 7))
DAYS = 30
_HOURS = 24
_DAY = timedelta(days=1)


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units of `currency`."""

    currency: str
    amount: int


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one period; `conversion` is `paid / orders`, None when nothing was ordered."""

    key: str
    since: datetime
    until: datetime
    orders: int
    paid: int
    conversion: float | None
    units: int
    late: int
    gmv: tuple[Amount, ...]
    refunds: tuple[Amount, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One hour (0 to 23) or one day (ISO date) of a curve; `gmv` in minor units of the overview's currency."""

    at: str
    orders: int
    gmv: int


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    steps: tuple[Step, ...]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Today until now beside the same hours of yesterday and of the same weekday last week.

    `currency` is the one with the most sales of the last thirty days: curves of money are in it.
    """

    at: datetime
    currency: str
    windows: tuple[Window, ...]
    hours: tuple[Curve, ...]
    days: tuple[Step, ...]


async def get_overview(session: Session, *, at: datetime) -> Overview:
    """Four statements."""
    begins = day_start(at)
    keys = [key for key, _ in _BACK]
    since = [begins - back * _DAY for _, back in _BACK]
    until = [at - back * _DAY for _, back in _BACK]
    counts = {row["key"]: row for row in await session.rows(SQL_COUNTS, keys, since, until)}
    sums: dict[tuple[str, str], list[Amount]] = defaultdict(list)
    for row in await session.rows(SQL_SUMS, keys, since, until):
        sums[row["key"], row["figure"]].append(Amount(currency=row["currency"], amount=row["amount"]))
    first = begins - (DAYS - 1) * _DAY
    days = [dict(row) for row in await session.rows(SQL_DAYS, first, begins + _DAY, DEFAULT_ZONE)]
    currency = _main_currency(days)
    ends = [begins + (1 - back) * _DAY for _, back in _BACK]
    hours = [dict(row) for row in await session.rows(SQL_HOURS, keys, since, ends, DEFAULT_ZONE)]
    return Overview(
        at=at,
        currency=currency,
        windows=tuple(
            Window(
                key=key,
                since=since[n],
                until=until[n],
                orders=counts[key]["orders"],
                paid=counts[key]["paid"],
                conversion=counts[key]["paid"] / counts[key]["orders"] if counts[key]["orders"] else None,
                units=counts[key]["units"],
                late=counts[key]["late"],
                gmv=_by_size(sums[key, "gmv"]),
                refunds=_by_size(sums[key, "refunds"]),
            )
            for n, key in enumerate(keys)
        ),
        hours=tuple(
            Curve(
                key=key, steps=_steps([row for row in hours if row["key"] == key], _hours(key, at), currency)
            )
            for key in keys
        ),
        days=_steps(
            [{**row, "step": row["day"].isoformat()} for row in days],
            [(first + n * _DAY).date().isoformat() for n in range(DAYS)],
            currency,
        ),
    )


def _hours(key: str, at: datetime) -> list[int]:
    """Hours of a day that have begun: a curve of today does not fall to zero where the day has not come yet."""
    last = (at - day_start(at)) // timedelta(hours=1) if key == "today" else _HOURS - 1
    return list(range(last + 1))


def _by_size(amounts: list[Amount]) -> tuple[Amount, ...]:
    return tuple(sorted(amounts, key=lambda one: (-one.amount, one.currency)))


def _main_currency(days: Sequence[Mapping[str, Any]]) -> str:
    counted: dict[str, int] = defaultdict(int)
    for row in days:
        counted[row["currency"]] += row["orders"]
    return max(counted, key=lambda one: (counted[one], one), default="CNY")


def _steps(rows: Sequence[Mapping[str, Any]], wanted: Sequence[int | str], currency: str) -> tuple[Step, ...]:
    orders: dict[object, int] = defaultdict(int)
    gmv: dict[object, int] = defaultdict(int)
    for row in rows:
        orders[row["step"]] += row["orders"]
        if row["currency"] == currency:
            gmv[row["step"]] += row["gmv"]
    return tuple(Step(at=str(one), orders=orders[one], gmv=gmv[one]) for one in wanted)
