"""How many orders a day brings, and at what time of day they come: pure functions of dates and a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SHOP_TIME = ZoneInfo("Asia/Shanghai")
SALE_FACTOR = 6
_GROWTH = (0.75, 1.3)
"""The first and the last day against the mean."""
_WEEK = (0.94, 0.9, 0.93, 0.97, 1.05, 1.18, 1.2)
"""Monday to Sunday."""
_HOURS = (
    *(14, 7, 4, 2, 2, 4, 9, 18, 30, 44, 52, 50),
    *(58, 50, 44, 44, 46, 44, 46, 56, 78, 92, 74, 38),
)
"""Midnight to midnight: the breakfast screen, the lunch break, and the sofa."""
_SALE_AFTER = 0.75
_NOISE = 0.1


def sale_day(until: datetime, days: int) -> date:
    """The one day of the history on which everything is cheaper."""
    return (until - timedelta(days=days - round(days * _SALE_AFTER))).astimezone(SHOP_TIME).date()


def moments(dice: Random, *, until: datetime, days: int, a_day: float) -> Iterator[datetime]:
    """When orders come in the `days` before `until`, day by day; `a_day` is their mean number but for the sale."""
    opened = until - timedelta(days=days)
    sale = sale_day(until, days)
    for n in range(days + 1):
        day = (opened + timedelta(days=n)).astimezone(SHOP_TIME).date()
        grown = _GROWTH[0] + (_GROWTH[1] - _GROWTH[0]) * n / days
        wanted = a_day * grown * _WEEK[day.weekday()] * (SALE_FACTOR if day == sale else 1)
        wanted *= max(dice.gauss(1.0, _NOISE), 0.5)
        for _ in range(int(wanted + dice.random())):
            at = _of_day(dice, day)
            if opened < at < until:
                yield at


def _of_day(dice: Random, day: date) -> datetime:
    (hour,) = dice.choices(range(24), weights=_HOURS)
    moment = time(hour, dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, moment, tzinfo=SHOP_TIME)


def next_of(at: datetime, hours: tuple[float, ...]) -> datetime:
    """The next of these hours of the day, local time, after `at`."""
    local = at.astimezone(SHOP_TIME)
    midnight = datetime.combine(local.date(), time(), tzinfo=SHOP_TIME)
    found = (midnight + timedelta(days=day, hours=hour) for day in (0, 1) for hour in hours)
    return next(moment for moment in found if moment > local)
